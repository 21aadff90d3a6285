#include "server/worker/frame_tap.hpp"

#include "plugins/glib/log.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include <algorithm>

namespace masthead::worker {

namespace {

constexpr guint64 kMostBytes = 16 << 20;
constexpr GstClockTime kMostTime = 2 * GST_SECOND;
constexpr GstClockTime kBetweenRequests = GST_SECOND;
constexpr GstClockTime kBetweenWarnings = 30 * GST_SECOND;

/// `time` of the sample's segment on the clock; GST_CLOCK_TIME_NONE where it has none.
GstClockTime on_clock(GstSample* sample, GstClockTime base_time, GstClockTime time) {
    const GstClockTime running =
        gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME, time);
    return GST_CLOCK_TIME_IS_VALID(running) ? running + base_time : GST_CLOCK_TIME_NONE;
}

bool is_key_frame(GstBuffer* frame) { return !GST_BUFFER_FLAG_IS_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT); }

} // namespace

/// Its frames belong to the thread that takes them.
struct FrameTap::Outlet {
    Ref<GstElement> source; // appsrc
    std::string name;
    bool waits = true;       // for a key frame
    bool is_late = false;    // because it was too slow
    GstClockTime warned = 0; // when it last was too slow

    [[nodiscard]] bool is_full() const {
        GstAppSrc* appsrc = GST_APP_SRC(source.get());
        return gst_app_src_get_current_level_bytes(appsrc) > kMostBytes ||
               gst_app_src_get_current_level_time(appsrc) > kMostTime;
    }

    void warn(GstClockTime now) {
        if (now > warned + kBetweenWarnings) {
            warned = now;
            log(LogLevel::warning, "an output is too slow and skips to the next key frame",
                {{"output", name}});
        }
    }

    /// True when it waits for a key frame that did not come.
    bool take(GstSample* sample, GstClockTime pts, GstClockTime dts) {
        GstBuffer* frame = gst_sample_get_buffer(sample);
        const GstClockTime base = gst_element_get_base_time(source.get());
        if (base == 0 || base > pts) { // does not play yet
            return false;
        }
        if (is_full()) {
            warn(pts);
            waits = is_late = true;
            return false; // a key frame would not help now
        }
        if (waits && !is_key_frame(frame)) {
            return true;
        }
        waits = is_late = false;
        const auto copy = Ref<GstBuffer>::adopt(gst_buffer_copy(frame));
        GST_BUFFER_PTS(copy.get()) = pts - base;
        GST_BUFFER_DTS(copy.get()) =
            GST_CLOCK_TIME_IS_VALID(dts) && dts >= base ? dts - base : GST_CLOCK_TIME_NONE;
        const auto timed =
            Ref<GstSample>::adopt(gst_sample_new(copy.get(), gst_sample_get_caps(sample), nullptr, nullptr));
        gst_app_src_push_sample(GST_APP_SRC(source.get()), timed.get());
        return false;
    }
};

FrameTap::Place FrameTap::join(Ref<GstElement> outlet, std::string name) {
    auto joined = std::make_shared<Outlet>(Outlet{.source = std::move(outlet), .name = std::move(name)});
    {
        const std::lock_guard lock(mutex_);
        outlets_.push_back(joined);
    }
    return {static_cast<void*>(this), [tap = weak_from_this(), joined](void*) {
                if (const auto self = tap.lock()) {
                    const std::lock_guard lock(self->mutex_);
                    std::erase(self->outlets_, joined);
                }
            }};
}

bool FrameTap::take(GstSample* sample, GstClockTime base_time) {
    GstBuffer* frame = gst_sample_get_buffer(sample);
    const GstClockTime pts = frame ? on_clock(sample, base_time, GST_BUFFER_PTS(frame)) : GST_CLOCK_TIME_NONE;
    if (!GST_CLOCK_TIME_IS_VALID(pts)) {
        return false;
    }
    const GstClockTime dts = on_clock(sample, base_time, GST_BUFFER_DTS(frame));
    std::vector<std::shared_ptr<Outlet>> outlets;
    {
        const std::lock_guard lock(mutex_);
        outlets = outlets_;
    }
    bool key_frame_wanted = false;
    for (const auto& outlet : outlets) {
        key_frame_wanted |= outlet->take(sample, pts, dts);
        if (outlet->is_late) {
            const std::lock_guard lock(mutex_);
            ++dropped_frames_[outlet->name];
        }
    }
    return key_frame_wanted;
}

std::map<std::string, std::uint64_t> FrameTap::dropped_frames() const {
    const std::lock_guard lock(mutex_);
    return dropped_frames_;
}

FrameTaps taps_of(const Recipe& recipe) {
    FrameTaps taps;
    for (const Restream& output : recipe.restream) {
        taps.try_emplace(output.rendition, std::make_shared<FrameTap>());
    }
    if (recipe.record) {
        taps.try_emplace(recipe.record->rendition, std::make_shared<FrameTap>());
    }
    return taps;
}

namespace {

/// Lives as long as the appsink.
struct Feeder {
    std::shared_ptr<FrameTap> tap;
    GstClockTime asked = 0;

    void take(GstAppSink* sink, GstSample* sample) {
        const GstClockTime base = gst_element_get_base_time(GST_ELEMENT(sink));
        const GstClockTime now = static_cast<GstClockTime>(g_get_monotonic_time()) * GST_USECOND;
        if (tap->take(sample, base) && now > asked + kBetweenRequests) {
            asked = now;
            // An encoder of ours makes one; a camera's own come when they come.
            gst_element_send_event(GST_ELEMENT(sink),
                                   gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
        }
    }
};

} // namespace

void feed_tap(GstElement* appsink, std::shared_ptr<FrameTap> tap) {
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink* sink, gpointer data) {
        const auto sample = Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(sink, 0));
        if (sample) {
            static_cast<Feeder*>(data)->take(sink, sample.get());
        }
        return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(
        GST_APP_SINK(appsink), &callbacks, std::make_unique<Feeder>(Feeder{std::move(tap)}).release(),
        [](gpointer data) { const std::unique_ptr<Feeder> owned(static_cast<Feeder*>(data)); });
}

} // namespace masthead::worker
