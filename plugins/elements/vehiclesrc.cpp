// Threads: state changes own the supervisor; its thread and the connection's streaming threads feed the
// outputs. Any thread may ask for the latency or send EOS. Locks: the object lock guards Settings; State has
// a mutex for whom to wake. Neither is taken under the other. The camera runs in a pipeline of its own
// (source_pipeline.hpp) with this one's clock and base time: its errors cannot reach our bus, and its end or
// restart cannot reach our pads.
#include "plugins/elements/vehiclesrc.hpp"

#include "plugins/elements/source_supervisor.hpp"
#include "plugins/elements/webrtc/sdp_check.hpp"
#include "plugins/glib/properties.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

GST_DEBUG_CATEGORY_STATIC(vehiclesrc_debug);
#define GST_CAT_DEFAULT vehiclesrc_debug

namespace {

using namespace masthead;

struct Settings {
    std::string uri;
    std::string launch;
    std::vector<LaunchValue> launch_values;
    SourceWishes wishes;
    std::optional<bool> reconnect; // nothing: unless it is a file
    std::string ice_addresses = "127.0.0.1";
    std::string ice_ports;
};

struct State {
    std::unique_ptr<VehicleOutputs> outputs;
    std::atomic<bool> live{false};
    // Of the thread that changes states:
    std::optional<SourceUri> uri;
    IceSettings ice;
    std::unique_ptr<SourceSupervisor> supervisor;

    std::mutex mutex;
    SourceSupervisor* woken = nullptr; // guarded by mutex: the supervisor while others may post to it
};

enum Property : guint {
    PROP_URI = 1,
    PROP_LAUNCH,
    PROP_LAUNCH_VALUES,
    PROP_LATENCY,
    PROP_RECONNECT,
    PROP_AUDIO,
    PROP_ICE_ADDRESSES,
    PROP_ICE_PORTS
};

enum Signal : guint { kAnswer, kPublisherState, kSignals };
guint signals[kSignals];

GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE(
    "video", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS("video/x-h264, stream-format=(string)byte-stream, alignment=(string)au; "
                    "video/x-h265, stream-format=(string)byte-stream, alignment=(string)au"));
GstStaticPadTemplate klv_template = GST_STATIC_PAD_TEMPLATE(
    "klv", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS("meta/x-klv, parsed=(boolean)true"));
GstStaticPadTemplate audio_template =
    GST_STATIC_PAD_TEMPLATE("audio", GST_PAD_SRC, GST_PAD_SOMETIMES,
                            GST_STATIC_CAPS("audio/mpeg; audio/x-opus; audio/x-mulaw; "
                                            "audio/x-alaw; audio/x-raw"));

} // namespace

struct MastheadVehicleSrc {
    GstElement parent;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<State> state;
};
struct MastheadVehicleSrcClass {
    GstElementClass parent_class;
};

GType masthead_vehicle_src_get_type();
G_DEFINE_TYPE_WITH_CODE(MastheadVehicleSrc, masthead_vehicle_src, GST_TYPE_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(vehiclesrc_debug, "vehiclesrc", 0, "A vehicle's camera"))
GST_ELEMENT_REGISTER_DEFINE(vehiclesrc, "vehiclesrc", GST_RANK_NONE, masthead_vehicle_src_get_type())

namespace {

MastheadVehicleSrc* self_of(gpointer object) { return static_cast<MastheadVehicleSrc*>(object); }

Settings settings_of(MastheadVehicleSrc* self) {
    GST_OBJECT_LOCK(self);
    Settings settings = *self->settings;
    GST_OBJECT_UNLOCK(self);
    return settings;
}

/// One structure an element within `values`, one text field a property within that; other fields are nothing.
std::vector<LaunchValue> launch_values(const GstStructure* values) {
    std::vector<LaunchValue> list;
    for (int i = 0; values && i < gst_structure_n_fields(values); ++i) {
        const gchar* element = gst_structure_nth_field_name(values, static_cast<guint>(i));
        const GValue* nested = gst_structure_get_value(values, element);
        const GstStructure* properties =
            GST_VALUE_HOLDS_STRUCTURE(nested) ? gst_value_get_structure(nested) : nullptr;
        for (int k = 0; properties && k < gst_structure_n_fields(properties); ++k) {
            const gchar* property = gst_structure_nth_field_name(properties, static_cast<guint>(k));
            const gchar* text = gst_structure_get_string(properties, property);
            list.push_back({element, property, text ? text : ""});
        }
    }
    return list;
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_URI: self->settings->uri = string_of(value); break;
    case PROP_LAUNCH: self->settings->launch = string_of(value); break;
    case PROP_LAUNCH_VALUES:
        self->settings->launch_values =
            launch_values(static_cast<const GstStructure*>(g_value_get_boxed(value)));
        break;
    case PROP_LATENCY: self->settings->wishes.latency_ms = g_value_get_uint(value); break;
    case PROP_AUDIO: self->settings->wishes.audio = g_value_get_boolean(value) == TRUE; break;
    case PROP_RECONNECT: self->settings->reconnect = g_value_get_boolean(value) == TRUE; break;
    case PROP_ICE_ADDRESSES: self->settings->ice_addresses = string_of(value); break;
    case PROP_ICE_PORTS: self->settings->ice_ports = string_of(value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    const Settings settings = settings_of(self_of(object));
    switch (id) {
    case PROP_URI: g_value_set_string(value, settings.uri.c_str()); break;
    case PROP_LAUNCH: g_value_set_string(value, settings.launch.c_str()); break;
    case PROP_LATENCY: g_value_set_uint(value, settings.wishes.latency_ms); break;
    case PROP_AUDIO: g_value_set_boolean(value, settings.wishes.audio); break;
    case PROP_RECONNECT: g_value_set_boolean(value, settings.reconnect.value_or(true)); break;
    case PROP_ICE_ADDRESSES: g_value_set_string(value, settings.ice_addresses.c_str()); break;
    case PROP_ICE_PORTS: g_value_set_string(value, settings.ice_ports.c_str()); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

void set_woken(State& state, SourceSupervisor* supervisor) {
    const std::lock_guard lock(state.mutex);
    state.woken = supervisor;
}

/// Posts to the supervisor, which stays meanwhile; false when there is none. Any thread.
bool post(State& state, void (SourceSupervisor::*what)()) {
    const std::lock_guard lock(state.mutex);
    if (state.woken) {
        (state.woken->*what)();
    }
    return state.woken != nullptr;
}

/// "", or why not.
gchar* text_of(const Result<void>& result) { return g_strdup(result ? "" : result.error().message.c_str()); }

template <typename Use>
Result<void> with_publishers(gpointer object, Use use) {
    State& state = *self_of(object)->state;
    const std::lock_guard lock(state.mutex);
    if (!state.woken || !state.uri || state.uri->kind != SourceKind::whip) {
        return fail(Code::unavailable,
                    "this camera takes no WHIP: it does not run, or its pipeline file's uri is not whip:");
    }
    return use(*state.woken);
}

gchar* add_publisher(gpointer object, const gchar* session, const gchar* sdp) {
    return text_of(with_publishers(object, [&](SourceSupervisor& supervisor) -> Result<void> {
        auto offer = check_publishers_offer(sdp ? sdp : "");
        if (!offer) {
            return tl::unexpected(offer.error());
        }
        return session && *session ? supervisor.add_publisher(session, std::move(*offer))
                                   : fail(Code::invalid_argument, "the session has no name");
    }));
}

gchar* add_candidate(gpointer object, const gchar* session, guint, const gchar* text) {
    return text_of(with_publishers(object, [&](SourceSupervisor& supervisor) -> Result<void> {
        const auto candidate = check_candidate(text ? text : "");
        if (!candidate) {
            return tl::unexpected(candidate.error());
        }
        if (*candidate && session) {
            supervisor.add_candidate(session, **candidate);
        }
        return {};
    }));
}

void remove_publisher(gpointer object, const gchar* session) {
    (void)with_publishers(object, [&](SourceSupervisor& supervisor) -> Result<void> {
        supervisor.remove_publisher(session ? session : "");
        return {};
    });
}

/// Supervisor's thread, or the one that changes states.
void tell(MastheadVehicleSrc* self, SourceState state, const std::string& detail, const StreamFacts& facts) {
    GST_INFO_OBJECT(self, "%s %s", to_string(state), detail.c_str());
    GstStructure* said = gst_structure_new(
        "vehicle-source", "state", G_TYPE_STRING, to_string(state), "detail", G_TYPE_STRING, detail.c_str(),
        "codec", G_TYPE_STRING, facts.codec.c_str(), "profile", G_TYPE_STRING, facts.profile.c_str(), "width",
        G_TYPE_INT, facts.width, "height", G_TYPE_INT, facts.height, "b-frames", G_TYPE_BOOLEAN,
        facts.b_frames, "klv", G_TYPE_BOOLEAN, facts.klv, "audio", G_TYPE_BOOLEAN, facts.audio, nullptr);
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), said));
}

Result<SourceUri> source_of(const Settings& settings) {
    if (settings.launch.empty()) {
        return parse_source_uri(settings.uri);
    }
    if (!settings.uri.empty()) {
        return fail(Code::invalid_argument,
                    "'uri' and 'launch' are both set; one says where the video comes from");
    }
    return SourceUri{.kind = SourceKind::launch,
                     .text = settings.launch,
                     .shown = "the launch fragment",
                     .values = settings.launch_values};
}

/// Where failures are states, so is a URI that names no camera; elsewhere it is an error: false.
bool prepare(MastheadVehicleSrc* self) {
    const Settings settings = settings_of(self);
    State& state = *self->state;
    auto ice = parse_ice_settings(settings.ice_addresses, settings.ice_ports);
    auto uri = ice ? source_of(settings) : tl::unexpected(ice.error());
    if (uri) {
        state.ice = *std::move(ice);
        state.live = uri->kind != SourceKind::file;
        state.uri = std::move(*uri);
        return true;
    }
    if (!settings.reconnect.value_or(false)) {
        GST_ELEMENT_ERROR(self, RESOURCE, SETTINGS, ("%s", uri.error().message.c_str()), (nullptr));
        return false;
    }
    state.live = true; // nothing will come that sinks could wait for
    state.uri.reset();
    tell(self, SourceState::refused, uri.error().message, {});
    return true;
}

void begin(MastheadVehicleSrc* self) {
    State& state = *self->state;
    if (!state.uri) {
        return; // refused
    }
    const Settings settings = settings_of(self);
    SupervisorSettings supervisor{.uri = *state.uri,
                                  .wishes = settings.wishes,
                                  .reconnect = settings.reconnect.value_or(state.live),
                                  .ice = state.ice};
    if (state.live) {
        auto clock = Ref<GstClock>::adopt(gst_element_get_clock(GST_ELEMENT(self)));
        supervisor.clock = clock ? clock : Ref<GstClock>::adopt(gst_system_clock_obtain());
        supervisor.base_time = gst_element_get_base_time(GST_ELEMENT(self));
    }
    SupervisorEvents events;
    events.state = [self](SourceState now, const std::string& detail, const StreamFacts& facts) {
        tell(self, now, detail, facts);
    };
    events.said = [self](const GstStructure* said) {
        gst_element_post_message(GST_ELEMENT(self),
                                 gst_message_new_element(GST_OBJECT(self), gst_structure_copy(said)));
    };
    events.failed = [self](const std::string& why) {
        GST_ELEMENT_ERROR(self, RESOURCE, READ, ("%s", why.c_str()), (nullptr));
    };
    events.answer = [self](const std::string& session, const std::string& sdp) {
        g_signal_emit(self, signals[kAnswer], 0, session.c_str(), sdp.c_str());
    };
    events.publisher = [self](const std::string& session, const char* now, const std::string& detail) {
        g_signal_emit(self, signals[kPublisherState], 0, session.c_str(), now, detail.c_str());
    };
    state.supervisor =
        std::make_unique<SourceSupervisor>(std::move(supervisor), *state.outputs, std::move(events));
    set_woken(state, state.supervisor.get());
}

void end(MastheadVehicleSrc* self) {
    State& state = *self->state;
    set_woken(state, nullptr);
    state.supervisor.reset();
    state.outputs->remove_pads();
}

/// A live source gives nothing before PLAYING and connects then; a file begins at once, so that sinks can
/// preroll.
GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
    auto* self = self_of(element);
    State& state = *self->state;
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !prepare(self)) {
        return GST_STATE_CHANGE_FAILURE;
    }
    if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED) {
        state.outputs->set_flowing(!state.live);
    }
    const auto result =
        GST_ELEMENT_CLASS(masthead_vehicle_src_parent_class)->change_state(element, transition);
    if (result == GST_STATE_CHANGE_FAILURE) {
        return result;
    }
    switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
        if (state.live) {
            return GST_STATE_CHANGE_NO_PREROLL;
        }
        state.outputs->set_flowing(true);
        begin(self);
        break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
        if (state.live) {
            state.outputs->set_flowing(true);
            if (state.supervisor) {
                state.supervisor->set_base_time(gst_element_get_base_time(element));
            } else {
                begin(self);
            }
        }
        break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
        if (state.live) {
            return GST_STATE_CHANGE_NO_PREROLL;
        }
        break;
    case GST_STATE_CHANGE_PAUSED_TO_READY: end(self); break; // the pads are flushing by now
    default: break;
    }
    return result;
}

gboolean query(GstElement* element, GstQuery* query) {
    auto* self = self_of(element);
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) {
        return FALSE;
    }
    const bool live = self->state->live;
    gst_query_set_latency(query, live, live ? settings_of(self).wishes.latency_ms * GST_MSECOND : 0,
                          GST_CLOCK_TIME_NONE);
    return TRUE;
}

/// EOS from the application (gst-launch-1.0 -e): the streams end in order behind their last buffers.
gboolean send_event(GstElement* element, GstEvent* event) {
    const auto owned = Ref<GstEvent>::adopt(event);
    return GST_EVENT_TYPE(event) == GST_EVENT_EOS &&
           post(*self_of(element)->state, &SourceSupervisor::finish);
}

void finalize(GObject* object) {
    auto* self = self_of(object);
    std::destroy_at(&self->state);
    std::destroy_at(&self->settings);
    G_OBJECT_CLASS(masthead_vehicle_src_parent_class)->finalize(object);
}

void install_properties(GObjectClass* object_class) {
    constexpr auto kFlags =
        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
    g_object_class_install_property(
        object_class, PROP_URI,
        g_param_spec_string(
            "uri", "URI",
            "The camera: rtsp://, rtsps://, udp://ADDRESS:PORT (MPEG-TS, multicast is joined), "
            "rtp://ADDRESS:PORT (MPEG-TS), srt://HOST:PORT (MPEG-TS), file:// (MPEG-TS, MP4, Matroska), "
            "whip: "
            "(it sends by itself over WebRTC: add-publisher)",
            "", kFlags));
    g_object_class_install_property(
        object_class, PROP_LAUNCH,
        g_param_spec_string(
            "launch", "Launch",
            "Instead of `uri`: a gst-launch fragment whose last elements are named video, klv, "
            "audio; the video encoded as H.264 or H.265",
            "", kFlags));
    g_object_class_install_property(
        object_class, PROP_LAUNCH_VALUES,
        g_param_spec_boxed(
            "launch-values", "Launch values",
            "Properties to set in `launch` once its elements are made: a structure for each "
            "element's name, in it a text for each property",
            GST_TYPE_STRUCTURE,
            static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)));
    g_object_class_install_property(object_class, PROP_LATENCY,
                                    g_param_spec_uint("latency", "Latency",
                                                      "Milliseconds of jitter buffer for network sources", 0,
                                                      60'000, 100, kFlags));
    g_object_class_install_property(
        object_class, PROP_AUDIO,
        g_param_spec_boolean("audio", "Audio", "Take the camera's sound, if it has some, for the pad audio",
                             TRUE, kFlags));
    g_object_class_install_property(
        object_class, PROP_RECONNECT,
        g_param_spec_boolean(
            "reconnect", "Reconnect",
            "Connect again, after 0.5 to 10 s (UDP and RTP: 0.5 s), when the camera is absent, fails, ends, "
            "is silent "
            "for 3 s or sends nothing within 10 s; otherwise its end is EOS and its failure an error. Set to "
            "true, a "
            "URI that names no camera is no error either but the state `refused`. Unless set, files end",
            TRUE, kFlags));
    g_object_class_install_property(
        object_class, PROP_ICE_ADDRESSES,
        g_param_spec_string("ice-addresses", "ICE addresses",
                            "With whip: the addresses of this machine that who sends may connect to, comma "
                            "separated; empty: all but loopback",
                            "127.0.0.1", kFlags));
    g_object_class_install_property(
        object_class, PROP_ICE_PORTS,
        g_param_spec_string("ice-ports", "ICE ports",
                            "With whip: the UDP ports to be reached at, FIRST-LAST; empty: any", "", kFlags));
}

void install_signals(GType type) {
    const auto action = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
    g_signal_new_class_handler("add-publisher", type, action, G_CALLBACK(add_publisher), nullptr, nullptr,
                               nullptr, G_TYPE_STRING, 2, G_TYPE_STRING, G_TYPE_STRING);
    g_signal_new_class_handler("add-candidate", type, action, G_CALLBACK(add_candidate), nullptr, nullptr,
                               nullptr, G_TYPE_STRING, 3, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRING);
    g_signal_new_class_handler("remove-publisher", type, action, G_CALLBACK(remove_publisher), nullptr,
                               nullptr, nullptr, G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[kAnswer] = g_signal_new("answer", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr,
                                    G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
    signals[kPublisherState] =
        g_signal_new("publisher-state", type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr, G_TYPE_NONE, 3,
                     G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
}

} // namespace

static void masthead_vehicle_src_class_init(MastheadVehicleSrcClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_properties(object_class);
    install_signals(G_TYPE_FROM_CLASS(klass));

    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = change_state;
    element_class->query = query;
    element_class->send_event = send_event;
    gst_element_class_add_static_pad_template(element_class, &video_template);
    gst_element_class_add_static_pad_template(element_class, &klv_template);
    gst_element_class_add_static_pad_template(element_class, &audio_template);
    gst_element_class_set_static_metadata(
        element_class, "Vehicle camera source", "Source/Network/Video/Metadata",
        "A vehicle's camera by URI: parsed H.264 or H.265, the KLV in it, and audio. Pads stay and time goes "
        "on while "
        "connections come and go; `vehicle-source` messages say what it found and what is wrong",
        "Masthead");
}

static void masthead_vehicle_src_init(MastheadVehicleSrc* self) {
    GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
    std::construct_at(&self->settings, std::make_unique<Settings>());
    std::construct_at(&self->state, std::make_unique<State>());
    State* state = self->state.get();
    state->outputs = std::make_unique<VehicleOutputs>(
        GST_ELEMENT(self), [state] { (void)post(*state, &SourceSupervisor::wake); },
        [state] { (void)post(*state, &SourceSupervisor::want_key_frame); });
}
