#include "plugins/elements/vehicle_outputs.hpp"

#include "plugins/glib/buffer.hpp"

#include <gst/video/video.h>

#include <algorithm>
#include <chrono>

namespace masthead {

namespace {

constexpr std::array kNames{"video", "klv", "audio"};
constexpr unsigned kSureOfOrder = 2;
constexpr unsigned kMostUntold = 60; // a second of frames

const char* name_of(Stream stream) { return kNames[static_cast<std::size_t>(stream)]; }

/// 0 for times before the running time began.
GstClockTime running_time(const GstSegment* segment, GstClockTime time) {
    guint64 running = 0;
    if (!GST_CLOCK_TIME_IS_VALID(time)) {
        return GST_CLOCK_TIME_NONE;
    }
    return gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, time, &running) < 0 ? 0 : running;
}

/// KLV says that it belongs to the video: klvsync may trust its PTS.
Ref<GstCaps> outgoing(Stream stream, GstCaps* caps) {
    if (stream != Stream::klv) {
        return Ref<GstCaps>::share(caps);
    }
    auto copy = Ref<GstCaps>::adopt(gst_caps_copy(caps));
    gst_caps_set_simple(copy.get(), "embedded", G_TYPE_BOOLEAN, TRUE, nullptr);
    return copy;
}

} // namespace

StreamFacts VehicleOutputs::facts() const {
    const std::lock_guard lock(mutex_);
    return facts_;
}

void VehicleOutputs::note(const std::function<void(StreamFacts&)>& change) {
    {
        const std::lock_guard lock(mutex_);
        const StreamFacts before = facts_;
        change(facts_);
        if (facts_ == before) {
            return;
        }
    }
    changed_();
}

void VehicleOutputs::begin_connection(bool continue_after_last) {
    GstClockTime end = 0;
    for (Output& output : outputs_) {
        end = std::max(end, output.end);
        output.discont = true;
        output.pts = GST_CLOCK_TIME_NONE;
        output.step = 0;
        output.times_back = 0;
    }
    offset_ = continue_after_last ? end : 0;
    last_data_ns_ = 0;
    const std::lock_guard lock(mutex_);
    facts_ = {};
}

void VehicleOutputs::add_pad(Stream stream, Output& output, const Ref<GstCaps>& caps) {
    const auto pad_template =
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element_), name_of(stream));
    output.pad = gst_pad_new_from_template(pad_template, name_of(stream));
    gst_pad_use_fixed_caps(output.pad);
    gst_pad_set_query_function(output.pad, [](GstPad* pad, GstObject* parent, GstQuery* query) -> gboolean {
        return GST_QUERY_TYPE(query) == GST_QUERY_LATENCY ? gst_element_query(GST_ELEMENT(parent), query)
                                                          : gst_pad_query_default(pad, parent, query);
    });
    gst_pad_set_element_private(output.pad, this);
    gst_pad_set_event_function(output.pad, [](GstPad* pad, GstObject* parent, GstEvent* event) -> gboolean {
        if (!gst_video_event_is_force_key_unit(event)) {
            return gst_pad_event_default(pad, parent, event);
        }
        const auto owned = Ref<GstEvent>::adopt(event);
        static_cast<VehicleOutputs*>(gst_pad_get_element_private(pad))->key_frame_wanted_();
        return TRUE;
    });
    gst_pad_set_active(output.pad, TRUE);
    const std::string id = take_string(gst_pad_create_stream_id(output.pad, element_, name_of(stream)));
    GstEvent* start = gst_event_new_stream_start(id.c_str());
    gst_event_set_group_id(start, group_id_);
    gst_pad_push_event(output.pad, start);
    gst_pad_push_event(output.pad, gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(output.pad, gst_event_new_segment(&segment));
    gst_element_add_pad(element_, output.pad);
}

void VehicleOutputs::take_caps(Stream stream, Output& output, GstCaps* caps) {
    const bool same = output.caps && gst_caps_is_equal(output.caps.get(), caps);
    output.caps = Ref<GstCaps>::share(caps);
    const auto out = outgoing(stream, caps);
    if (!output.pad) {
        add_pad(stream, output, out);
    } else if (!same) {
        gst_pad_push_event(output.pad, gst_event_new_caps(out.get()));
    }
    if (stream == Stream::klv) {
        note([](StreamFacts& facts) { facts.klv = true; });
    }
    if (stream == Stream::audio) {
        note([](StreamFacts& facts) { facts.audio = true; });
    }
    if (stream != Stream::video) {
        return;
    }
    const auto format = nal::format_of(caps);
    output.format = format ? std::optional(*format) : std::nullopt;
    const GstStructure* video = gst_caps_get_structure(caps, 0);
    note([&](StreamFacts& facts) {
        facts.codec = gst_structure_has_name(video, "video/x-h265") ? "H.265" : "H.264";
        const gchar* profile = gst_structure_get_string(video, "profile");
        facts.profile = profile ? profile : "";
        gst_structure_get_int(video, "width", &facts.width);
        gst_structure_get_int(video, "height", &facts.height);
    });
}

/// tsdemux gives no PTS to what has wrapped before the PCR has (ISO/IEC 13818-1: up to a second): then time
/// goes on as it did.
void VehicleOutputs::take_time(Output& output, GstBuffer* buffer) {
    GstClockTime& pts = GST_BUFFER_PTS(buffer);
    const bool told = GST_CLOCK_TIME_IS_VALID(pts);
    output.untold = told ? 0 : output.untold + 1;
    if (GST_CLOCK_TIME_IS_VALID(output.pts)) {
        const bool goes_on = output.step > 0 && output.times_back == 0 && output.untold <= kMostUntold;
        if (!told && goes_on) {
            pts = output.pts + output.step;
        } else if (told && pts < output.pts) {
            ++output.times_back;
        } else if (told) {
            output.step = pts - output.pts;
        }
    }
    output.pts = pts;
}

/// In H.264, times alone say nothing: they step back also where a camera's clock or a busy machine sets them.
/// In H.265 slices say nothing: what is sent in the order it is shown has B slices too.
void VehicleOutputs::watch_order(Output& output, GstBuffer* buffer) {
    if (output.times_back == 0 || !output.format) {
        return;
    }
    const BufferMap map(buffer);
    if (output.format->codec == klv::VideoCodec::h264 ? nal::begins_with_b_slice(map.bytes(), *output.format)
                                                      : output.times_back >= kSureOfOrder) {
        note([](StreamFacts& facts) { facts.b_frames = true; });
    }
}

Ref<GstBuffer> VehicleOutputs::restamped(Output& output, GstSample* sample) const {
    const GstSegment* segment = gst_sample_get_segment(sample);
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_copy(gst_sample_get_buffer(sample)));
    GstClockTime& pts = GST_BUFFER_PTS(buffer.get());
    GstClockTime& dts = GST_BUFFER_DTS(buffer.get());
    pts = running_time(segment, pts);
    dts = running_time(segment, dts);
    for (GstClockTime* time : {&pts, &dts}) {
        if (GST_CLOCK_TIME_IS_VALID(*time)) {
            *time += offset_;
        }
    }
    if (GST_CLOCK_TIME_IS_VALID(pts)) {
        const GstClockTime duration = GST_BUFFER_DURATION(buffer.get());
        output.end = std::max(output.end, pts + (GST_CLOCK_TIME_IS_VALID(duration) ? duration : 0));
    }
    if (std::exchange(output.discont, false)) {
        GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
    } else {
        GST_BUFFER_FLAG_UNSET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
    }
    return buffer;
}

GstFlowReturn VehicleOutputs::push(Stream stream, GstSample* sample) {
    Output& output = outputs_[static_cast<std::size_t>(stream)];
    GstCaps* caps = gst_sample_get_caps(sample);
    if (!flowing_ || !caps || !gst_sample_get_buffer(sample)) {
        return GST_FLOW_OK;
    }
    if (!output.pad || caps != output.caps.get() || output.discont) {
        take_caps(stream, output, caps);
    }
    auto buffer = restamped(output, sample);
    if (stream != Stream::audio) {
        take_time(output, buffer.get());
    }
    if (stream == Stream::video) {
        watch_order(output, buffer.get());
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        if (last_data_ns_.exchange(std::chrono::nanoseconds(now).count()) == 0) {
            changed_();
        }
    }
    const GstFlowReturn flow = gst_pad_push(output.pad, buffer.release());
    // An output nobody wants is no failure of the source; and sound that cannot be used is none of the
    // video's.
    return flow == GST_FLOW_NOT_LINKED || stream == Stream::audio ? GST_FLOW_OK : flow;
}

void VehicleOutputs::end(Stream stream) {
    if (GstPad* pad = outputs_[static_cast<std::size_t>(stream)].pad) {
        gst_pad_push_event(pad, gst_event_new_eos());
    }
}

void VehicleOutputs::remove_pads() {
    for (Output& output : outputs_) {
        if (output.pad) {
            gst_element_remove_pad(element_, output.pad);
        }
        output = {};
    }
    group_id_ = gst_util_group_id_next();
}

} // namespace masthead
