#include "server/worker/rtsp_output.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/signal.hpp"
#include "server/worker/ts_output.hpp"

namespace masthead::worker {

namespace {

/// Lets the stream's pipeline take frames for as long as it lives.
void feed(GstRTSPMedia* media, FrameTap& tap, const std::string& name) {
    const auto bin = Ref<GstElement>::adopt(gst_rtsp_media_get_element(media));
    auto frames = Ref<GstElement>::adopt(gst_bin_get_by_name_recurse_up(GST_BIN(bin.get()), "frames"));
    gst_rtsp_media_set_rate_control(media, FALSE); // live: each frame goes as it comes
    g_object_set_data_full(
        G_OBJECT(media), "masthead-frames",
        std::make_unique<FrameTap::Place>(tap.join(std::move(frames), name)).release(), [](gpointer place) {
            const std::unique_ptr<FrameTap::Place> owned(static_cast<FrameTap::Place*>(place));
        });
}

/// Floating no more; `tap` is kept by its signal.
Ref<GstRTSPMediaFactory> make_factory(const std::string& name, std::shared_ptr<FrameTap> tap) {
    auto factory = Ref<GstRTSPMediaFactory>::adopt(gst_rtsp_media_factory_new());
    const std::string launch = std::string("( ") + kTsLaunch + "rtpmp2tpay name=pay0 pt=33 )";
    gst_rtsp_media_factory_set_launch(factory.get(), launch.c_str());
    gst_rtsp_media_factory_set_shared(factory.get(), TRUE);
    gst_rtsp_media_factory_set_protocols(
        factory.get(), static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP));
    const auto clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
    gst_rtsp_media_factory_set_clock(factory.get(), clock.get());
    connect<GstRTSPMedia*>(factory.get(), "media-configure",
                           [tap = std::move(tap), name](GstRTSPMedia* media) { feed(media, *tap, name); });
    return factory;
}

guint clients_of(GstRTSPServer* server) {
    GList* clients = gst_rtsp_server_client_filter(server, nullptr, nullptr);
    const guint count = g_list_length(clients);
    g_list_free_full(clients, g_object_unref);
    return count;
}

void limit_clients(GstRTSPServer* server, guint most, const std::string& name) {
    const auto pool = Ref<GstRTSPSessionPool>::adopt(gst_rtsp_server_get_session_pool(server));
    gst_rtsp_session_pool_set_max_sessions(pool.get(), most);
    connect<GstRTSPClient*>(server, "client-connected", [server, most, name](GstRTSPClient* client) {
        if (clients_of(server) > most) {
            log(LogLevel::warning, "an RTSP client is sent away: there are as many as the output takes",
                {{"output", name}, {"clients", std::to_string(most)}});
            gst_rtsp_client_close(client);
        }
    });
}

} // namespace

Result<std::unique_ptr<RtspOutput>> RtspOutput::create(const Restream& output, std::shared_ptr<FrameTap> tap,
                                                       GMainContext* context) {
    const auto& mount = std::get<RtspMount>(output.target);
    auto made = std::unique_ptr<RtspOutput>(new RtspOutput());
    made->server_ = Ref<GstRTSPServer>::adopt(gst_rtsp_server_new());
    GstRTSPServer* server = made->server_.get();
    gst_rtsp_server_set_address(server, mount.address.c_str());
    gst_rtsp_server_set_service(server, std::to_string(mount.port).c_str());
    const auto mounts = Ref<GstRTSPMountPoints>::adopt(gst_rtsp_server_get_mount_points(server));
    gst_rtsp_mount_points_add_factory(mounts.get(), mount.path.c_str(),
                                      make_factory(output.name, std::move(tap)).release());
    limit_clients(server, static_cast<guint>(mount.max_clients), output.name);
    GError* raw = nullptr;
    made->listening_.reset(gst_rtsp_server_create_source(server, nullptr, &raw));
    if (!made->listening_) {
        return fail_from(raw, shown(output) + " cannot be served; each output needs a port of its own");
    }
    g_source_attach(made->listening_.get(), context);
    const auto pool = Ref<GstRTSPSessionPool>::adopt(gst_rtsp_server_get_session_pool(server));
    made->tidying_.reset(gst_rtsp_session_pool_create_watch(pool.get()));
    const GstRTSPSessionPoolFunc tidy = [](GstRTSPSessionPool* sessions, gpointer) -> gboolean {
        gst_rtsp_session_pool_cleanup(sessions);
        return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(made->tidying_.get(), G_SOURCE_FUNC(tidy), nullptr, nullptr);
    g_source_attach(made->tidying_.get(), context);
    return made;
}

RtspOutput::~RtspOutput() {
    listening_.reset();
    tidying_.reset();
    const auto remove = [](GstRTSPServer*, GstRTSPClient*, gpointer) { return GST_RTSP_FILTER_REMOVE; };
    gst_rtsp_server_client_filter(server_.get(), remove, nullptr);
}

} // namespace masthead::worker
