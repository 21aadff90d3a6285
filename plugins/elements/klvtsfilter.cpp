// All state belongs to the streaming thread; nothing here is locked.
#include "plugins/elements/klvtsfilter.hpp"

#include "plugins/glib/buffer.hpp"
#include "plugins/ts/klv_filter.hpp"

#include <memory>

GST_DEBUG_CATEGORY_STATIC(klvtsfilter_debug);
#define GST_CAT_DEFAULT klvtsfilter_debug

namespace {

using namespace masthead;

constexpr gint64 kBetweenMessages = G_TIME_SPAN_SECOND;

struct State {
    ts::KlvFilter filter;
    std::uint64_t changes = 0;
    std::vector<ts::KlvStream> told;
    gint64 told_at = 0; // monotonic microseconds
};

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/mpegts, systemstream=(boolean)true"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/mpegts, systemstream=(boolean)true"));

} // namespace

struct MastheadKlvTsFilter {
    GstElement parent;
    GstPad* sink; // owned by the element
    GstPad* src;  // owned by the element
    std::unique_ptr<State> state;
};
struct MastheadKlvTsFilterClass {
    GstElementClass parent_class;
};

GType masthead_klv_ts_filter_get_type();
G_DEFINE_TYPE_WITH_CODE(MastheadKlvTsFilter, masthead_klv_ts_filter, GST_TYPE_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(klvtsfilter_debug, "klvtsfilter", 0, "KLV in MPEG-TS"))
GST_ELEMENT_REGISTER_DEFINE(klvtsfilter, "klvtsfilter", GST_RANK_NONE, masthead_klv_ts_filter_get_type())

namespace {

MastheadKlvTsFilter* self_of(gpointer object) { return static_cast<MastheadKlvTsFilter*>(object); }

Owned<GstStructure> as_structure(const ts::KlvStream& stream) {
    const bool synchronous = stream.carriage == ts::KlvCarriage::synchronous;
    return Owned<GstStructure>(gst_structure_new(
        "stream", "pid", G_TYPE_UINT, guint{stream.pid}, "carriage", G_TYPE_STRING,
        synchronous ? "synchronous" : "asynchronous", "packets", G_TYPE_UINT64, guint64{stream.packets},
        "without-pts", G_TYPE_UINT64, guint64{stream.without_pts}, "losses", G_TYPE_UINT64,
        guint64{stream.losses}, "resyncs", G_TYPE_UINT64, guint64{stream.resyncs}, "too-large", G_TYPE_UINT64,
        guint64{stream.too_large}, nullptr));
}

/// What came of each KLV PID, when tables or counts change; of counts at most once a second.
void tell(MastheadKlvTsFilter* self, bool at_once) {
    State& state = *self->state;
    const bool new_tables = std::exchange(state.changes, state.filter.changes()) != state.filter.changes();
    const gint64 now = g_get_monotonic_time();
    if (!new_tables && !at_once && now < state.told_at + kBetweenMessages) {
        return;
    }
    auto streams = state.filter.streams();
    if (!new_tables && streams == state.told) {
        return;
    }
    state.told_at = now;
    state.told = std::move(streams);
    GValue list = G_VALUE_INIT;
    g_value_init(&list, GST_TYPE_ARRAY);
    for (const ts::KlvStream& stream : state.told) {
        GValue item = G_VALUE_INIT;
        g_value_init(&item, GST_TYPE_STRUCTURE);
        gst_value_set_structure(&item, as_structure(stream).get());
        gst_value_array_append_and_take_value(&list, &item);
    }
    GstStructure* said = gst_structure_new_empty("klv-streams");
    gst_structure_take_value(said, "streams", &list);
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), said));
}

/// Times and flags are the incoming buffer's: demuxers compare arrival with PCR.
GstFlowReturn chain(GstPad*, GstObject* parent, GstBuffer* buffer) {
    const auto in = Ref<GstBuffer>::adopt(buffer);
    auto* self = self_of(parent);
    if (GST_BUFFER_IS_DISCONT(buffer)) {
        self->state->filter.interrupted();
    }
    Bytes bytes;
    {
        const BufferMap map(buffer);
        bytes.reserve(map.bytes().size() + ts::kPacketSize);
        self->state->filter.feed(map.bytes(), bytes);
    }
    tell(self, false);
    if (bytes.empty()) {
        return GST_FLOW_OK;
    }
    auto out = make_buffer(bytes);
    gst_buffer_copy_into(out.get(), buffer,
                         static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS |
                                                         GST_BUFFER_COPY_META),
                         0, static_cast<gsize>(-1));
    return gst_pad_push(self->src, out.release());
}

/// What is kept goes on before the stream ends.
void finish(MastheadKlvTsFilter* self) {
    Bytes bytes;
    self->state->filter.finish(bytes);
    tell(self, true);
    if (!bytes.empty()) {
        gst_pad_push(self->src, make_buffer(bytes).release());
    }
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
    auto* self = self_of(parent);
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
        finish(self);
        if (self->state->filter.changes() == 0) { // tsdemux would wait for ever
            GST_ELEMENT_ERROR(self, STREAM, DEMUX, ("The stream ended and never said what is in it."),
                              ("no PMT with a right CRC"));
        }
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
        *self->state = {};
    }
    return gst_pad_event_default(pad, parent, event);
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
        *self_of(element)->state = {};
    }
    return GST_ELEMENT_CLASS(masthead_klv_ts_filter_parent_class)->change_state(element, transition);
}

void finalize(GObject* object) {
    std::destroy_at(&self_of(object)->state);
    G_OBJECT_CLASS(masthead_klv_ts_filter_parent_class)->finalize(object);
}

} // namespace

static void masthead_klv_ts_filter_class_init(MastheadKlvTsFilterClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = finalize;
    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = change_state;
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_element_class_set_static_metadata(
        element_class, "KLV in MPEG-TS for any demuxer", "Filter/Metadata",
        "Rewrites MPEG-TS in front of tsdemux so that it finds all KLV, synchronous (stream type 0x15, which "
        "1.22 drops) and asynchronous (0x06 + KLVA): whole packets, one asynchronous stream a programme in "
        "its "
        "first KLV PID. Each has the PTS of the PES packet in which it began; where that has none, the "
        "middle "
        "between the video frames it stands between. Other PIDs go through untouched. Element message "
        "`klv-streams`, at most once a second: `streams`, an array with `pid`, `carriage`, `packets`, "
        "`without-pts`, `losses`, `resyncs` and `too-large` of each KLV PID",
        "Masthead");
}

static void masthead_klv_ts_filter_init(MastheadKlvTsFilter* self) {
    std::construct_at(&self->state, std::make_unique<State>());
    self->sink = gst_pad_new_from_static_template(&sink_template, "sink");
    gst_pad_set_chain_function(self->sink, chain);
    gst_pad_set_event_function(self->sink, sink_event);
    GST_PAD_SET_PROXY_CAPS(self->sink);
    gst_element_add_pad(GST_ELEMENT(self), self->sink);
    self->src = gst_pad_new_from_static_template(&src_template, "src");
    GST_PAD_SET_PROXY_CAPS(self->src);
    gst_element_add_pad(GST_ELEMENT(self), self->src);
}
