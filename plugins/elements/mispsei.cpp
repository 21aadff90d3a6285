// Lock: the object lock guards Settings. State belongs to the streaming thread (start and stop run without
// it).
#include "plugins/elements/mispsei.hpp"

#include "plugins/elements/arrival_clock.hpp"
#include "plugins/elements/nal.hpp"
#include "plugins/elements/reference_time.hpp"
#include "plugins/elements/time_system.hpp"
#include "plugins/glib/buffer.hpp"

#include <gst/base/gstbasetransform.h>
#include <sys/timex.h>

#include <memory>

GST_DEBUG_CATEGORY_STATIC(mispsei_debug);
#define GST_CAT_DEFAULT mispsei_debug

namespace {

using namespace masthead;

struct Settings {
    TimeSystemChoice time_system = TimeSystemChoice::posix;
    guint latency_ms = 0;
};

struct State {
    nal::Format format;
    ArrivalClock clock;
};

enum Property : guint { PROP_TIME_SYSTEM = 1, PROP_LATENCY };

constexpr const char* kCaps =
    "video/x-h264, stream-format=(string){ byte-stream, avc, avc3 }, alignment=(string)au; "
    "video/x-h265, stream-format=(string){ byte-stream, hvc1, hev1 }, alignment=(string)au";

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));

} // namespace

struct MastheadMispSei {
    GstBaseTransform parent;
    Settings settings;
    std::unique_ptr<State> state;
};
struct MastheadMispSeiClass {
    GstBaseTransformClass parent_class;
};

GType masthead_misp_sei_get_type();
G_DEFINE_TYPE_WITH_CODE(MastheadMispSei, masthead_misp_sei, GST_TYPE_BASE_TRANSFORM,
                        GST_DEBUG_CATEGORY_INIT(mispsei_debug, "mispsei", 0, "MISP time SEI"))
GST_ELEMENT_REGISTER_DEFINE(mispsei, "mispsei", GST_RANK_NONE, masthead_misp_sei_get_type())

namespace {

MastheadMispSei* self_of(gpointer object) { return static_cast<MastheadMispSei*>(object); }

Settings settings_of(MastheadMispSei* self) {
    GST_OBJECT_LOCK(self);
    const Settings settings = self->settings;
    GST_OBJECT_UNLOCK(self);
    return settings;
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_TIME_SYSTEM: self->settings.time_system = TimeSystemChoice(g_value_get_enum(value)); break;
    case PROP_LATENCY: self->settings.latency_ms = g_value_get_uint(value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    const Settings settings = settings_of(self_of(object));
    switch (id) {
    case PROP_TIME_SYSTEM: g_value_set_enum(value, static_cast<gint>(settings.time_system)); break;
    case PROP_LATENCY: g_value_set_uint(value, settings.latency_ms); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

/// Whether the kernel says that a time service disciplines the machine's clock.
bool machine_clock_locked() {
    timex query{};
    return adjtimex(&query) != TIME_ERROR;
}

/// Nothing when the buffer has no time at all.
std::optional<klv::SeiTime> capture_time(MastheadMispSei* self, GstBuffer* buffer, const Settings& settings) {
    const auto system = *chosen(settings.time_system);
    if (const auto reference = reference_time_of(buffer)) {
        return klv::SeiTime{klv::to_misp(*reference, system)};
    }
    const GstClockTime running = gst_segment_to_running_time(&GST_BASE_TRANSFORM(self)->segment,
                                                             GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (!GST_CLOCK_TIME_IS_VALID(running)) {
        return std::nullopt;
    }
    const Utc arrival = self->state->clock.utc_at(GST_ELEMENT(self), running);
    const Utc captured = arrival - std::chrono::milliseconds(settings.latency_ms);
    return klv::SeiTime{klv::to_misp(captured, system), machine_clock_locked()};
}

/// `buffer` with `sei` at `position`; its memory is shared, its times, flags and metas are kept.
GstBuffer* with_sei(GstBuffer* buffer, std::size_t position, ByteSpan sei) {
    GstBuffer* out = gst_buffer_new();
    constexpr auto kAllButMemory = static_cast<GstBufferCopyFlags>(
        GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META);
    gst_buffer_copy_into(out, buffer, kAllButMemory, 0, G_MAXSIZE);
    if (position > 0) {
        gst_buffer_copy_into(out, buffer, GST_BUFFER_COPY_MEMORY, 0, position);
    }
    gst_buffer_append(out, make_buffer(sei).release());
    gst_buffer_copy_into(out, buffer, GST_BUFFER_COPY_MEMORY, position, G_MAXSIZE);
    return out;
}

GstFlowReturn generate_output(GstBaseTransform* base, GstBuffer** out) {
    auto* self = self_of(base);
    auto in = Ref<GstBuffer>::adopt(std::exchange(base->queued_buf, nullptr));
    *out = nullptr;
    if (!in) {
        return GST_FLOW_OK;
    }
    const Settings settings = settings_of(self);
    std::optional<std::size_t> position;
    bool has_time = false;
    {
        const BufferMap map(in.get());
        position = nal::sei_position(map.bytes(), self->state->format);
        has_time = position && nal::find_misp_time(map.bytes(), self->state->format);
    }
    const auto time = position && !has_time ? capture_time(self, in.get(), settings) : std::nullopt;
    if (!time) {
        GST_LOG_OBJECT(self, "passed on as it is: %s",
                       !position ? "no slice in it" : (has_time ? "has a MISP time" : "no time stamp"));
        *out = in.release();
        return GST_FLOW_OK;
    }
    const Bytes payload = klv::encode_sei_payload(*time, self->state->format.codec);
    *out = with_sei(in.get(), *position, nal::make_sei(payload, self->state->format));
    return GST_FLOW_OK;
}

gboolean set_caps(GstBaseTransform* base, GstCaps* in, GstCaps*) {
    const auto format = nal::format_of(in);
    if (!format) {
        GST_WARNING_OBJECT(base, "caps refused: %s", format.error().message.c_str());
        return FALSE;
    }
    self_of(base)->state->format = *format;
    return TRUE;
}

gboolean sink_event(GstBaseTransform* base, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
        self_of(base)->state->clock.reset();
    }
    return GST_BASE_TRANSFORM_CLASS(masthead_misp_sei_parent_class)->sink_event(base, event);
}

gboolean start(GstBaseTransform* base) {
    *self_of(base)->state = {};
    return TRUE;
}

void finalize(GObject* object) {
    auto* self = self_of(object);
    std::destroy_at(&self->state);
    G_OBJECT_CLASS(masthead_misp_sei_parent_class)->finalize(object);
}

void install_properties(GObjectClass* object_class) {
    constexpr auto kFlags =
        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
    g_object_class_install_property(
        object_class, PROP_TIME_SYSTEM,
        g_param_spec_enum("time-system", "Time system",
                          "What the SEI's time counts: POSIX time or MISP time (ST 0603)",
                          written_time_system_type(), static_cast<gint>(TimeSystemChoice::posix), kFlags));
    g_object_class_install_property(
        object_class, PROP_LATENCY,
        g_param_spec_uint(
            "latency", "Latency",
            "Milliseconds from capture to the buffer's running time; taken off unless the buffer has a "
            "timestamp/x-unix reference time",
            0, 60'000, 0, kFlags));
}

} // namespace

static void masthead_misp_sei_class_init(MastheadMispSeiClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_properties(object_class);

    auto* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_element_class_set_static_metadata(element_class, "MISP time SEI inserter", "Codec/Video/Metadata",
                                          "Puts each frame's capture time before its first slice as MISB ST "
                                          "0604 user data SEI, without re-encoding. "
                                          "Frames that have one already keep it",
                                          "Masthead");

    auto* transform_class = GST_BASE_TRANSFORM_CLASS(klass);
    transform_class->set_caps = set_caps;
    transform_class->sink_event = sink_event;
    transform_class->start = start;
    transform_class->generate_output = generate_output;
    transform_class->passthrough_on_same_caps = FALSE;
}

static void masthead_misp_sei_init(MastheadMispSei* self) {
    std::construct_at(&self->settings);
    std::construct_at(&self->state, std::make_unique<State>());
}
