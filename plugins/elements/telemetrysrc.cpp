// Threads: the link's thread fills the queue, the streaming thread empties it. Locks: the object lock guards
// Settings; State has a mutex for the queue. Neither is taken under the other.
#include "plugins/elements/telemetrysrc.hpp"

#include "plugins/elements/link_thread.hpp"
#include "plugins/glib/buffer.hpp"
#include "plugins/glib/properties.hpp"

#include <gst/base/gstpushsrc.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

GST_DEBUG_CATEGORY_STATIC(telemetrysrc_debug);
#define GST_CAT_DEFAULT telemetrysrc_debug

namespace {

using namespace masthead;
using std::chrono::steady_clock;

constexpr std::size_t kQueueLimit = 256; // packets; the oldest are dropped

struct Settings {
    std::string uri;
    std::string address;
};

struct Packet {
    Bytes bytes;
    steady_clock::time_point arrival;
};

struct State {
    std::mutex mutex;
    std::condition_variable changed;
    // Guarded by mutex:
    std::deque<Packet> queue;
    bool unlocked = false;
    guint64 dropped = 0;
    LinkAddress speaker; // whose samples are taken; empty until someone spoke
    // Of the thread that changes states:
    std::unique_ptr<LinkThread> link;
};

enum Property : guint { PROP_URI = 1, PROP_ADDRESS, PROP_DROPPED };

GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("meta/x-klv, parsed=(boolean)true"));

} // namespace

struct MastheadTelemetrySrc {
    GstPushSrc parent;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<State> state;
};
struct MastheadTelemetrySrcClass {
    GstPushSrcClass parent_class;
};

GType masthead_telemetry_src_get_type();
G_DEFINE_TYPE_WITH_CODE(MastheadTelemetrySrc, masthead_telemetry_src, GST_TYPE_PUSH_SRC,
                        GST_DEBUG_CATEGORY_INIT(telemetrysrc_debug, "telemetrysrc", 0,
                                                "Telemetry links as KLV"))
GST_ELEMENT_REGISTER_DEFINE(telemetrysrc, "telemetrysrc", GST_RANK_NONE, masthead_telemetry_src_get_type())

namespace {

MastheadTelemetrySrc* self_of(gpointer object) { return static_cast<MastheadTelemetrySrc*>(object); }

Settings settings_of(MastheadTelemetrySrc* self) {
    GST_OBJECT_LOCK(self);
    Settings settings = *self->settings;
    GST_OBJECT_UNLOCK(self);
    return settings;
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_URI: self->settings->uri = string_of(value); break;
    case PROP_ADDRESS: self->settings->address = string_of(value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    auto* self = self_of(object);
    switch (id) {
    case PROP_URI: g_value_set_string(value, settings_of(self).uri.c_str()); break;
    case PROP_ADDRESS: g_value_set_string(value, settings_of(self).address.c_str()); break;
    case PROP_DROPPED: {
        const std::lock_guard lock(self->state->mutex);
        g_value_set_uint64(value, self->state->dropped);
        break;
    }
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

/// Link's thread.
void take_sample(MastheadTelemetrySrc* self, const LinkAddress& address, const Sample& sample) {
    const klv::LocalSet set = to_local_set(sample);
    if (set.items().size() < 2) {
        return; // nothing in it but the time
    }
    auto bytes = klv::encode(set);
    if (!bytes) {
        GST_WARNING_OBJECT(self, "sample left out: %s", bytes.error().message.c_str());
        return;
    }
    State& state = *self->state;
    const std::lock_guard lock(state.mutex);
    if (state.speaker.empty()) {
        state.speaker = address;
    }
    if (state.speaker != address) {
        return;
    }
    if (state.queue.size() == kQueueLimit) {
        state.queue.pop_front();
        ++state.dropped;
    }
    state.queue.push_back({std::move(*bytes), steady_clock::now()});
    state.changed.notify_all();
}

const char* name_of(LinkState state) {
    switch (state) {
    case LinkState::connecting: return "connecting";
    case LinkState::up: return "up";
    case LinkState::silent: return "silent";
    case LinkState::down: return "down";
    }
    return "down";
}

/// Link's thread.
void tell_state(MastheadTelemetrySrc* self, LinkState state, const std::string& detail) {
    GST_INFO_OBJECT(self, "link is %s: %s", name_of(state), detail.c_str());
    GstStructure* structure = gst_structure_new("telemetry-source", "state", G_TYPE_STRING, name_of(state),
                                                "detail", G_TYPE_STRING, detail.c_str(), nullptr);
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), structure));
}

gboolean start(GstBaseSrc* base) {
    auto* self = self_of(base);
    const Settings settings = settings_of(self);
    State& state = *self->state;
    {
        const std::lock_guard lock(state.mutex);
        state.queue.clear();
        state.dropped = 0;
        state.speaker = settings.address;
    }
    LinkEvents events;
    events.sample = [self](const LinkAddress& from, const Sample& sample) {
        take_sample(self, from, sample);
    };
    events.state = [self](LinkState now, const std::string& detail) { tell_state(self, now, detail); };
    auto link = LinkThread::create(settings.uri, std::move(events));
    if (!link) {
        GST_ELEMENT_ERROR(self, RESOURCE, SETTINGS, ("%s", link.error().message.c_str()), (nullptr));
        return FALSE;
    }
    state.link = std::move(*link);
    return TRUE;
}

gboolean stop(GstBaseSrc* base) {
    self_of(base)->state->link.reset();
    return TRUE;
}

void set_unlocked(MastheadTelemetrySrc* self, bool unlocked) {
    const std::lock_guard lock(self->state->mutex);
    self->state->unlocked = unlocked;
    self->state->changed.notify_all();
}

gboolean unlock(GstBaseSrc* base) {
    set_unlocked(self_of(base), true);
    return TRUE;
}

gboolean unlock_stop(GstBaseSrc* base) {
    set_unlocked(self_of(base), false);
    return TRUE;
}

/// Running time of a packet that arrived at `arrival`.
GstClockTime running_time_of(GstElement* element, steady_clock::time_point arrival) {
    const auto clock = Ref<GstClock>::adopt(gst_element_get_clock(element));
    if (!clock) {
        return 0;
    }
    const auto age = std::chrono::nanoseconds(steady_clock::now() - arrival).count();
    const GstClockTimeDiff running =
        GST_CLOCK_DIFF(gst_element_get_base_time(element), gst_clock_get_time(clock.get()));
    return static_cast<GstClockTime>(std::max<GstClockTimeDiff>(running - age, 0));
}

GstFlowReturn create(GstPushSrc* base, GstBuffer** out) {
    auto* self = self_of(base);
    State& state = *self->state;
    Packet packet;
    {
        std::unique_lock lock(state.mutex);
        state.changed.wait(lock, [&] { return state.unlocked || !state.queue.empty(); });
        if (state.unlocked) {
            return GST_FLOW_FLUSHING;
        }
        packet = std::move(state.queue.front());
        state.queue.pop_front();
    }
    auto buffer = make_buffer(packet.bytes);
    GST_BUFFER_PTS(buffer.get()) = running_time_of(GST_ELEMENT(self), packet.arrival);
    *out = buffer.release();
    return GST_FLOW_OK;
}

gboolean query(GstBaseSrc* base, GstQuery* query) {
    if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) {
        gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE); // it may wait: the queue is ours
        return TRUE;
    }
    return GST_BASE_SRC_CLASS(masthead_telemetry_src_parent_class)->query(base, query);
}

void finalize(GObject* object) {
    auto* self = self_of(object);
    std::destroy_at(&self->settings);
    std::destroy_at(&self->state);
    G_OBJECT_CLASS(masthead_telemetry_src_parent_class)->finalize(object);
}

void install_properties(GObjectClass* object_class) {
    constexpr auto kFlags =
        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
    g_object_class_install_property(
        object_class, PROP_URI,
        g_param_spec_string("uri", "URI",
                            "The link: mavlink+udp://HOST:PORT (listens), mavlink+udpout://, mavlink+tcp://, "
                            "nmea+tcp://, nmea+udp://, mqtt://HOST:PORT/TOPIC",
                            "", kFlags));
    g_object_class_install_property(
        object_class, PROP_ADDRESS,
        g_param_spec_string("address", "Address",
                            "Who on the link: MAVLink system id, MMSI, \"own\"; empty: the first who speaks",
                            "", kFlags));
    g_object_class_install_property(
        object_class, PROP_DROPPED,
        g_param_spec_uint64("dropped", "Dropped",
                            "Packets dropped because downstream did not take them in time", 0, G_MAXUINT64, 0,
                            static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

} // namespace

static void masthead_telemetry_src_class_init(MastheadTelemetrySrcClass* klass) {
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_properties(object_class);

    auto* element_class = GST_ELEMENT_CLASS(klass);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_element_class_set_static_metadata(
        element_class, "Telemetry source", "Source/Network/Metadata",
        "Listens to a vehicle's telemetry link (MAVLink, NMEA 0183 and AIS, MQTT) and gives each sample as "
        "an ST 0601 packet. "
        "Reconnects by itself; says its state in `telemetry-source` messages",
        "Masthead");

    auto* base_class = GST_BASE_SRC_CLASS(klass);
    base_class->start = start;
    base_class->stop = stop;
    base_class->unlock = unlock;
    base_class->unlock_stop = unlock_stop;
    base_class->query = query;
    GST_PUSH_SRC_CLASS(klass)->create = create;
}

static void masthead_telemetry_src_init(MastheadTelemetrySrc* self) {
    std::construct_at(&self->settings, std::make_unique<Settings>());
    std::construct_at(&self->state, std::make_unique<State>());
    gst_base_src_set_live(GST_BASE_SRC(self), TRUE);
    gst_base_src_set_format(GST_BASE_SRC(self), GST_FORMAT_TIME);
}
