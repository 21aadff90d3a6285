#include "simulator/recording_camera.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/glib/error.hpp"
#include "plugins/recording/file_writer.hpp"
#include "simulator/ts_camera.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <map>

namespace masthead::sim {

namespace {

constexpr ts::Ticks kFirstPts = 10 * 90'000;
constexpr int kStepsOfProgress = 10;

/// What goes with the frames that are being encoded, by PTS.
struct Pending {
    Utc time;
    Bytes klv;
};

class Recording {
  public:
    Recording(const RecordingOptions& options, const CameraScene& scene)
        : scene_(scene), maker_(scene),
          recorder_(
              {.folder = options.folder, .longest = static_cast<ts::Ticks>(options.file_seconds) * 90'000}) {}

    Result<void> run(std::int64_t frames) {
        if (auto there = check_elements({"appsrc", "x264enc", "mispsei", "h264parse", "appsink"}); !there) {
            return there;
        }
        GError* error = nullptr;
        const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(
            (camera_launch(scene_.video) +
             " ! h264parse config-interval=-1 ! "
             "video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=out sync=false")
                .c_str(),
            &error));
        if (!pipeline) {
            return fail_from(error, "the recorder's pipeline");
        }
        const auto source = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "camera"));
        const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
        Result<void> done;
        for (std::int64_t index = 0; index < frames && done; ++index) {
            done = push(source.get(), index).and_then([&] { return take(sink.get(), false); });
            if ((index + 1) * kStepsOfProgress / frames > index * kStepsOfProgress / frames) {
                std::fprintf(stderr, "%lld of %lld frames\n", static_cast<long long>(index + 1),
                             static_cast<long long>(frames));
            }
        }
        gst_app_src_end_of_stream(GST_APP_SRC(source.get()));
        if (done) {
            done = take(sink.get(), true).and_then([this] { return recorder_.finish(); });
        }
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
        return done;
    }

  private:
    Result<void> push(GstElement* source, std::int64_t index) {
        const Utc time = frame_time(scene_.clock.start, index, scene_.video);
        Frame frame;
        auto buffer = maker_.make(static_cast<std::uint32_t>(index), time, frame);
        auto klv = frame_klv(frame);
        if (!klv) {
            return tl::unexpected(klv.error());
        }
        const GstClockTime pts = gst_util_uint64_scale(static_cast<guint64>(index) * GST_SECOND,
                                                       static_cast<guint64>(scene_.video.rate_den),
                                                       static_cast<guint64>(scene_.video.rate_num));
        GST_BUFFER_PTS(buffer.get()) = pts;
        pending_.emplace(pts, Pending{time, *std::move(klv)});
        const auto flow = gst_app_src_push_buffer(GST_APP_SRC(source), buffer.release());
        return flow == GST_FLOW_OK ? Result<void>() : fail(Code::internal, "the encoder gave up");
    }

    /// What is encoded by now; at the end all of it.
    Result<void> take(GstElement* sink, bool all) {
        const GstClockTime patience = all ? 10 * GST_SECOND : 0;
        while (auto sample =
                   Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(sink), patience))) {
            if (auto written =
                    write(gst_sample_get_buffer(sample.get()), *gst_sample_get_segment(sample.get()));
                !written) {
                return written;
            }
        }
        return {};
    }

    Result<void> write(GstBuffer* buffer, const GstSegment& segment) {
        const auto ticks = [&](GstClockTime time) {
            return kFirstPts + gst_util_uint64_scale_round(
                                   gst_segment_to_running_time(&segment, GST_FORMAT_TIME, time), 9, 100'000);
        };
        const GstClockTime pts =
            gst_segment_to_running_time(&segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
        auto pending = pending_.extract(pts);
        if (!pending) {
            return fail(Code::internal, "the encoder gave a frame that was not put in");
        }
        const BufferMap map(buffer);
        recording::Frame frame{.pts = ticks(GST_BUFFER_PTS(buffer)),
                               .key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT),
                               .header = {},
                               .access_unit = map.bytes(),
                               .klv = pending.mapped().klv};
        if (GST_BUFFER_DTS_IS_VALID(buffer) && GST_BUFFER_DTS(buffer) != GST_BUFFER_PTS(buffer)) {
            frame.dts = ticks(GST_BUFFER_DTS(buffer));
        }
        frame.header.time_method = FrameTimeMethod::sei;
        frame.header.value_method = FrameValueMethod::measured;
        frame.header.utc_us = static_cast<std::uint64_t>(pending.mapped().time.us);
        return recorder_.take(frame);
    }

    CameraScene scene_;
    FrameMaker maker_;
    recording::Recorder recorder_;
    std::map<GstClockTime, Pending> pending_;
};

} // namespace

Result<void> record_camera(const RecordingOptions& options, const CameraScene& scene, std::int64_t frames) {
    return Recording(options, scene).run(frames);
}

} // namespace masthead::sim
