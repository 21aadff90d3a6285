// Both source pads belong to the streaming thread of the sink pad; nothing here is locked.
#include "plugins/elements/klvsplit.hpp"

#include "plugins/elements/meta/frame_meta.hpp"
#include "plugins/glib/buffer.hpp"

#include <gst/base/gstflowcombiner.h>

#include <memory>
#include <string>

GST_DEBUG_CATEGORY_STATIC(klvsplit_debug);
#define GST_CAT_DEFAULT klvsplit_debug

namespace {

using namespace masthead;

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
GstStaticPadTemplate klv_src_template = GST_STATIC_PAD_TEMPLATE(
    "klv_src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("meta/x-klv, parsed=(boolean)true"));

struct FreeCombiner {
    void operator()(GstFlowCombiner* combiner) const noexcept { gst_flow_combiner_free(combiner); }
};

} // namespace

struct MastheadKlvSplit {
    GstElement parent;
    GstPad* sink; // owned by the element, like the others
    GstPad* src;
    GstPad* klv_src;
    std::unique_ptr<GstFlowCombiner, FreeCombiner> flow;
};
struct MastheadKlvSplitClass {
    GstElementClass parent_class;
};

GType masthead_klv_split_get_type();
G_DEFINE_TYPE_WITH_CODE(MastheadKlvSplit, masthead_klv_split, GST_TYPE_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(klvsplit_debug, "klvsplit", 0, "KLV beside its frames"))
GST_ELEMENT_REGISTER_DEFINE(klvsplit, "klvsplit", GST_RANK_NONE, masthead_klv_split_get_type())

namespace {

MastheadKlvSplit* self_of(gpointer object) { return static_cast<MastheadKlvSplit*>(object); }

/// Exactly one KLV buffer or one GAP for a frame.
GstFlowReturn push_klv(MastheadKlvSplit* self, Ref<GBytes> klv, GstClockTime pts, GstClockTime duration) {
    if (!klv) {
        if (GST_CLOCK_TIME_IS_VALID(pts)) {
            gst_pad_push_event(self->klv_src, gst_event_new_gap(pts, duration));
        }
        return GST_FLOW_OK;
    }
    GstBuffer* buffer = gst_buffer_new_wrapped_bytes(klv.get());
    GST_BUFFER_PTS(buffer) = pts;
    GST_BUFFER_DURATION(buffer) = duration;
    return gst_pad_push(self->klv_src, buffer);
}

GstFlowReturn chain(GstPad*, GstObject* parent, GstBuffer* frame) {
    auto* self = self_of(parent);
    const MastheadFrameMeta* meta = masthead_buffer_get_frame_meta(frame);
    auto klv = meta && meta->klv ? Ref<GBytes>::share(meta->klv) : Ref<GBytes>();
    const GstClockTime pts = GST_BUFFER_PTS(frame);
    const GstClockTime duration = GST_BUFFER_DURATION(frame);
    const GstFlowReturn flow =
        gst_flow_combiner_update_pad_flow(self->flow.get(), self->src, gst_pad_push(self->src, frame));
    if (flow != GST_FLOW_OK) {
        return flow;
    }
    return gst_flow_combiner_update_pad_flow(self->flow.get(), self->klv_src,
                                             push_klv(self, std::move(klv), pts, duration));
}

/// The KLV stream as it begins: a stream of its own, with caps of its own.
void start_klv(MastheadKlvSplit* self, GstEvent* video_start) {
    const gchar* video_id = nullptr;
    guint group_id = GST_GROUP_ID_INVALID;
    gst_event_parse_stream_start(video_start, &video_id);
    GstEvent* start = gst_event_new_stream_start((std::string(video_id) + "/klv").c_str());
    if (gst_event_parse_group_id(video_start, &group_id)) {
        gst_event_set_group_id(start, group_id);
    }
    gst_pad_push_event(self->klv_src, start);
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_pad_template_caps(self->klv_src));
    gst_pad_push_event(self->klv_src, gst_event_new_caps(caps.get()));
}

gboolean sink_event(GstPad*, GstObject* parent, GstEvent* event) {
    auto* self = self_of(parent);
    const auto owned = Ref<GstEvent>::adopt(event);
    const gboolean done = gst_pad_push_event(self->src, Ref<GstEvent>(owned).release());
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START: start_klv(self, event); break;
    case GST_EVENT_CAPS:
    case GST_EVENT_TAG: break; // the video's
    case GST_EVENT_FLUSH_STOP: gst_flow_combiner_reset(self->flow.get()); [[fallthrough]];
    default: gst_pad_push_event(self->klv_src, Ref<GstEvent>(owned).release());
    }
    return done;
}

/// The video's source pad answers for the sink pad.
gboolean sink_query(GstPad* pad, GstObject* parent, GstQuery* query) {
    switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_CAPS:
    case GST_QUERY_ACCEPT_CAPS:
    case GST_QUERY_ALLOCATION: return gst_pad_peer_query(self_of(parent)->src, query);
    default: return gst_pad_query_default(pad, parent, query);
    }
}

gboolean src_query(GstPad*, GstObject* parent, GstQuery* query) {
    return gst_pad_peer_query(self_of(parent)->sink, query);
}

gboolean klv_src_query(GstPad* pad, GstObject* parent, GstQuery* query) {
    switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_LATENCY:
    case GST_QUERY_POSITION:
    case GST_QUERY_DURATION:
    case GST_QUERY_SEEKING: return gst_pad_peer_query(self_of(parent)->sink, query);
    default: return gst_pad_query_default(pad, parent, query);
    }
}

gboolean src_event(GstPad*, GstObject* parent, GstEvent* event) {
    return gst_pad_push_event(self_of(parent)->sink, event);
}

/// Upstream events of the KLV branch end here: the video branch sends its own.
gboolean klv_src_event(GstPad*, GstObject*, GstEvent* event) {
    const auto owned = Ref<GstEvent>::adopt(event);
    return TRUE;
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
        gst_flow_combiner_reset(self_of(element)->flow.get());
    }
    return GST_ELEMENT_CLASS(masthead_klv_split_parent_class)->change_state(element, transition);
}

void finalize(GObject* object) {
    std::destroy_at(&self_of(object)->flow);
    G_OBJECT_CLASS(masthead_klv_split_parent_class)->finalize(object);
}

GstPad* add_pad(MastheadKlvSplit* self, GstStaticPadTemplate* pad_template, const char* name) {
    GstPad* pad = gst_pad_new_from_static_template(pad_template, name);
    gst_element_add_pad(GST_ELEMENT(self), pad);
    return pad;
}

} // namespace

static void masthead_klv_split_class_init(MastheadKlvSplitClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = finalize;
    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = change_state;
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_element_class_add_static_pad_template(element_class, &klv_src_template);
    gst_element_class_set_static_metadata(
        element_class, "KLV from frames", "Filter/Metadata/Video",
        "Gives the ST 0601 packet that a frame carries as MastheadFrameMeta on klv_src, with the frame's own "
        "PTS (a GAP where there is none): for a muxer behind an encoder or behind an appsrc. Put a queue "
        "behind both source pads",
        "Masthead");
}

static void masthead_klv_split_init(MastheadKlvSplit* self) {
    std::construct_at(&self->flow, gst_flow_combiner_new());
    self->sink = add_pad(self, &sink_template, "sink");
    gst_pad_set_chain_function(self->sink, chain);
    gst_pad_set_event_function(self->sink, sink_event);
    gst_pad_set_query_function(self->sink, sink_query);
    self->src = add_pad(self, &src_template, "src");
    gst_pad_set_query_function(self->src, src_query);
    gst_pad_set_event_function(self->src, src_event);
    self->klv_src = add_pad(self, &klv_src_template, "klv_src");
    gst_pad_set_query_function(self->klv_src, klv_src_query);
    gst_pad_set_event_function(self->klv_src, klv_src_event);
    gst_pad_use_fixed_caps(self->klv_src);
    gst_flow_combiner_add_pad(self->flow.get(), self->src);
    gst_flow_combiner_add_pad(self->flow.get(), self->klv_src);
}
