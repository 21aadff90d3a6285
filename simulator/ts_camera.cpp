// The vessel's pipeline and the KLV of its frames.
#include "simulator/ts_camera.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/glib/log.hpp"

#include <gst/app/gstappsrc.h>

namespace masthead::sim {

namespace {

constexpr klv::Tag kVmti = 74;

/// ST 0903 local set without key and length, as item 74 wants it: version (item 4) and frame number (item 7).
Bytes vmti(std::uint32_t frame) {
    constexpr std::uint8_t kVersionItem = 4, kFrameItem = 7, kVersion = 6;
    ByteWriter out;
    out.u8(kVersionItem);
    out.u8(1);
    out.u8(kVersion);
    out.u8(kFrameItem);
    out.u8(3);
    out.uint_be(frame & 0xffffff, 3);
    return out.release();
}

/// mpegtsmux wants a queue on both of its pads, or it stops when one waits for the other.
std::string ts_launch(const TsCamera::Options& options, const VideoOptions& video) {
    return camera_launch(video) +
           " ! h264parse config-interval=-1 ! queue ! mux. "
           "appsrc name=klv is-live=true format=time min-latency=0 caps=meta/x-klv,parsed=true ! queue ! "
           "mux. "
           "mpegtsmux name=mux alignment=7 ! udpsink sync=false async=false host=" +
           options.address + " port=" + std::to_string(options.port);
}

} // namespace

Result<Bytes> frame_klv(const Frame& frame) {
    klv::LocalSet set = to_local_set(frame.truth.sample);
    set.set_raw(kVmti, vmti(frame.index));
    return klv::encode(set);
}

Result<std::unique_ptr<TsCamera>> TsCamera::create(const Options& options, const CameraScene& scene,
                                                   std::function<void(const Error&)> failed) {
    if (auto there = check_elements({"appsrc", "x264enc", "mispsei", "h264parse", "mpegtsmux", "udpsink"});
        !there) {
        return tl::unexpected(there.error());
    }
    auto camera = std::make_unique<TsCamera>(Key{}, std::move(failed));
    GError* error = nullptr;
    camera->pipeline_ =
        Ref<GstElement>::sink(gst_parse_launch(ts_launch(options, scene.video).c_str(), &error));
    if (error) {
        return fail_from(error, "the camera's pipeline");
    }
    GstElement* pipeline = camera->pipeline_.get();
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
    camera->bus_watch_ = Owned<GSource>(gst_bus_create_watch(bus.get()));
    g_source_set_callback(camera->bus_watch_.get(), G_SOURCE_FUNC(on_message), camera.get(), nullptr);
    g_source_attach(camera->bus_watch_.get(), nullptr);
    if (gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        return fail(Code::unavailable, "the camera cannot be sent to udp " + options.address + " port " +
                                           std::to_string(options.port));
    }
    const auto video = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), "camera"));
    const auto klv = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), "klv"));
    camera->feed_ = std::make_unique<CameraFeed>(
        scene, video, [klv](const Frame& frame, GstClockTime pts, GstClockTime duration) {
            const auto packet = frame_klv(frame);
            if (!packet) {
                log(LogLevel::error, "a frame goes without KLV", {{"reason", packet.error().message}});
                return;
            }
            auto buffer = make_buffer(*packet);
            GST_BUFFER_PTS(buffer.get()) = pts;
            GST_BUFFER_DURATION(buffer.get()) = duration;
            gst_app_src_push_buffer(GST_APP_SRC(klv.get()), buffer.release());
        });
    return camera;
}

gboolean TsCamera::on_message(GstBus*, GstMessage* message, gpointer self) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        GError* error = nullptr;
        gst_message_parse_error(message, &error, nullptr);
        static_cast<TsCamera*>(self)->failed_(fail_from(error, "the camera's pipeline").value());
    }
    return G_SOURCE_CONTINUE;
}

TsCamera::~TsCamera() {
    if (pipeline_) {
        gst_element_set_state(pipeline_.get(), GST_STATE_NULL); // frees a feed that waits in a push
    }
    feed_.reset();
}

} // namespace masthead::sim
