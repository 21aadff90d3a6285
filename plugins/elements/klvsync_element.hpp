// klvsync's insides, shared by its two files: the element (pads, events, queries) and its frames.
//
// Threads: the video thread owns VideoState and drives both source pads; the KLV thread owns KlvState. They
// meet in the matcher. Locks: the object lock guards settings and counters; the matcher has a mutex of its
// own. Neither is taken under the other, and neither is held across a push, a query or a message.
#pragma once

#include "plugins/elements/arrival_clock.hpp"
#include "plugins/elements/klvsync_settings.hpp"
#include "plugins/elements/nal.hpp"
#include "plugins/glib/ref.hpp"

#include <gst/base/gstflowcombiner.h>

#include <memory>
#include <string>

GST_DEBUG_CATEGORY_EXTERN(klvsync_debug);

namespace masthead {

struct VideoState {
    GstSegment segment{};
    std::optional<nal::Format> format; // nothing for video without NAL units
    ArrivalClock clock;
    WaitSchedule schedule;
    bool klv_started = false;          // stream-start and caps went out on klv_src
    std::string stream_id = "klvsync"; // the video's
    guint group_id = GST_GROUP_ID_INVALID;
    GstClockTime position = 0; // of the last frame that had a time
    struct Told {
        MastheadTimeMethod time_method;
        Method value_method;
        GstClockTime position;
    };
    std::optional<Told> told; // what the last klv-sync message said
};

struct KlvState {
    GstSegment segment{};
    bool embedded = false;
};

struct KlvSyncState {
    VideoState video;
    KlvState klv;
    FrameMatcher matcher;

    explicit KlvSyncState(TrackLimits limits) : matcher(limits) {
        gst_segment_init(&video.segment, GST_FORMAT_TIME);
        gst_segment_init(&klv.segment, GST_FORMAT_TIME);
    }
};

struct FreeCombiner {
    void operator()(GstFlowCombiner* combiner) const noexcept { gst_flow_combiner_free(combiner); }
};

} // namespace masthead

struct MastheadKlvSync {
    GstElement parent;
    GstPad* sink; // owned by the element, like the others
    GstPad* klv_sink;
    GstPad* src;
    GstPad* klv_src;
    masthead::KlvSyncSettings settings;
    guint64 frames;
    guint64 frames_with_klv;
    std::unique_ptr<GstFlowCombiner, masthead::FreeCombiner> flow;
    std::unique_ptr<masthead::KlvSyncState> state; // made anew at each start; stays while data flows
};

namespace masthead {

[[nodiscard]] KlvSyncSettings klvsync_settings_of(MastheadKlvSync* self);
/// Matches one frame, pushes it and then its KLV or GAP. Video thread.
[[nodiscard]] GstFlowReturn klvsync_push_frame(MastheadKlvSync* self, Ref<GstBuffer> frame);
/// Stream-start and caps on klv_src, once. Video thread.
void klvsync_start_klv(MastheadKlvSync* self);

} // namespace masthead
