// klvsync's properties: what they mean, and their GObject side.
#pragma once

#include "plugins/elements/frame_matcher.hpp"
#include "plugins/elements/time_system.hpp"

#include <glib-object.h>

namespace masthead {

struct KlvSyncSettings {
    guint latency_ms = 0;
    guint max_wait_ms = 0;
    guint max_age_ms = 1000;
    TimeSystemChoice time_system = TimeSystemChoice::automatic;
    TimeSystemChoice write_time_system = TimeSystemChoice::posix;
    gboolean footprint = TRUE;
    gdouble max_acceleration = 10;
    gdouble max_angular_acceleration = 400;

    [[nodiscard]] MatchRules rules() const;
    [[nodiscard]] TrackLimits limits() const;
};

enum KlvSyncProperty : guint {
    KLVSYNC_LATENCY = 1,
    KLVSYNC_MAX_WAIT,
    KLVSYNC_MAX_AGE,
    KLVSYNC_TIME_SYSTEM,
    KLVSYNC_WRITE_TIME_SYSTEM,
    KLVSYNC_FOOTPRINT,
    KLVSYNC_MAX_ACCELERATION,
    KLVSYNC_MAX_ANGULAR_ACCELERATION,
    KLVSYNC_FRAMES,
    KLVSYNC_FRAMES_WITH_KLV,
};

void install_klvsync_properties(GObjectClass* object_class);
/// False for an id that is no setting. The caller holds the lock that guards `settings`.
[[nodiscard]] bool set_klvsync_setting(KlvSyncSettings& settings, guint id, const GValue* value);
[[nodiscard]] bool get_klvsync_setting(const KlvSyncSettings& settings, guint id, GValue* value);

} // namespace masthead
