// Lock: the object lock guards Settings and Counters. State belongs to the streaming thread.
#include "plugins/elements/klvparse.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/klv/local_set.hpp"
#include "plugins/klv/stamped_packets.hpp"

#include <memory>

GST_DEBUG_CATEGORY_STATIC(klvparse_debug);
#define GST_CAT_DEFAULT klvparse_debug

namespace {

using namespace masthead;

struct Counters {
    guint64 packets = 0;
    guint64 bad_packets = 0;
    guint64 resyncs = 0;
};

struct State {
    klv::StampedPackets packets;
    bool discont = true;
    bool wants_caps = true;
    bool wants_segment = true;

    void forget_unfinished() {
        packets.reset();
        discont = true;
    }
};

enum Property : guint { PROP_DROP_BAD_CHECKSUM = 1, PROP_PACKETS, PROP_BAD_PACKETS, PROP_RESYNCS };

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("meta/x-klv"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("meta/x-klv, parsed=(boolean)true"));

} // namespace

struct MastheadKlvParse {
    GstElement parent;
    GstPad* sink; // owned by the element
    GstPad* src;  // owned by the element
    gboolean drop_bad_checksum;
    Counters counters;
    std::unique_ptr<State> state;
};
struct MastheadKlvParseClass {
    GstElementClass parent_class;
};

GType masthead_klv_parse_get_type();
G_DEFINE_TYPE_WITH_CODE(MastheadKlvParse, masthead_klv_parse, GST_TYPE_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(klvparse_debug, "klvparse", 0, "KLV packets"))
GST_ELEMENT_REGISTER_DEFINE(klvparse, "klvparse", GST_RANK_NONE, masthead_klv_parse_get_type())

namespace {

MastheadKlvParse* self_of(gpointer object) { return static_cast<MastheadKlvParse*>(object); }

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    if (id == PROP_DROP_BAD_CHECKSUM) {
        self->drop_bad_checksum = g_value_get_boolean(value);
    } else {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_DROP_BAD_CHECKSUM: g_value_set_boolean(value, self->drop_bad_checksum); break;
    case PROP_PACKETS: g_value_set_uint64(value, self->counters.packets); break;
    case PROP_BAD_PACKETS: g_value_set_uint64(value, self->counters.bad_packets); break;
    case PROP_RESYNCS: g_value_set_uint64(value, self->counters.resyncs); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

/// Counts a packet that was pulled out of the stream; whether it goes on.
bool accept(MastheadKlvParse* self, ByteSpan packet) {
    bool unreadable = false;
    klv::Flaws flaws;
    if (klv::is_st0601_key(packet)) { // other sets have no common checksum
        const auto parsed = klv::parse(packet);
        unreadable = !parsed;
        if (parsed) {
            flaws = parsed->flaws;
        } else {
            GST_DEBUG_OBJECT(self, "dropped: %s", parsed.error().message.c_str());
        }
    }
    GST_OBJECT_LOCK(self);
    const bool drop = unreadable || (flaws.checksum_wrong && self->drop_bad_checksum);
    self->counters.bad_packets += unreadable || flaws.checksum_wrong || flaws.cut_short ? 1 : 0;
    self->counters.packets += drop ? 0 : 1;
    GST_OBJECT_UNLOCK(self);
    return !drop;
}

/// Caps and segment, where upstream has sent none that fit.
void prepare_src(MastheadKlvParse* self) {
    State& state = *self->state;
    if (std::exchange(state.wants_caps, false)) {
        const auto caps = Ref<GstCaps>::adopt(gst_static_pad_template_get_caps(&src_template));
        gst_pad_push_event(self->src, gst_event_new_caps(caps.get()));
    }
    if (std::exchange(state.wants_segment, false)) {
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_pad_push_event(self->src, gst_event_new_segment(&segment));
    }
}

std::vector<Ref<GstBuffer>> packets_of(MastheadKlvParse* self, GstBuffer* in) {
    const BufferMap map(in);
    std::vector<Ref<GstBuffer>> packets;
    const auto pts =
        GST_BUFFER_PTS_IS_VALID(in) ? klv::StampedPackets::Stamp(GST_BUFFER_PTS(in)) : std::nullopt;
    self->state->packets.feed(map.bytes(), pts, [&](ByteSpan packet, klv::StampedPackets::Stamp begun) {
        if (accept(self, packet)) {
            auto out = make_buffer(packet);
            GST_BUFFER_PTS(out.get()) = begun.value_or(GST_CLOCK_TIME_NONE);
            packets.push_back(std::move(out));
        }
    });
    return packets;
}

GstFlowReturn chain(GstPad*, GstObject* parent, GstBuffer* buffer) {
    const auto in = Ref<GstBuffer>::adopt(buffer);
    auto* self = self_of(parent);
    State& state = *self->state;
    if (GST_BUFFER_IS_DISCONT(buffer)) {
        state.forget_unfinished();
    }
    auto packets = packets_of(self, in.get());
    GST_OBJECT_LOCK(self);
    self->counters.resyncs = state.packets.resyncs();
    GST_OBJECT_UNLOCK(self);
    prepare_src(self);
    GstFlowReturn flow = GST_FLOW_OK;
    for (auto& packet : packets) {
        if (std::exchange(state.discont, false)) {
            GST_BUFFER_FLAG_SET(packet.get(), GST_BUFFER_FLAG_DISCONT);
        }
        flow = gst_pad_push(self->src, packet.release());
        if (flow != GST_FLOW_OK) {
            break;
        }
    }
    return flow;
}

/// Our own caps; a mark that the KLV is embedded in a video goes along.
gboolean take_caps(MastheadKlvParse* self, GstEvent* event) {
    GstCaps* in = nullptr;
    gst_event_parse_caps(event, &in);
    const auto out =
        Ref<GstCaps>::adopt(gst_caps_make_writable(gst_static_pad_template_get_caps(&src_template)));
    if (const GValue* embedded = gst_structure_get_value(gst_caps_get_structure(in, 0), "embedded")) {
        gst_caps_set_value(out.get(), "embedded", embedded);
    }
    self->state->wants_caps = false;
    return gst_pad_push_event(self->src, gst_event_new_caps(out.get()));
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
    auto* self = self_of(parent);
    State& state = *self->state;
    const auto owned = Ref<GstEvent>::adopt(event);
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS: return take_caps(self, event);
    case GST_EVENT_SEGMENT: {
        const GstSegment* segment = nullptr;
        gst_event_parse_segment(event, &segment);
        state.wants_segment = segment->format != GST_FORMAT_TIME;
        if (state.wants_segment) {
            return TRUE;
        }
        if (state.wants_caps) {
            state.wants_segment = false;
            prepare_src(self);
        }
        break;
    }
    case GST_EVENT_FLUSH_STOP:
    case GST_EVENT_EOS: state.forget_unfinished(); break;
    default: break;
    }
    return gst_pad_event_default(pad, parent, Ref<GstEvent>(owned).release());
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
    auto* self = self_of(element);
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
        *self->state = {};
        GST_OBJECT_LOCK(self);
        self->counters = {};
        GST_OBJECT_UNLOCK(self);
    }
    return GST_ELEMENT_CLASS(masthead_klv_parse_parent_class)->change_state(element, transition);
}

void finalize(GObject* object) {
    std::destroy_at(&self_of(object)->state);
    G_OBJECT_CLASS(masthead_klv_parse_parent_class)->finalize(object);
}

void install_counter(GObjectClass* object_class, guint id, const char* name, const char* what) {
    g_object_class_install_property(
        object_class, id,
        g_param_spec_uint64(name, nullptr, what, 0, G_MAXUINT64, 0,
                            static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

} // namespace

static void masthead_klv_parse_class_init(MastheadKlvParseClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    g_object_class_install_property(
        object_class, PROP_DROP_BAD_CHECKSUM,
        g_param_spec_boolean("drop-bad-checksum", "Drop bad checksums",
                             "Leave out ST 0601 packets whose checksum is wrong (packets without one go on)",
                             FALSE,
                             static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                      GST_PARAM_MUTABLE_PLAYING)));
    install_counter(object_class, PROP_PACKETS, "packets", "Packets that went on since the start");
    install_counter(object_class, PROP_BAD_PACKETS, "bad-packets",
                    "Packets with a wrong checksum, cut short or unreadable; unreadable ones never go on");
    install_counter(object_class, PROP_RESYNCS, "resyncs",
                    "How often bytes were skipped to find the next key");

    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = change_state;
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_element_class_set_static_metadata(element_class, "KLV parser", "Codec/Parser/Metadata",
                                          "Makes whole, checked KLV packets out of KLV bytes cut up in any "
                                          "way, with or without ST 1402 cell headers. "
                                          "A packet has the time stamp of the buffer in which it began",
                                          "Masthead");
}

static void masthead_klv_parse_init(MastheadKlvParse* self) {
    std::construct_at(&self->counters);
    std::construct_at(&self->state, std::make_unique<State>());
    self->sink = gst_pad_new_from_static_template(&sink_template, "sink");
    gst_pad_set_chain_function(self->sink, chain);
    gst_pad_set_event_function(self->sink, sink_event);
    gst_element_add_pad(GST_ELEMENT(self), self->sink);
    self->src = gst_pad_new_from_static_template(&src_template, "src");
    gst_pad_use_fixed_caps(self->src);
    gst_element_add_pad(GST_ELEMENT(self), self->src);
}
