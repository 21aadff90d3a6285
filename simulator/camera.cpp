// Frame pacing, the encoder's launch text, and the thread that feeds it.
#include "simulator/camera.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/glib/log.hpp"

#include <gst/app/gstappsrc.h>

#include <algorithm>
#include <chrono>

namespace masthead::sim {

namespace {

/// A vehicle as something to look at.
Landmark landmark_of(const Vehicle& vehicle, Utc t) {
    const Truth truth = vehicle.at(t);
    return {truth.at, 12, 14, {215, 110, 165}};
}

/// The running time at which `mono_us` of the monotonic clock is; nothing while the element has no clock or
/// for instants before the pipeline started.
std::optional<GstClockTime> running_time(GstElement* element, std::int64_t mono_us) {
    const auto clock = Ref<GstClock>::adopt(gst_element_get_clock(element));
    if (!clock) {
        return std::nullopt;
    }
    const auto now_ns = static_cast<std::int64_t>(gst_clock_get_time(clock.get()));
    const std::int64_t since_ns = (g_get_monotonic_time() - mono_us) * 1000;
    const std::int64_t running_ns =
        now_ns - since_ns - static_cast<std::int64_t>(gst_element_get_base_time(element));
    return running_ns < 0 ? std::nullopt : std::optional(static_cast<GstClockTime>(running_ns));
}

} // namespace

Utc frame_time(Utc start, std::int64_t index, const VideoOptions& options) {
    return start + std::chrono::microseconds(index * 1'000'000 * options.rate_den / options.rate_num);
}

FrameMaker::FrameMaker(CameraScene scene)
    : scene_(std::move(scene)), picture_(scene_.video.width, scene_.video.height) {}

Ref<GstBuffer> FrameMaker::make(std::uint32_t index, Utc t, Frame& frame) {
    frame.index = index;
    frame.truth = scene_.self->at(t);
    std::vector<Landmark> things(landmarks().begin(), landmarks().end());
    if (scene_.other) {
        things.push_back(landmark_of(*scene_.other, t));
    }
    draw_world(picture_, frame.truth, things);
    draw_barcode(picture_.luma(), {index, t}, scene_.video.cell_px);
    auto buffer = make_buffer(std::as_bytes(std::span(picture_.bytes)));
    const auto reference = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("timestamp/x-unix"));
    gst_buffer_add_reference_timestamp_meta(buffer.get(), reference.get(),
                                            static_cast<GstClockTime>(t.us) * 1000, GST_CLOCK_TIME_NONE);
    return buffer;
}

std::string camera_launch(const VideoOptions& options) {
    const int gop = options.gop_frames > 0
                        ? options.gop_frames
                        : std::max(1, (options.rate_num + options.rate_den / 2) / options.rate_den);
    const auto text = [](int number) { return std::to_string(number); };
    // block: when the encoder falls behind, the feed waits and then leaves frames out, rather than queueing
    // old ones.
    std::string launch =
        "appsrc name=camera is-live=true format=time min-latency=0 max-buffers=2 max-bytes=0 block=true "
        "caps=video/x-raw,format=I420,width=" +
        text(options.width) + ",height=" + text(options.height) + ",framerate=" + text(options.rate_num) +
        "/" + text(options.rate_den) +
        ",colorimetry=bt709,pixel-aspect-ratio=1/1 ! x264enc name=encoder speed-preset=superfast threads=1 "
        "option-string=scenecut=0 bitrate=" +
        text(options.bitrate_kbps) + " key-int-max=" + text(gop) + " bframes=" + text(options.b_frames);
    // zerolatency would switch B-frames off again.
    launch += options.b_frames == 0 ? " tune=zerolatency" : " rc-lookahead=0 sync-lookahead=0 b-adapt=false";
    launch +=
        " ! video/x-h264,stream-format=byte-stream,alignment=au,profile=" + options.profile + " ! mispsei";
    return launch;
}

Result<void> check_elements(std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (!Ref<GstElementFactory>::adopt(gst_element_factory_find(name))) {
            return fail(
                Code::not_found,
                "the GStreamer element '" + std::string(name) +
                    "' is not there; install its plugin, or add the folder of Masthead's to GST_PLUGIN_PATH");
        }
    }
    return {};
}

CameraFeed::CameraFeed(CameraScene scene, Ref<GstElement> source, AfterFrame after_frame)
    : scene_(std::move(scene)), maker_(scene_), source_(std::move(source)),
      after_frame_(std::move(after_frame)), thread_([this] { run(); }) {}

CameraFeed::~CameraFeed() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

/// False when the feed is to stop.
bool CameraFeed::wait_until(std::int64_t mono_us) {
    std::unique_lock lock(mutex_);
    const auto wait = std::chrono::microseconds(mono_us - g_get_monotonic_time());
    return !changed_.wait_for(lock, wait, [this] { return stopping_; });
}

void CameraFeed::run() {
    const VideoOptions& video = scene_.video;
    const SimClock& clock = scene_.clock;
    const double period_us = 1e6 * video.rate_den / video.rate_num;
    const GstClockTime duration = gst_util_uint64_scale(GST_SECOND, video.rate_den, video.rate_num);
    const auto index_after = [&](Utc t) {
        return static_cast<std::int64_t>(static_cast<double>((t - clock.start).count()) / period_us) + 1;
    };
    std::int64_t index = index_after(clock.now());
    Frame frame;
    for (;;) {
        const Utc t = frame_time(clock.start, index, video);
        if (!wait_until(clock.mono_us_at(t))) {
            return;
        }
        const auto late_us = static_cast<double>((clock.now() - t).count());
        const auto pts = running_time(source_.get(), clock.mono_us_at(t));
        if (late_us < period_us && pts) {
            auto buffer = maker_.make(static_cast<std::uint32_t>(index), t, frame);
            GST_BUFFER_PTS(buffer.get()) = *pts;
            GST_BUFFER_DURATION(buffer.get()) = duration;
            if (gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer.release()) != GST_FLOW_OK) {
                return; // the pipeline is going down
            }
            if (after_frame_) {
                after_frame_(frame, *pts, duration);
            }
        }
        index = std::max(index + 1, index_after(clock.now()) - 1);
    }
}

} // namespace masthead::sim
