// The element: pads, events, queries, properties. Threads and locks: klvsync_element.hpp.
#include "plugins/elements/klvsync.hpp"

#include "plugins/elements/klvsync_element.hpp"
#include "plugins/glib/buffer.hpp"
#include "plugins/klv/key.hpp"

GST_DEBUG_CATEGORY(klvsync_debug);
#define GST_CAT_DEFAULT klvsync_debug

namespace {

using namespace masthead;

constexpr const char* kVideoCaps = "video/x-h264, alignment=(string)au; video/x-h265, alignment=(string)au; "
                                   "video/x-raw(ANY); video/x-vp8; video/x-vp9; video/x-av1; image/jpeg";
constexpr const char* kKlvCaps = "meta/x-klv, parsed=(boolean)true";

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kVideoCaps));
GstStaticPadTemplate klv_sink_template =
    GST_STATIC_PAD_TEMPLATE("klv_sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kKlvCaps));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kVideoCaps));
GstStaticPadTemplate klv_src_template =
    GST_STATIC_PAD_TEMPLATE("klv_src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kKlvCaps));

} // namespace

struct MastheadKlvSyncClass {
    GstElementClass parent_class;
};

GType masthead_klv_sync_get_type();
G_DEFINE_TYPE_WITH_CODE(MastheadKlvSync, masthead_klv_sync, GST_TYPE_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(klvsync_debug, "klvsync", 0, "KLV tied to frames"))
GST_ELEMENT_REGISTER_DEFINE(klvsync, "klvsync", GST_RANK_NONE, masthead_klv_sync_get_type())

KlvSyncSettings masthead::klvsync_settings_of(MastheadKlvSync* self) {
    GST_OBJECT_LOCK(self);
    const KlvSyncSettings settings = self->settings;
    GST_OBJECT_UNLOCK(self);
    return settings;
}

namespace {

MastheadKlvSync* self_of(gpointer object) { return static_cast<MastheadKlvSync*>(object); }

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    const bool known = set_klvsync_setting(self->settings, id, value);
    GST_OBJECT_UNLOCK(self);
    if (!known) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    } else if (id == KLVSYNC_MAX_WAIT) {
        gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
    }
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    if (id == KLVSYNC_FRAMES) {
        g_value_set_uint64(value, self->frames);
    } else if (id == KLVSYNC_FRAMES_WITH_KLV) {
        g_value_set_uint64(value, self->frames_with_klv);
    } else if (!get_klvsync_setting(self->settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

GstFlowReturn video_chain(GstPad*, GstObject* parent, GstBuffer* buffer) {
    return klvsync_push_frame(self_of(parent), Ref<GstBuffer>::adopt(buffer));
}

GstFlowReturn klv_chain(GstPad*, GstObject* parent, GstBuffer* buffer) {
    const auto owned = Ref<GstBuffer>::adopt(buffer);
    auto* self = self_of(parent);
    const KlvState& state = self->state->klv;
    GstClockTime running = GST_CLOCK_TIME_NONE;
    if (state.segment.format == GST_FORMAT_TIME) {
        running = gst_segment_to_running_time(&state.segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    }
    const MatchRules rules = klvsync_settings_of(self).rules();
    const Utc now = utc_now();
    const BufferMap map(buffer);
    ByteSpan rest = map.bytes();
    while (!rest.empty()) {
        const auto extent = klv::packet_extent(rest);
        if (!extent || extent->size > rest.size()) {
            GST_DEBUG_OBJECT(self, "%zu bytes that are no whole packet; put klvparse before klv_sink",
                             rest.size());
            break;
        }
        const auto added =
            self->state->matcher.add_packet(rest.first(extent->size), running, now, state.embedded, rules);
        if (!added) {
            GST_DEBUG_OBJECT(self, "packet left out: %s", added.error().message.c_str());
        }
        rest = rest.subspan(extent->size);
    }
    return GST_FLOW_OK;
}

void take_video_stream(MastheadKlvSync* self, GstEvent* event) {
    VideoState& video = self->state->video;
    const gchar* id = nullptr;
    gst_event_parse_stream_start(event, &id);
    video.stream_id = id;
    gst_event_parse_group_id(event, &video.group_id);
    video.klv_started = false;
}

void take_video_segment(MastheadKlvSync* self, GstEvent* event) {
    VideoState& video = self->state->video;
    gst_event_copy_segment(event, &video.segment);
    video.clock.reset();
    video.schedule.reset();
    klvsync_start_klv(self);
    GstEvent* copy = gst_event_new_segment(&video.segment);
    gst_event_set_seqnum(copy, gst_event_get_seqnum(event));
    gst_pad_push_event(self->klv_src, copy);
}

void take_video_caps(MastheadKlvSync* self, GstEvent* event) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const auto format = nal::format_of(caps);
    self->state->video.format = format ? std::optional(*format) : std::nullopt;
}

void flush_frames(MastheadKlvSync* self) {
    VideoState& video = self->state->video;
    gst_segment_init(&video.segment, GST_FORMAT_TIME);
    video.clock.reset();
    video.schedule.reset();
    video.position = 0;
    gst_flow_combiner_reset(self->flow.get());
    self->state->matcher.clear_frames();
    self->state->matcher.set_flushing(false);
}

/// Goes to both source pads.
gboolean push_to_both(MastheadKlvSync* self, Ref<GstEvent> event) {
    Ref<GstEvent> copy = event;
    const gboolean done = gst_pad_push_event(self->src, event.release());
    gst_pad_push_event(self->klv_src, copy.release());
    return done;
}

gboolean video_event(GstPad* pad, GstObject* parent, GstEvent* event) {
    auto* self = self_of(parent);
    auto owned = Ref<GstEvent>::adopt(event);
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START: take_video_stream(self, event); break;
    case GST_EVENT_CAPS: take_video_caps(self, event); break;
    case GST_EVENT_SEGMENT: {
        const gboolean done = gst_pad_push_event(self->src, Ref<GstEvent>(owned).release());
        take_video_segment(self, event);
        return done;
    }
    case GST_EVENT_FLUSH_START: // comes on any thread while the video thread is at work
        self->state->matcher.set_flushing(true);
        return push_to_both(self, std::move(owned));
    case GST_EVENT_FLUSH_STOP:
        flush_frames(self);
        klvsync_start_klv(self);
        return push_to_both(self, std::move(owned));
    case GST_EVENT_GAP:
    case GST_EVENT_EOS: klvsync_start_klv(self); return push_to_both(self, std::move(owned));
    default: break;
    }
    return gst_pad_event_default(pad, parent, owned.release());
}

/// Nothing goes on: the source pads follow the video.
gboolean klv_event(GstPad*, GstObject* parent, GstEvent* event) {
    const auto owned = Ref<GstEvent>::adopt(event);
    auto* self = self_of(parent);
    KlvSyncState& state = *self->state;
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START: state.matcher.klv_ended(false); break;
    case GST_EVENT_CAPS: {
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event, &caps);
        gboolean embedded = FALSE;
        gst_structure_get_boolean(gst_caps_get_structure(caps, 0), "embedded", &embedded);
        state.klv.embedded = embedded == TRUE;
        break;
    }
    case GST_EVENT_SEGMENT: gst_event_copy_segment(event, &state.klv.segment); break;
    case GST_EVENT_EOS: state.matcher.klv_ended(true); break;
    case GST_EVENT_FLUSH_STOP:
        gst_segment_init(&state.klv.segment, GST_FORMAT_TIME);
        state.matcher.clear_klv();
        break;
    default: break;
    }
    return TRUE;
}

gboolean answer_latency(MastheadKlvSync* self, GstQuery* query) {
    if (!gst_pad_peer_query(self->sink, query)) {
        return FALSE;
    }
    gboolean live = FALSE;
    GstClockTime min = 0;
    GstClockTime max = 0;
    gst_query_parse_latency(query, &live, &min, &max);
    const GstClockTime wait = klvsync_settings_of(self).max_wait_ms * GST_MSECOND;
    gst_query_set_latency(query, live, min + wait, GST_CLOCK_TIME_IS_VALID(max) ? max + wait : max);
    return TRUE;
}

gboolean src_query(GstPad* pad, GstObject* parent, GstQuery* query) {
    auto* self = self_of(parent);
    if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) {
        return answer_latency(self, query);
    }
    return gst_pad_query_default(pad, parent, query);
}

gboolean klv_src_query(GstPad* pad, GstObject* parent, GstQuery* query) {
    auto* self = self_of(parent);
    switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_LATENCY: return answer_latency(self, query);
    case GST_QUERY_POSITION:
    case GST_QUERY_DURATION:
    case GST_QUERY_SEEKING: return gst_pad_peer_query(self->sink, query);
    default: return gst_pad_query_default(pad, parent, query);
    }
}

/// Upstream events of the KLV branch end here: the video branch sends its own.
gboolean klv_src_event(GstPad*, GstObject*, GstEvent* event) {
    const auto owned = Ref<GstEvent>::adopt(event);
    return TRUE;
}

/// sink and src belong together; the KLV pads lead nowhere by themselves.
GstIterator* internal_links(GstPad* pad, GstObject* parent) {
    auto* self = self_of(parent);
    GstPad* other = pad == self->sink ? self->src : (pad == self->src ? self->sink : nullptr);
    if (!other) {
        return nullptr;
    }
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_PAD);
    g_value_set_object(&value, other);
    GstIterator* iterator = gst_iterator_new_single(GST_TYPE_PAD, &value);
    g_value_unset(&value);
    return iterator;
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
    auto* self = self_of(element);
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
        self->state = std::make_unique<KlvSyncState>(klvsync_settings_of(self).limits());
        gst_flow_combiner_reset(self->flow.get());
        GST_OBJECT_LOCK(self);
        self->frames = 0;
        self->frames_with_klv = 0;
        GST_OBJECT_UNLOCK(self);
    } else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
        self->state->matcher.set_flushing(true); // a frame that waits would hold up the pads' deactivation
    }
    return GST_ELEMENT_CLASS(masthead_klv_sync_parent_class)->change_state(element, transition);
}

void finalize(GObject* object) {
    auto* self = self_of(object);
    std::destroy_at(&self->flow);
    std::destroy_at(&self->state);
    G_OBJECT_CLASS(masthead_klv_sync_parent_class)->finalize(object);
}

GstPad* add_pad(MastheadKlvSync* self, GstStaticPadTemplate* pad_template, const char* name) {
    GstPad* pad = gst_pad_new_from_static_template(pad_template, name);
    gst_pad_set_iterate_internal_links_function(pad, internal_links);
    gst_element_add_pad(GST_ELEMENT(self), pad);
    return pad;
}

} // namespace

static void masthead_klv_sync_class_init(MastheadKlvSyncClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_klvsync_properties(object_class);

    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = change_state;
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &klv_sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_element_class_add_static_pad_template(element_class, &klv_src_template);
    gst_element_class_set_static_metadata(element_class, "KLV to frame synchroniser", "Filter/Metadata/Video",
                                          "Gives every video frame the ST 0601 metadata that was true when "
                                          "it was captured: as MastheadFrameMeta on the "
                                          "frame, and as a packet with the frame's own PTS on klv_src (a GAP "
                                          "where there is none). Put a queue behind "
                                          "both source pads",
                                          "Masthead");
}

static void masthead_klv_sync_init(MastheadKlvSync* self) {
    std::construct_at(&self->settings);
    std::construct_at(&self->flow, gst_flow_combiner_new());
    std::construct_at(&self->state, std::make_unique<KlvSyncState>(self->settings.limits()));
    self->sink = add_pad(self, &sink_template, "sink");
    gst_pad_set_chain_function(self->sink, video_chain);
    gst_pad_set_event_function(self->sink, video_event);
    GST_PAD_SET_PROXY_CAPS(self->sink);
    GST_PAD_SET_PROXY_ALLOCATION(self->sink);
    self->klv_sink = add_pad(self, &klv_sink_template, "klv_sink");
    gst_pad_set_chain_function(self->klv_sink, klv_chain);
    gst_pad_set_event_function(self->klv_sink, klv_event);
    self->src = add_pad(self, &src_template, "src");
    gst_pad_set_query_function(self->src, src_query);
    GST_PAD_SET_PROXY_CAPS(self->src);
    self->klv_src = add_pad(self, &klv_src_template, "klv_src");
    gst_pad_set_query_function(self->klv_src, klv_src_query);
    gst_pad_set_event_function(self->klv_src, klv_src_event);
    gst_pad_use_fixed_caps(self->klv_src);
    gst_flow_combiner_add_pad(self->flow.get(), self->src);
    gst_flow_combiner_add_pad(self->flow.get(), self->klv_src);
}
