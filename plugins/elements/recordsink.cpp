// Lock: the object lock guards Settings and Figures. State belongs to the streaming thread (start and stop
// run without it).
#include "plugins/elements/recordsink.hpp"

#include "plugins/elements/frame_header.hpp"
#include "plugins/glib/buffer.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/recording/file_names.hpp"
#include "plugins/recording/file_writer.hpp"
#include "plugins/recording/index_repair.hpp"

#include <gst/base/gstbasesink.h>

#include <memory>
#include <string>

GST_DEBUG_CATEGORY_STATIC(recordsink_debug);
#define GST_CAT_DEFAULT recordsink_debug

namespace {

using namespace masthead;
using recording::Recorder;

constexpr ts::Ticks kFirstPts = 10 * 90'000;
constexpr ts::Ticks kLastPts = ts::kTicksWrap - 3600 * 90'000ULL; // past it the next GOP begins anew
constexpr gint64 kBetweenTries = G_TIME_SPAN_SECOND;
/// Of a frame whose capture time nobody stated: it came about then.
constexpr guint32 kArrivalErrorUs = 1'000'000;

struct Settings {
    std::string location;
    guint max_duration_s = 600;
    guint64 max_bytes = 1ULL << 30;
};

struct Figures {
    guint64 frames = 0;
    guint64 bytes = 0;
    std::string file;
};

struct State {
    std::unique_ptr<Recorder> recorder;
    recording::Codec codec = recording::Codec::h264;
    std::optional<GstClockTime> base; // running time of PTS kFirstPts
    std::string failure;              // why nothing is recorded; empty while all goes well
    gint64 tried = 0;                 // monotonic microseconds: when it last failed
    guint64 told = 0;                 // bytes of the index that the last message told of
    std::string told_file;
};

enum Property : guint {
    PROP_LOCATION = 1,
    PROP_MAX_DURATION,
    PROP_MAX_BYTES,
    PROP_FRAMES,
    PROP_BYTES,
    PROP_FILE
};

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("video/x-h264, stream-format=(string)byte-stream, alignment=(string)au; "
                    "video/x-h265, stream-format=(string)byte-stream, alignment=(string)au"));

} // namespace

struct MastheadRecordSink {
    GstBaseSink parent;
    Settings settings;
    Figures figures;
    std::unique_ptr<State> state;
};
struct MastheadRecordSinkClass {
    GstBaseSinkClass parent_class;
};

GType masthead_record_sink_get_type();
G_DEFINE_TYPE_WITH_CODE(MastheadRecordSink, masthead_record_sink, GST_TYPE_BASE_SINK,
                        GST_DEBUG_CATEGORY_INIT(recordsink_debug, "recordsink", 0, "recorder"))
GST_ELEMENT_REGISTER_DEFINE(recordsink, "recordsink", GST_RANK_NONE, masthead_record_sink_get_type())

namespace {

MastheadRecordSink* self_of(gpointer object) { return static_cast<MastheadRecordSink*>(object); }

Settings settings_of(MastheadRecordSink* self) {
    GST_OBJECT_LOCK(self);
    Settings settings = self->settings;
    GST_OBJECT_UNLOCK(self);
    return settings;
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_LOCATION: {
        const gchar* text = g_value_get_string(value);
        self->settings.location = text ? text : "";
        break;
    }
    case PROP_MAX_DURATION: self->settings.max_duration_s = g_value_get_uint(value); break;
    case PROP_MAX_BYTES: self->settings.max_bytes = g_value_get_uint64(value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_LOCATION: g_value_set_string(value, self->settings.location.c_str()); break;
    case PROP_MAX_DURATION: g_value_set_uint(value, self->settings.max_duration_s); break;
    case PROP_MAX_BYTES: g_value_set_uint64(value, self->settings.max_bytes); break;
    case PROP_FRAMES: g_value_set_uint64(value, self->figures.frames); break;
    case PROP_BYTES: g_value_set_uint64(value, self->figures.bytes); break;
    case PROP_FILE: g_value_set_string(value, self->figures.file.c_str()); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

// --- What it says ---

void post(MastheadRecordSink* self, const char* state, const std::string& file, const std::string& detail) {
    gst_element_post_message(
        GST_ELEMENT(self),
        gst_message_new_element(GST_OBJECT(self),
                                gst_structure_new("recording", "state", G_TYPE_STRING, state, "file",
                                                  G_TYPE_STRING, file.c_str(), "detail", G_TYPE_STRING,
                                                  detail.c_str(), nullptr)));
}

void note_figures(MastheadRecordSink* self) {
    const Recorder& recorder = *self->state->recorder;
    GST_OBJECT_LOCK(self);
    self->figures.frames = recorder.frames();
    self->figures.bytes = recorder.bytes();
    if (self->figures.file != recorder.file().native()) {
        self->figures.file = recorder.file();
    }
    GST_OBJECT_UNLOCK(self);
}

/// Once for each GOP.
void tell_progress(MastheadRecordSink* self) {
    State& state = *self->state;
    const guint64 index_bytes = state.recorder->index_bytes();
    const std::string file = state.recorder->file();
    if (state.told == index_bytes && state.told_file == file) {
        return;
    }
    state.told = index_bytes;
    if (const std::string before = std::exchange(state.told_file, file); !before.empty() && before != file) {
        post(self, "recording", before, ""); // its last GOP
    }
    post(self, "recording", file, "");
}

/// Frames go on being taken: recording begins again by itself.
void fail_for_now(MastheadRecordSink* self, const std::string& why) {
    State& state = *self->state;
    state.tried = g_get_monotonic_time();
    GST_ELEMENT_WARNING(self, RESOURCE, WRITE, ("%s", why.c_str()), (nullptr));
    if (state.failure != why) {
        state.failure = why;
        post(self, "failing", state.recorder->file(), why);
    }
}

// --- Frames ---

std::unique_ptr<Recorder> make_recorder(const Settings& settings, recording::Codec codec) {
    return std::make_unique<Recorder>(
        recording::RecorderSettings{.folder = settings.location,
                                    .codec = codec,
                                    .longest = ts::Ticks{settings.max_duration_s} * 90'000,
                                    .largest = settings.max_bytes});
}

ts::Ticks ticks_of(GstClockTime time) { return gst_util_uint64_scale_round(time, 9, 100'000); }

/// Nothing: the buffer has no time, or lies before the recording's begin.
std::optional<ts::Ticks> ticks_at(MastheadRecordSink* self, GstClockTime time) {
    State& state = *self->state;
    const GstClockTime running =
        gst_segment_to_running_time(&GST_BASE_SINK(self)->segment, GST_FORMAT_TIME, time);
    if (!GST_CLOCK_TIME_IS_VALID(running)) {
        return std::nullopt;
    }
    if (!state.base) {
        state.base = running;
    }
    const auto since =
        static_cast<std::int64_t>(ticks_of(running)) - static_cast<std::int64_t>(ticks_of(*state.base));
    const std::int64_t pts = since + static_cast<std::int64_t>(kFirstPts);
    return pts < 0 ? std::nullopt : std::optional(static_cast<ts::Ticks>(pts));
}

FrameMessageHeader header_for(GstBuffer* buffer) {
    const MastheadFrameMeta* meta = masthead_buffer_get_frame_meta(buffer);
    FrameMessageHeader header = meta ? header_of(*meta) : FrameMessageHeader{};
    if (header.utc_us == 0) {
        header.time_method = FrameTimeMethod::arrival;
        header.utc_us = static_cast<std::uint64_t>(utc_now().us);
        header.time_error_us = kArrivalErrorUs;
    }
    return header;
}

ByteSpan klv_of(GstBuffer* buffer) {
    const MastheadFrameMeta* meta = masthead_buffer_get_frame_meta(buffer);
    if (!meta || !meta->klv) {
        return {};
    }
    gsize size = 0;
    const void* data = g_bytes_get_data(meta->klv, &size);
    return {static_cast<const std::byte*>(data), size};
}

GstFlowReturn render(GstBaseSink* sink, GstBuffer* buffer) {
    auto* self = self_of(sink);
    State& state = *self->state;
    const bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    auto pts = ticks_at(self, GST_BUFFER_PTS(buffer));
    if (!pts || (!state.failure.empty() && g_get_monotonic_time() < state.tried + kBetweenTries)) {
        return GST_FLOW_OK;
    }
    if (key && *pts > kLastPts) {
        state.base.reset();
        pts = ticks_at(self, GST_BUFFER_PTS(buffer));
    }
    const auto dts = GST_BUFFER_DTS_IS_VALID(buffer) ? ticks_at(self, GST_BUFFER_DTS(buffer)) : std::nullopt;
    const BufferMap map(buffer);
    const auto taken = state.recorder->take({.pts = *pts,
                                             .dts = dts != pts ? dts : std::nullopt,
                                             .key = key,
                                             .header = header_for(buffer),
                                             .access_unit = map.bytes(),
                                             .klv = klv_of(buffer)});
    note_figures(self);
    if (!taken) {
        fail_for_now(self, taken.error().message);
        return GST_FLOW_OK;
    }
    if (key) {
        state.failure.clear();
        tell_progress(self);
    }
    return GST_FLOW_OK;
}

// --- Life ---

gboolean set_caps(GstBaseSink* sink, GstCaps* caps) {
    auto* self = self_of(sink);
    State& state = *self->state;
    const bool h265 = gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-h265");
    const auto codec = h265 ? recording::Codec::h265 : recording::Codec::h264;
    if (codec != state.codec) {
        state.codec = codec;
        state.recorder = make_recorder(settings_of(self), codec);
        state.base.reset();
    }
    return TRUE;
}

/// What a crash left unfinished is put in order first, and told of: its last GOP is new.
void repair_newest(MastheadRecordSink* self, const std::string& folder) {
    const auto files = recording::recordings_under(folder);
    if (files.empty()) {
        return;
    }
    const auto repaired = recording::repair(files.back());
    if (!repaired) {
        GST_ELEMENT_WARNING(self, RESOURCE, READ, ("%s", repaired.error().message.c_str()), (nullptr));
    } else if (*repaired == recording::Repair::done) {
        post(self, "recording", files.back(), "");
    }
}

gboolean start(GstBaseSink* sink) {
    auto* self = self_of(sink);
    const Settings settings = settings_of(self);
    if (settings.location.empty()) {
        GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND,
                          ("recordsink has no folder: set location to the camera's own"), (nullptr));
        return FALSE;
    }
    repair_newest(self, settings.location);
    *self->state = {};
    self->state->recorder = make_recorder(settings, self->state->codec);
    return TRUE;
}

void finish(MastheadRecordSink* self) {
    if (const auto finished = self->state->recorder->finish(); !finished) {
        fail_for_now(self, finished.error().message);
    } else if (self->state->failure.empty()) {
        tell_progress(self);
    }
}

gboolean event(GstBaseSink* sink, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
        finish(self_of(sink));
    }
    return GST_BASE_SINK_CLASS(masthead_record_sink_parent_class)->event(sink, event);
}

gboolean stop(GstBaseSink* sink) {
    auto* self = self_of(sink);
    finish(self);
    post(self, "ended", self->state->recorder->file(), "");
    self->state->recorder.reset();
    return TRUE;
}

void finalize(GObject* object) {
    auto* self = self_of(object);
    std::destroy_at(&self->settings);
    std::destroy_at(&self->figures);
    std::destroy_at(&self->state);
    G_OBJECT_CLASS(masthead_record_sink_parent_class)->finalize(object);
}

void install_properties(GObjectClass* klass) {
    const auto writable =
        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
    const auto readable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(
        klass, PROP_LOCATION,
        g_param_spec_string("location", "Location",
                            "Folder of this camera's recordings; made when it is not there. Files are "
                            "YYYY-MM-DD/hh-mm-ss.mmmZ.ts by the capture time of their first frame",
                            nullptr, writable));
    g_object_class_install_property(
        klass, PROP_MAX_DURATION,
        g_param_spec_uint("max-duration", "Longest file",
                          "Seconds after which the next key frame begins a new file", 1, 86'400,
                          Settings{}.max_duration_s, writable));
    g_object_class_install_property(
        klass, PROP_MAX_BYTES,
        g_param_spec_uint64("max-bytes", "Largest file",
                            "Bytes after which the next key frame begins a new file", 1, G_MAXUINT64,
                            Settings{}.max_bytes, writable));
    g_object_class_install_property(klass, PROP_FRAMES,
                                    g_param_spec_uint64("frames", "Frames", "Frames recorded since the start",
                                                        0, G_MAXUINT64, 0, readable));
    g_object_class_install_property(
        klass, PROP_BYTES,
        g_param_spec_uint64("bytes", "Bytes", "Bytes recorded since the start", 0, G_MAXUINT64, 0, readable));
    g_object_class_install_property(
        klass, PROP_FILE,
        g_param_spec_string("file", "File", "That is written, or was last", nullptr, readable));
}

} // namespace

static void masthead_record_sink_class_init(MastheadRecordSinkClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_properties(object_class);

    auto* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_set_static_metadata(
        element_class, "Recorder", "Sink/File/Video",
        "Writes frames and the ST 0601 packet each carries (MastheadFrameMeta, from klvsync) into "
        "append-only "
        "MPEG-TS files with synchronous KLV, cut at key frames, each with a GOP index beside it. What cannot "
        "be "
        "written is a warning and an element message, never an error: recording begins again by itself. Put "
        "h264parse config-interval=-1 and a queue before it. Element message `recording`, for each GOP: "
        "`state` (recording, failing, ended), `file`, `detail`",
        "Masthead");

    auto* sink_class = GST_BASE_SINK_CLASS(klass);
    sink_class->start = start;
    sink_class->stop = stop;
    sink_class->set_caps = set_caps;
    sink_class->event = event;
    sink_class->render = render;
}

static void masthead_record_sink_init(MastheadRecordSink* self) {
    std::construct_at(&self->settings);
    std::construct_at(&self->figures);
    std::construct_at(&self->state, std::make_unique<State>());
    gst_base_sink_set_sync(GST_BASE_SINK(self), FALSE);
    gst_base_sink_set_async_enabled(GST_BASE_SINK(self), FALSE);
    gst_base_sink_set_last_sample_enabled(GST_BASE_SINK(self), FALSE);
}
