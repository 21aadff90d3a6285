// Threads: render(), set_caps() and event() on the streaming thread of the video, take_sound() and
// take_sound_event() on that of the sound; action signals on any; signals leave on
// the audience's control thread. Locks: audience_mutex (shared by those who use the audience, exclusive to
// start and stop it) and the object lock (settings), each alone and never across an emission.
#include "plugins/elements/viewersink.hpp"

#include "plugins/elements/nal.hpp"
#include "plugins/elements/viewer/audience.hpp"
#include "plugins/elements/viewer/soundtrack.hpp"
#include "plugins/elements/viewer/stream_check.hpp"
#include "plugins/glib/buffer.hpp"
#include "plugins/glib/properties.hpp"

#include <gst/base/gstbasesink.h>
#include <gst/video/video.h>

#include <shared_mutex>

GST_DEBUG_CATEGORY_STATIC(viewersink_debug);
#define GST_CAT_DEFAULT viewersink_debug

namespace masthead {

namespace {

constexpr guint kDefaultMaxViewers = 40;
constexpr const char* kDefaultAddresses = "127.0.0.1";
constexpr std::size_t kMaxSessionBytes = 128;

enum Property { kIceTcp = 1, kIceAddresses, kIcePorts, kMaxViewers, kViewers, kDroppedFrames };
enum Signal { kOffer, kAnswer, kCandidate, kViewerState, kViewerFigures, kSignalCount };
std::array<guint, kSignalCount> signals;

struct State {
    std::string ice_addresses = kDefaultAddresses;
    std::string ice_ports;
    bool ice_tcp = false;
    guint max_viewers = kDefaultMaxViewers;

    std::shared_mutex audience_mutex;
    std::unique_ptr<Audience> audience;

    // The streaming thread's.
    std::uint32_t ssrc = 0;
    std::unique_ptr<Payloader> payloader;
    StreamCheck check;

    // The sound's streaming thread's, but for has_sound.
    std::atomic<bool> has_sound = false; // it was said what the sound is
    GstSegment sound_segment{};
    std::optional<SoundStamps> sound_stamps;
};

} // namespace

} // namespace masthead

struct MastheadViewerSink {
    GstBaseSink parent;
    std::unique_ptr<masthead::State> state;
};
struct MastheadViewerSinkClass {
    GstBaseSinkClass parent_class;
};

G_DEFINE_TYPE(MastheadViewerSink, masthead_viewer_sink, GST_TYPE_BASE_SINK)

namespace masthead {

namespace {

MastheadViewerSink* self_of(gpointer object) { return reinterpret_cast<MastheadViewerSink*>(object); }

State& state_of(gpointer object) { return *self_of(object)->state; }

/// A copy of a property's value.
template <typename T>
T setting(gpointer object, T State::*member) {
    GST_OBJECT_LOCK(object);
    T value = state_of(object).*member;
    GST_OBJECT_UNLOCK(object);
    return value;
}

Result<IceSettings> ice_settings(gpointer object) {
    auto ice = parse_ice_settings(setting(object, &State::ice_addresses), setting(object, &State::ice_ports));
    if (ice) {
        ice->tcp = setting(object, &State::ice_tcp);
    }
    return ice;
}

PeerSettings peer_settings(MastheadViewerSink* self) {
    PeerSettings settings;
    settings.ice = ice_settings(self).value_or(IceSettings());
    settings.ssrc = self->state->ssrc;
    if (self->state->has_sound) {
        settings.sound_ssrc = settings.ssrc + 1;
    }
    settings.clock = Ref<GstClock>::adopt(gst_element_get_clock(GST_ELEMENT(self)));
    settings.base_time = gst_element_get_base_time(GST_ELEMENT(self));
    if (!settings.clock) {
        settings.clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
        settings.base_time = gst_clock_get_time(settings.clock.get());
    }
    return settings;
}

AudienceEvents audience_events(MastheadViewerSink* self) {
    return {
        .offer =
            [self](const std::string& session, const std::string& sdp) {
                g_signal_emit(self, signals[kOffer], 0, session.c_str(), sdp.c_str());
            },
        .answer =
            [self](const std::string& session, const std::string& sdp) {
                g_signal_emit(self, signals[kAnswer], 0, session.c_str(), sdp.c_str());
            },
        .candidate =
            [self](const std::string& session, unsigned mline, const std::string& candidate) {
                g_signal_emit(self, signals[kCandidate], 0, session.c_str(), mline, candidate.c_str());
            },
        .state =
            [self](const std::string& session, const char* state, const std::string& detail) {
                GST_INFO_OBJECT(self, "viewer %s is %s %s", session.c_str(), state, detail.c_str());
                g_signal_emit(self, signals[kViewerState], 0, session.c_str(), state, detail.c_str());
            },
        .figures =
            [self](const std::string& session, const ViewerFigures& figures) {
                const Owned<GstStructure> told = to_structure(figures);
                g_signal_emit(self, signals[kViewerFigures], 0, session.c_str(), told.get());
            },
        .key_frame_wanted =
            [self] {
                gst_pad_push_event(GST_BASE_SINK_PAD(self),
                                   gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
            },
    };
}

gboolean start(GstBaseSink* sink) {
    MastheadViewerSink* self = self_of(sink);
    State& state = *self->state;
    if (const auto ice = ice_settings(self); !ice) {
        GST_ELEMENT_ERROR(self, RESOURCE, SETTINGS, ("%s", ice.error().message.c_str()), (nullptr));
        return FALSE;
    }
    state.ssrc = g_random_int();
    auto payloader = Payloader::create(state.ssrc);
    if (!payloader) {
        GST_ELEMENT_ERROR(self, CORE, MISSING_PLUGIN, ("%s", payloader.error().message.c_str()), (nullptr));
        return FALSE;
    }
    state.payloader = std::move(*payloader);
    state.check = StreamCheck();
    auto audience = std::make_unique<Audience>([self] { return peer_settings(self); }, audience_events(self));
    const std::unique_lock lock(state.audience_mutex);
    state.audience = std::move(audience);
    return TRUE;
}

gboolean stop(GstBaseSink* sink) {
    State& state = state_of(sink);
    std::unique_ptr<Audience> audience;
    {
        const std::unique_lock lock(state.audience_mutex);
        audience = std::move(state.audience);
    }
    audience.reset();
    state.payloader.reset();
    return TRUE;
}

void tell_obstacle(MastheadViewerSink* self, const std::string& why) {
    if (!why.empty()) {
        GST_WARNING_OBJECT(self, "%s", why.c_str());
    }
    const std::shared_lock lock(self->state->audience_mutex);
    self->state->audience->set_obstacle(why);
}

gboolean set_caps(GstBaseSink* sink, GstCaps* caps) {
    MastheadViewerSink* self = self_of(sink);
    State& state = *self->state;
    const bool h264 = gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-h264");
    state.check = StreamCheck(h264);
    if (h264) {
        state.payloader->set_caps(caps);
    }
    tell_obstacle(self, state.check.obstacle());
    return TRUE;
}

gboolean handle_event(GstBaseSink* sink, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT || GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) {
        StreamCheck& check = state_of(sink).check;
        const bool was_fine = check.obstacle().empty();
        check.restart();
        if (!was_fine) {
            tell_obstacle(self_of(sink), check.obstacle());
        }
    }
    return GST_BASE_SINK_CLASS(masthead_viewer_sink_parent_class)->event(sink, event);
}

/// A viewer never fails ingest: whatever is wrong with a frame, the flow is OK.
GstFlowReturn render(GstBaseSink* sink, GstBuffer* buffer) {
    MastheadViewerSink* self = self_of(sink);
    State& state = *self->state;
    const GstClockTime time =
        GST_BUFFER_PTS_IS_VALID(buffer) ? GST_BUFFER_PTS(buffer) : GST_BUFFER_DTS(buffer);
    const GstClockTime running_time = gst_segment_to_running_time(&sink->segment, GST_FORMAT_TIME, time);
    if (!GST_CLOCK_TIME_IS_VALID(running_time)) {
        GST_DEBUG_OBJECT(self, "frame without a time in the segment dropped");
        return GST_FLOW_OK;
    }
    const bool was_fine = state.check.obstacle().empty();
    state.check.frame(running_time, nal::begins_with_b_slice(BufferMap(buffer).bytes(), {}));
    if (const std::string why = state.check.obstacle(); !why.empty()) {
        if (was_fine) {
            tell_obstacle(self, why);
        }
        return GST_FLOW_OK;
    }
    auto timed = Ref<GstBuffer>::adopt(gst_buffer_copy(buffer));
    GST_BUFFER_PTS(timed.get()) = running_time;
    GST_BUFFER_DTS(timed.get()) = GST_CLOCK_TIME_NONE;
    auto frame = state.payloader->pay(std::move(timed));
    if (!frame) {
        GST_DEBUG_OBJECT(self, "frame dropped: %s", frame.error().message.c_str());
        return GST_FLOW_OK;
    }
    const std::shared_lock lock(state.audience_mutex);
    state.audience->send(std::move(*frame));
    return GST_FLOW_OK;
}

/// Nor does the sound, which waits for nobody.
GstFlowReturn take_sound(GstPad*, GstObject* parent, GstBuffer* buffer) {
    const auto opus = Ref<GstBuffer>::adopt(buffer);
    State& state = state_of(parent);
    const GstClockTime time =
        gst_segment_to_running_time(&state.sound_segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (!GST_CLOCK_TIME_IS_VALID(time) || gst_buffer_get_size(buffer) == 0) {
        return GST_FLOW_OK;
    }
    if (!state.sound_stamps) {
        state.sound_stamps.emplace(g_random_int());
    }
    const std::uint32_t stamp = state.sound_stamps->stamp(time, GST_BUFFER_DURATION(buffer));
    const std::shared_lock lock(state.audience_mutex);
    if (state.audience) {
        state.audience->send(SoundPiece{opus, time, stamp});
    }
    return GST_FLOW_OK;
}

/// The end of the sound is not the element's.
gboolean take_sound_event(GstPad*, GstObject* parent, GstEvent* event) {
    const auto owned = Ref<GstEvent>::adopt(event);
    State& state = state_of(parent);
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
        gst_event_copy_segment(event, &state.sound_segment);
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
        state.has_sound = true;
    }
    return TRUE;
}

GstPad* request_pad(GstElement* element, GstPadTemplate* pad_template, const gchar*, const GstCaps*) {
    if (const auto taken = Ref<GstPad>::adopt(gst_element_get_static_pad(element, "audio"))) {
        return nullptr;
    }
    GstPad* const pad = gst_pad_new_from_template(pad_template, "audio");
    gst_pad_set_chain_function(pad, take_sound);
    gst_pad_set_event_function(pad, take_sound_event);
    gst_segment_init(&state_of(element).sound_segment, GST_FORMAT_TIME);
    gst_pad_set_active(pad, TRUE);
    gst_element_add_pad(element, pad);
    return pad;
}

void release_pad(GstElement* element, GstPad* pad) {
    gst_pad_set_active(pad, FALSE);
    state_of(element).has_sound = false;
    gst_element_remove_pad(element, pad);
}

/// Runs `use` with the audience, or gives `otherwise` while the element is stopped or the session has no
/// proper name.
template <typename T, typename Use>
T with_audience(gpointer object, const char* session, T otherwise, Use use) {
    State& state = state_of(object);
    const std::shared_lock lock(state.audience_mutex);
    if (!state.audience || !session || !*session || std::string_view(session).size() > kMaxSessionBytes) {
        return otherwise;
    }
    return use(*state.audience);
}

gchar* text_of(const Result<void>& result) { return g_strdup(result ? "" : result.error().message.c_str()); }

constexpr const char* kNoAudience = "the stream is not running, or the session has no name";

gboolean add_viewer(gpointer object, const gchar* session) {
    return with_audience(object, session, FALSE, [&](Audience& audience) {
        return static_cast<gboolean>(audience.add(session, setting(object, &State::max_viewers)));
    });
}

gchar* add_viewer_with_offer(gpointer object, const gchar* session, const gchar* sdp) {
    return text_of(with_audience(
        object, session, Result<void>(fail(Code::unavailable, kNoAudience)), [&](Audience& audience) {
            return audience.add_with_offer(session, setting(object, &State::max_viewers), sdp ? sdp : "");
        }));
}

gchar* set_answer(gpointer object, const gchar* session, const gchar* sdp) {
    return text_of(
        with_audience(object, session, Result<void>(fail(Code::unavailable, kNoAudience)),
                      [&](Audience& audience) { return audience.set_answer(session, sdp ? sdp : ""); }));
}

gchar* add_candidate(gpointer object, const gchar* session, guint, const gchar* candidate) {
    return text_of(with_audience(
        object, session, Result<void>(fail(Code::unavailable, kNoAudience)),
        [&](Audience& audience) { return audience.add_candidate(session, candidate ? candidate : ""); }));
}

void remove_viewer(gpointer object, const gchar* session) {
    with_audience(object, session, FALSE, [&](Audience& audience) {
        audience.remove(session);
        return TRUE;
    });
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
    GST_OBJECT_LOCK(object);
    State& state = state_of(object);
    switch (id) {
    case kIceAddresses: state.ice_addresses = string_of(value); break;
    case kIcePorts: state.ice_ports = string_of(value); break;
    case kIceTcp: state.ice_tcp = g_value_get_boolean(value) != FALSE; break;
    case kMaxViewers: state.max_viewers = g_value_get_uint(value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
    GST_OBJECT_UNLOCK(object);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
    State& state = state_of(object);
    switch (id) {
    case kIceAddresses: g_value_set_string(value, setting(object, &State::ice_addresses).c_str()); break;
    case kIcePorts: g_value_set_string(value, setting(object, &State::ice_ports).c_str()); break;
    case kIceTcp: g_value_set_boolean(value, setting(object, &State::ice_tcp)); break;
    case kMaxViewers: g_value_set_uint(value, setting(object, &State::max_viewers)); break;
    case kViewers: {
        const std::shared_lock lock(state.audience_mutex);
        g_value_set_uint(value, state.audience ? static_cast<guint>(state.audience->viewers()) : 0);
        break;
    }
    case kDroppedFrames: {
        const std::shared_lock lock(state.audience_mutex);
        g_value_set_uint64(value, state.audience ? state.audience->dropped_frames() : 0);
        break;
    }
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

void finalize(GObject* object) {
    self_of(object)->state.~unique_ptr();
    G_OBJECT_CLASS(masthead_viewer_sink_parent_class)->finalize(object);
}

void install_properties(GObjectClass* gobject) {
    gobject->set_property = set_property;
    gobject->get_property = get_property;
    gobject->finalize = finalize;
    const auto writable = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    const auto readable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(
        gobject, kIceAddresses,
        g_param_spec_string(
            "ice-addresses", "ICE addresses",
            "Comma separated IP addresses of this machine to receive viewers on; empty: all but "
            "loopback. Add the machine's network address to be watched from other machines. Used "
            "for viewers that join later",
            kDefaultAddresses, writable));
    g_object_class_install_property(
        gobject, kIcePorts,
        g_param_spec_string("ice-ports", "ICE ports",
                            "Ports to receive viewers on, FIRST-LAST: each needs one at each address; empty: "
                            "any. Used for viewers that join later",
                            "", writable));
    g_object_class_install_property(
        gobject, kIceTcp,
        g_param_spec_boolean("ice-tcp", "ICE over TCP",
                             "Viewers may come over TCP too, for networks that block UDP: a port more is "
                             "opened for each viewer. Used for viewers that join later",
                             FALSE, writable));
    g_object_class_install_property(gobject, kMaxViewers,
                                    g_param_spec_uint("max-viewers", "Most viewers",
                                                      "Viewers past this number are refused", 0, 1000,
                                                      kDefaultMaxViewers, writable));
    g_object_class_install_property(gobject, kViewers,
                                    g_param_spec_uint("viewers", "Viewers",
                                                      "Sessions that exist now, connected or not", 0,
                                                      G_MAXUINT, 0, readable));
    g_object_class_install_property(
        gobject, kDroppedFrames,
        g_param_spec_uint64(
            "dropped-frames", "Dropped frames",
            "Frames that connected viewers did not get because they, or this process, were too slow", 0,
            G_MAXUINT64, 0, readable));
}

void install_signals(GType type) {
    const auto action = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
    g_signal_new_class_handler("add-viewer", type, action, G_CALLBACK(add_viewer), nullptr, nullptr, nullptr,
                               G_TYPE_BOOLEAN, 1, G_TYPE_STRING);
    g_signal_new_class_handler("add-viewer-with-offer", type, action, G_CALLBACK(add_viewer_with_offer),
                               nullptr, nullptr, nullptr, G_TYPE_STRING, 2, G_TYPE_STRING, G_TYPE_STRING);
    g_signal_new_class_handler("set-answer", type, action, G_CALLBACK(set_answer), nullptr, nullptr, nullptr,
                               G_TYPE_STRING, 2, G_TYPE_STRING, G_TYPE_STRING);
    g_signal_new_class_handler("add-candidate", type, action, G_CALLBACK(add_candidate), nullptr, nullptr,
                               nullptr, G_TYPE_STRING, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRING);
    g_signal_new_class_handler("remove-viewer", type, action, G_CALLBACK(remove_viewer), nullptr, nullptr,
                               nullptr, G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[kOffer] = g_signal_new("offer", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr,
                                   G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
    signals[kAnswer] = g_signal_new("answer", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr,
                                    G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
    signals[kCandidate] = g_signal_new("candidate", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr,
                                       G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRING);
    signals[kViewerState] =
        g_signal_new("viewer-state", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr, G_TYPE_NONE, 3,
                     G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    signals[kViewerFigures] = g_signal_new("viewer-figures", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
                                           nullptr, G_TYPE_NONE, 2, G_TYPE_STRING, GST_TYPE_STRUCTURE);
}

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("video/x-h264, stream-format=(string)byte-stream, alignment=(string)au; "
                    "video/x-h265, stream-format=(string)byte-stream, alignment=(string)au"));
GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE(
    "audio", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS("audio/x-opus, channel-mapping-family=(int)0"));

} // namespace

} // namespace masthead

static void masthead_viewer_sink_class_init(MastheadViewerSinkClass* klass) {
    using namespace masthead;
    GST_DEBUG_CATEGORY_INIT(viewersink_debug, "viewersink", 0, "WebRTC viewers");
    auto* element = reinterpret_cast<GstElementClass*>(klass);
    auto* base = reinterpret_cast<GstBaseSinkClass*>(klass);
    install_properties(reinterpret_cast<GObjectClass*>(klass));
    install_signals(G_TYPE_FROM_CLASS(klass));
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_add_static_pad_template(element, &audio_template);
    element->request_new_pad = request_pad;
    element->release_pad = release_pad;
    gst_element_class_set_static_metadata(
        element, "WebRTC viewers", "Sink/Network/WebRTC",
        "Sends one H.264 stream to any number of browsers, with the metadata of each frame on the data "
        "channel "
        "'frames' (schema/frame_message.json). Browsers negotiate constrained baseline; High and Main play "
        "as long "
        "as they have no B-frames. H.265 and B-frames are taken but not shown: viewers get the reason as a "
        "state. "
        "Frames are sent as they come (sync=false); set sync=true for files. Opus on the pad 'audio' is "
        "heard "
        "by viewers who join from then on and take it, each packet with the picture of its time",
        "Masthead");
    base->start = start;
    base->stop = stop;
    base->set_caps = set_caps;
    base->event = handle_event;
    base->render = render;
}

static void masthead_viewer_sink_init(MastheadViewerSink* self) {
    new (&self->state) std::unique_ptr<masthead::State>(std::make_unique<masthead::State>());
    auto* sink = GST_BASE_SINK(self);
    gst_base_sink_set_sync(sink, FALSE);
    gst_base_sink_set_async_enabled(
        sink, FALSE); // a camera that is not there yet does not hold the pipeline's start
    gst_base_sink_set_last_sample_enabled(sink, FALSE);
}

GST_ELEMENT_REGISTER_DEFINE(viewersink, "viewersink", GST_RANK_NONE, masthead_viewer_sink_get_type())
