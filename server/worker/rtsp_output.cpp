#include "server/worker/rtsp_output.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/signal.hpp"
#include "server/worker/ts_output.hpp"

#include <atomic>

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
    gst_rtsp_media_factory_set_launch(factory.get(), rtsp_launch().c_str());
    gst_rtsp_media_factory_set_shared(factory.get(), TRUE);
    gst_rtsp_media_factory_set_protocols(
        factory.get(), static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP));
    const auto clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
    gst_rtsp_media_factory_set_clock(factory.get(), clock.get());
    connect<GstRTSPMedia*>(factory.get(), "media-configure",
                           [tap = std::move(tap), name](GstRTSPMedia* media) { feed(media, *tap, name); });
    return factory;
}

constexpr const char* kUnwanted = "masthead-unwanted"; // marks on clients
constexpr const char* kSuspected = "masthead-suspected";
constexpr guint kBetweenChecks_ms = 1000;

/// Marks those who come while there are as many as the output takes.
void limit_clients(GstRTSPServer* server, guint most, const std::string& name) {
    const auto pool = Ref<GstRTSPSessionPool>::adopt(gst_rtsp_server_get_session_pool(server));
    gst_rtsp_session_pool_set_max_sessions(pool.get(), most);
    const auto count = std::make_shared<std::atomic<guint>>(0);
    connect<GstRTSPClient*>(server, "client-connected", [count, most, name](GstRTSPClient* client) {
        connect<>(client, "closed", [count] { --*count; });
        if (++*count > most) {
            log(LogLevel::warning, "an RTSP client is sent away: there are as many as the output takes",
                {{"output", name}, {"clients", std::to_string(most)}});
            g_object_set_data(G_OBJECT(client), kUnwanted, client);
        }
    });
}

/// Whether `session` plays a stream that no longer sends to it: the library gives up on a client that has not
/// read for 10 s, but keeps the connection and says nothing.
bool is_given_up(GstRTSPSessionMedia* session) {
    GstRTSPStreamTransport* transport = gst_rtsp_session_media_get_transport(session, 0);
    if (!transport || gst_rtsp_session_media_get_rtsp_state(session) != GST_RTSP_STATE_PLAYING) {
        return false;
    }
    GstRTSPStream* stream = gst_rtsp_media_get_stream(gst_rtsp_session_media_get_media(session), 0);
    GList* served = gst_rtsp_stream_transport_filter(stream, nullptr, nullptr);
    const bool is_served = g_list_find(served, transport) != nullptr;
    g_list_free_full(served, g_object_unref);
    return !is_served;
}

bool is_given_up(GstRTSPClient* client) {
    bool given_up = false;
    const auto look_at_session = [](GstRTSPClient*, GstRTSPSession* session, gpointer found) {
        const auto look_at_media = [](GstRTSPSession*, GstRTSPSessionMedia* media, gpointer flag) {
            *static_cast<bool*>(flag) |= is_given_up(media);
            return GST_RTSP_FILTER_KEEP;
        };
        gst_rtsp_session_filter(session, look_at_media, found);
        return GST_RTSP_FILTER_KEEP;
    };
    gst_rtsp_client_session_filter(client, look_at_session, &given_up);
    return given_up;
}

/// A client that begins or ends may look given up for a moment: it is when it looks so twice.
bool is_cut_off(GstRTSPClient* client) {
    const bool given_up = is_given_up(client);
    const bool before = g_object_get_data(G_OBJECT(client), kSuspected) != nullptr;
    g_object_set_data(G_OBJECT(client), kSuspected, given_up ? client : nullptr);
    return given_up && before;
}

/// Ends what is to end: sessions that timed out, clients that are too many or do not read.
gboolean tidy(gpointer data) {
    auto* server = static_cast<GstRTSPServer*>(data);
    const auto pool = Ref<GstRTSPSessionPool>::adopt(gst_rtsp_server_get_session_pool(server));
    gst_rtsp_session_pool_cleanup(pool.get());
    const auto look_at = [](GstRTSPServer*, GstRTSPClient* client, gpointer) {
        const bool cut_off = is_cut_off(client);
        if (cut_off) {
            log(LogLevel::warning, "an RTSP client that does not read is cut off");
        }
        return cut_off || g_object_get_data(G_OBJECT(client), kUnwanted) ? GST_RTSP_FILTER_REMOVE
                                                                         : GST_RTSP_FILTER_KEEP;
    };
    gst_rtsp_server_client_filter(server, look_at, nullptr);
    return G_SOURCE_CONTINUE;
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
    made->tidying_.reset(g_timeout_source_new(kBetweenChecks_ms));
    g_source_set_callback(made->tidying_.get(), tidy, server, nullptr);
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
