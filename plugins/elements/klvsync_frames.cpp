// klvsync's video thread: a frame's times, its metadata, and what leaves on both pads.
#include "plugins/elements/klvsync_element.hpp"
#include "plugins/elements/meta/frame_meta.hpp"
#include "plugins/elements/reference_time.hpp"
#include "plugins/glib/buffer.hpp"
#include "plugins/glib/sei_meta.hpp"

#include <algorithm>

#define GST_CAT_DEFAULT klvsync_debug

namespace masthead {

namespace {

constexpr guint8 kKeyFrame = 1;
constexpr guint8 kClockUnlocked = 2;
constexpr GstClockTime kBetweenMessages = GST_SECOND;

const char* name_of(MastheadTimeMethod method) {
    switch (method) {
    case MASTHEAD_TIME_METHOD_SEI: return "sei";
    case MASTHEAD_TIME_METHOD_RTCP: return "rtcp";
    case MASTHEAD_TIME_METHOD_KLV: return "klv";
    case MASTHEAD_TIME_METHOD_ARRIVAL: return "arrival";
    case MASTHEAD_TIME_METHOD_NONE: break;
    }
    return "none";
}

const char* name_of(Method method) {
    switch (method) {
    case Method::measured: return "measured";
    case Method::interpolated: return "interpolated";
    case Method::extrapolated: return "extrapolated";
    case Method::none: break;
    }
    return "none";
}

/// From the access unit's own bytes, else from the metas that parsers and decoders leave.
std::optional<klv::SeiTime> sei_time_of(GstBuffer* buffer, const std::optional<nal::Format>& format) {
    if (format) {
        const BufferMap map(buffer);
        return nal::find_misp_time(map.bytes(), *format);
    }
    return first_sei(buffer, klv::decode_sei_payload);
}

FrameTimes times_of(MastheadKlvSync* self, GstBuffer* frame) {
    VideoState& video = self->state->video;
    FrameTimes times;
    if (video.segment.format == GST_FORMAT_TIME) {
        times.running = gst_segment_to_running_time(&video.segment, GST_FORMAT_TIME, GST_BUFFER_PTS(frame));
    }
    if (GST_CLOCK_TIME_IS_VALID(times.running)) {
        times.arrival = video.clock.utc_at(GST_ELEMENT(self), times.running);
    }
    times.sei = sei_time_of(frame, video.format);
    times.reference = reference_time_of(frame);
    if (GST_BUFFER_DURATION_IS_VALID(frame) && GST_BUFFER_DURATION(frame) > 0) {
        times.duration = std::chrono::microseconds(GST_BUFFER_DURATION(frame) / GST_USECOND);
    }
    return times;
}

std::uint32_t clamp_u32(std::int64_t value) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, G_MAXUINT32));
}

/// When the wait for this frame ends; `now` where there is nothing to wait for.
FrameMatcher::Deadline deadline_of(MastheadKlvSync* self, GstBuffer* frame, GstClockTime running,
                                   std::chrono::milliseconds max_wait) {
    const auto now = std::chrono::steady_clock::now();
    if (max_wait.count() == 0 || !GST_CLOCK_TIME_IS_VALID(running) || !gst_pad_is_linked(self->klv_sink)) {
        return now;
    }
    const std::chrono::nanoseconds pts(static_cast<std::int64_t>(running));
    std::chrono::nanoseconds ahead{0};
    if (GST_BUFFER_DTS_IS_VALID(frame) && GST_BUFFER_DTS(frame) < GST_BUFFER_PTS(frame)) {
        ahead = std::chrono::nanoseconds(GST_BUFFER_PTS(frame) - GST_BUFFER_DTS(frame));
    }
    return self->state->video.schedule.deadline(pts, pts - ahead, max_wait, now);
}

void attach(GstBuffer* frame, const MatchedFrame& matched) {
    MastheadFrameMeta* meta = masthead_buffer_get_frame_meta(frame);
    if (!meta) {
        meta = masthead_buffer_add_frame_meta(frame);
    }
    g_clear_pointer(&meta->klv, g_bytes_unref);
    const bool key_frame = !GST_BUFFER_FLAG_IS_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT);
    const bool unlocked = matched.capture && !matched.capture->locked;
    meta->flags = static_cast<guint8>((key_frame ? kKeyFrame : 0) | (unlocked ? kClockUnlocked : 0));
    meta->time_method = MASTHEAD_TIME_METHOD_NONE;
    meta->value_method = 0;
    meta->utc_us = 0;
    if (const auto& capture = matched.capture) {
        meta->time_method = static_cast<guint8>(capture->method);
        meta->utc_us = static_cast<guint64>(std::max<std::int64_t>(capture->utc.us, 0));
        meta->time_error_us = clamp_u32(capture->error.count());
    }
    if (const auto& klv = matched.klv) {
        meta->value_method = static_cast<guint8>(klv->method);
        meta->klv = g_bytes_new(klv->bytes.data(), klv->bytes.size());
        meta->age_ms = clamp_u32(klv->age.count() / 1000);
        meta->position_error_m = static_cast<gfloat>(klv->error.position_m);
        meta->altitude_error_m = static_cast<gfloat>(klv->error.altitude_m);
        meta->angle_error_deg = static_cast<gfloat>(klv->error.angle_deg);
        meta->speed_error_mps = static_cast<gfloat>(klv->error.speed_mps);
    }
}

/// Tells the application how frames get their time and values, when that changes; at most once a second where
/// only the values' method goes to and fro.
void tell(MastheadKlvSync* self, const MatchedFrame& matched) {
    VideoState& video = self->state->video;
    const auto time_method = matched.capture ? matched.capture->method : MASTHEAD_TIME_METHOD_NONE;
    const auto value_method = matched.klv ? matched.klv->method : Method::none;
    if (video.told && video.told->time_method == time_method) {
        const bool recent = video.position < video.told->position + kBetweenMessages &&
                            video.position >= video.told->position;
        if (video.told->value_method == value_method || recent) {
            return;
        }
    }
    video.told = {time_method, value_method, video.position};
    GstStructure* structure =
        gst_structure_new("klv-sync", "time-method", G_TYPE_STRING, name_of(time_method), "value-method",
                          G_TYPE_STRING, name_of(value_method), nullptr);
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), structure));
}

void count(MastheadKlvSync* self, bool with_klv) {
    GST_OBJECT_LOCK(self);
    ++self->frames;
    self->frames_with_klv += with_klv ? 1 : 0;
    GST_OBJECT_UNLOCK(self);
}

/// Exactly one KLV buffer or one GAP for a frame.
GstFlowReturn push_klv(MastheadKlvSync* self, const MatchedFrame& matched, GstClockTime duration) {
    const GstClockTime position = self->state->video.position;
    if (!matched.klv) {
        gst_pad_push_event(self->klv_src, gst_event_new_gap(position, duration));
        return GST_FLOW_OK;
    }
    auto buffer = make_buffer(matched.klv->bytes);
    GST_BUFFER_PTS(buffer.get()) = position;
    GST_BUFFER_DURATION(buffer.get()) = duration;
    return gst_pad_push(self->klv_src, buffer.release());
}

} // namespace

void klvsync_start_klv(MastheadKlvSync* self) {
    VideoState& video = self->state->video;
    if (std::exchange(video.klv_started, true)) {
        return;
    }
    GstEvent* start = gst_event_new_stream_start((video.stream_id + "/klv").c_str());
    if (video.group_id != GST_GROUP_ID_INVALID) {
        gst_event_set_group_id(start, video.group_id);
    }
    gst_pad_push_event(self->klv_src, start);
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_pad_template_caps(self->klv_src));
    gst_pad_push_event(self->klv_src, gst_event_new_caps(caps.get()));
}

GstFlowReturn klvsync_push_frame(MastheadKlvSync* self, Ref<GstBuffer> frame) {
    VideoState& video = self->state->video;
    const KlvSyncSettings settings = klvsync_settings_of(self);
    const FrameTimes times = times_of(self, frame.get());
    const auto deadline =
        deadline_of(self, frame.get(), times.running, std::chrono::milliseconds(settings.max_wait_ms));
    const MatchedFrame matched = self->state->matcher.match(times, settings.rules(), deadline);

    auto out = Ref<GstBuffer>::adopt(gst_buffer_make_writable(frame.release()));
    attach(out.get(), matched);
    if (GST_BUFFER_PTS_IS_VALID(out.get())) {
        video.position = GST_BUFFER_PTS(out.get());
    }
    const GstClockTime duration = GST_BUFFER_DURATION(out.get());
    count(self, matched.klv.has_value());
    tell(self, matched);
    const GstFlowReturn video_flow = gst_flow_combiner_update_pad_flow(
        self->flow.get(), self->src, gst_pad_push(self->src, out.release()));
    if (video_flow != GST_FLOW_OK) {
        return video_flow;
    }
    return gst_flow_combiner_update_pad_flow(self->flow.get(), self->klv_src,
                                             push_klv(self, matched, duration));
}

} // namespace masthead
