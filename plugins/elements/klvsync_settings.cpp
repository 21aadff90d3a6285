#include "plugins/elements/klvsync_settings.hpp"

#include <gst/gst.h>

namespace masthead {

namespace {

constexpr auto kLive =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
constexpr auto kBeforeStart =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kReadOnly = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

} // namespace

MatchRules KlvSyncSettings::rules() const {
    return {chosen(time_system), std::chrono::milliseconds(latency_ms),
            std::chrono::milliseconds(max_wait_ms),
            WriteRules{chosen(write_time_system).value_or(klv::TimeSystem::posix), footprint == TRUE}};
}

TrackLimits KlvSyncSettings::limits() const {
    TrackLimits limits;
    limits.history =
        std::chrono::seconds(15); // encoders that look ahead deliver frames seconds after their capture
    limits.max_age = std::chrono::milliseconds(max_age_ms);
    limits.max_acceleration_mps2 = max_acceleration;
    limits.max_angular_acceleration_dps2 = max_angular_acceleration;
    return limits;
}

void install_klvsync_properties(GObjectClass* c) {
    const KlvSyncSettings defaults;
    const auto install = [c](guint id, GParamSpec* spec) { g_object_class_install_property(c, id, spec); };
    install(KLVSYNC_LATENCY,
            g_param_spec_uint(
                "latency", "Latency",
                "Milliseconds from capture to a frame's running time, for video that says no capture time", 0,
                60'000, defaults.latency_ms, kLive));
    install(KLVSYNC_MAX_WAIT,
            g_param_spec_uint(
                "max-wait", "Longest wait",
                "Milliseconds that a frame may wait for telemetry of its own time; added to the latency", 0,
                10'000, defaults.max_wait_ms, kLive));
    install(KLVSYNC_MAX_AGE,
            g_param_spec_uint(
                "max-age", "Greatest age",
                "Milliseconds after which a moving value is left out: no metadata rather than stale metadata",
                0, 60'000, defaults.max_age_ms, kBeforeStart));
    install(KLVSYNC_TIME_SYSTEM,
            g_param_spec_enum("time-system", "Time system", "What the sources mean by their time stamps",
                              read_time_system_type(), static_cast<gint>(defaults.time_system), kLive));
    install(KLVSYNC_WRITE_TIME_SYSTEM,
            g_param_spec_enum(
                "write-time-system", "Time system to write",
                "What item 2 counts in packets we write; misp writes item 136 (leap seconds) as well",
                written_time_system_type(), static_cast<gint>(defaults.write_time_system), kLive));
    install(KLVSYNC_FOOTPRINT,
            g_param_spec_boolean(
                "footprint", "Footprint",
                "Compute frame centre and corners from pose and camera angles where nobody says them",
                defaults.footprint, kLive));
    install(KLVSYNC_MAX_ACCELERATION,
            g_param_spec_double("max-acceleration", "Greatest acceleration",
                                "m/s^2 that the vehicle can do: bounds the stated error", 0, 1000,
                                defaults.max_acceleration, kBeforeStart));
    install(KLVSYNC_MAX_ANGULAR_ACCELERATION,
            g_param_spec_double("max-angular-acceleration", "Greatest angular acceleration",
                                "deg/s^2 that vehicle and camera can do: bounds the stated error", 0, 100'000,
                                defaults.max_angular_acceleration, kBeforeStart));
    install(KLVSYNC_FRAMES,
            g_param_spec_uint64("frames", "Frames", "Frames since the start", 0, G_MAXUINT64, 0, kReadOnly));
    install(KLVSYNC_FRAMES_WITH_KLV, g_param_spec_uint64("frames-with-klv", "Frames with KLV",
                                                         "Frames since the start that left with metadata", 0,
                                                         G_MAXUINT64, 0, kReadOnly));
}

bool set_klvsync_setting(KlvSyncSettings& settings, guint id, const GValue* value) {
    switch (id) {
    case KLVSYNC_LATENCY: settings.latency_ms = g_value_get_uint(value); return true;
    case KLVSYNC_MAX_WAIT: settings.max_wait_ms = g_value_get_uint(value); return true;
    case KLVSYNC_MAX_AGE: settings.max_age_ms = g_value_get_uint(value); return true;
    case KLVSYNC_TIME_SYSTEM: settings.time_system = TimeSystemChoice(g_value_get_enum(value)); return true;
    case KLVSYNC_WRITE_TIME_SYSTEM:
        settings.write_time_system = TimeSystemChoice(g_value_get_enum(value));
        return true;
    case KLVSYNC_FOOTPRINT: settings.footprint = g_value_get_boolean(value); return true;
    case KLVSYNC_MAX_ACCELERATION: settings.max_acceleration = g_value_get_double(value); return true;
    case KLVSYNC_MAX_ANGULAR_ACCELERATION:
        settings.max_angular_acceleration = g_value_get_double(value);
        return true;
    default: return false;
    }
}

bool get_klvsync_setting(const KlvSyncSettings& settings, guint id, GValue* value) {
    switch (id) {
    case KLVSYNC_LATENCY: g_value_set_uint(value, settings.latency_ms); return true;
    case KLVSYNC_MAX_WAIT: g_value_set_uint(value, settings.max_wait_ms); return true;
    case KLVSYNC_MAX_AGE: g_value_set_uint(value, settings.max_age_ms); return true;
    case KLVSYNC_TIME_SYSTEM: g_value_set_enum(value, static_cast<gint>(settings.time_system)); return true;
    case KLVSYNC_WRITE_TIME_SYSTEM:
        g_value_set_enum(value, static_cast<gint>(settings.write_time_system));
        return true;
    case KLVSYNC_FOOTPRINT: g_value_set_boolean(value, settings.footprint); return true;
    case KLVSYNC_MAX_ACCELERATION: g_value_set_double(value, settings.max_acceleration); return true;
    case KLVSYNC_MAX_ANGULAR_ACCELERATION:
        g_value_set_double(value, settings.max_angular_acceleration);
        return true;
    default: return false;
    }
}

} // namespace masthead
