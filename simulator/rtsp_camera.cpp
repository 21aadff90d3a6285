// The RTSP server: a shared media on demand, each with a feed of its own.
#include "simulator/rtsp_camera.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"

#include <memory>
#include <mutex>

namespace masthead::sim {

namespace {

/// One prepared RTSP media: its feed starts when the appsrc first asks for data (the pipeline has its clock
/// then) and ends when the media is unprepared (its pipeline has stopped then).
struct MediaFeed {
    CameraScene scene;
    std::mutex mutex;
    std::unique_ptr<CameraFeed> feed; // under the mutex
};

/// Frees what a signal's closure owns.
template <typename T>
void drop(gpointer data, GClosure*) {
    const std::unique_ptr<T> owned(static_cast<T*>(data));
}

void on_need_data(GstElement* source, guint, gpointer data) {
    auto* media = static_cast<MediaFeed*>(data);
    const std::lock_guard lock(media->mutex);
    if (!media->feed) {
        media->feed = std::make_unique<CameraFeed>(media->scene, Ref<GstElement>::share(source));
    }
}

void on_unprepared(GstRTSPMedia*, gpointer data) {
    auto* media = static_cast<MediaFeed*>(data);
    const std::lock_guard lock(media->mutex);
    media->feed.reset();
    log(LogLevel::info, "nobody watches the camera any more");
}

void on_configure(GstRTSPMediaFactory*, GstRTSPMedia* media, gpointer data) {
    const auto bin = Ref<GstElement>::adopt(gst_rtsp_media_get_element(media));
    const auto source = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "camera"));
    auto feed = std::make_unique<MediaFeed>();
    feed->scene = *static_cast<const CameraScene*>(data);
    // The media outlives its source, so the second closure is the owner.
    g_signal_connect(source.get(), "need-data", G_CALLBACK(on_need_data), feed.get());
    g_signal_connect_data(media, "unprepared", G_CALLBACK(on_unprepared), feed.release(), drop<MediaFeed>,
                          GConnectFlags(0));
    log(LogLevel::info, "a viewer opens the camera");
}

Ref<GstRTSPMediaFactory> make_factory(const CameraScene& scene) {
    auto factory = Ref<GstRTSPMediaFactory>::adopt(gst_rtsp_media_factory_new());
    const std::string launch =
        "( " + camera_launch(scene.video) +
        " ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 aggregate-mode=zero-latency )";
    gst_rtsp_media_factory_set_launch(factory.get(), launch.c_str());
    gst_rtsp_media_factory_set_shared(factory.get(), TRUE);
    gst_rtsp_media_factory_set_latency(factory.get(), 0);
    gst_rtsp_media_factory_set_protocols(
        factory.get(), static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP));
    g_signal_connect_data(factory.get(), "media-configure", G_CALLBACK(on_configure),
                          std::make_unique<CameraScene>(scene).release(), drop<CameraScene>,
                          GConnectFlags(0));
    return factory;
}

} // namespace

Result<RtspCamera> RtspCamera::create(const Options& options, const CameraScene& scene) {
    if (auto there = check_elements({"appsrc", "x264enc", "mispsei", "h264parse", "rtph264pay"}); !there) {
        return tl::unexpected(there.error());
    }
    RtspCamera camera;
    camera.server_ = Ref<GstRTSPServer>::adopt(gst_rtsp_server_new());
    gst_rtsp_server_set_address(camera.server_.get(), options.address.c_str());
    gst_rtsp_server_set_service(camera.server_.get(), std::to_string(options.port).c_str());
    const auto mounts =
        Ref<GstRTSPMountPoints>::adopt(gst_rtsp_server_get_mount_points(camera.server_.get()));
    gst_rtsp_mount_points_add_factory(mounts.get(), "/camera", make_factory(scene).release());

    GError* error = nullptr;
    camera.source_ = Owned<GSource>(gst_rtsp_server_create_source(camera.server_.get(), nullptr, &error));
    if (!camera.source_) {
        return fail_from(error, "the camera cannot be served by RTSP at " + options.address + " port " +
                                    std::to_string(options.port) + " (--rtsp-port chooses another)");
    }
    g_source_attach(camera.source_.get(), nullptr);
    return camera;
}

RtspCamera::~RtspCamera() {
    if (server_) {
        gst_rtsp_server_client_filter(
            server_.get(), [](GstRTSPServer*, GstRTSPClient*, gpointer) { return GST_RTSP_FILTER_REMOVE; },
            nullptr);
    }
}

int RtspCamera::port() const { return gst_rtsp_server_get_bound_port(server_.get()); }

} // namespace masthead::sim
