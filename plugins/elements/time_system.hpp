// The `time-system` properties' enumerations: what a source means by its time stamps, and what we write.
#pragma once

#include "plugins/klv/time.hpp"

#include <glib-object.h>

#include <optional>

namespace masthead {

/// Property values; `automatic` is detected (klv::detect).
enum class TimeSystemChoice : int { posix = 0, misp = 1, automatic = 2 };

/// GEnum of posix and misp.
[[nodiscard]] GType written_time_system_type();
/// GEnum of auto, posix and misp.
[[nodiscard]] GType read_time_system_type();

/// Nothing for `automatic`.
[[nodiscard]] std::optional<klv::TimeSystem> chosen(TimeSystemChoice choice);

} // namespace masthead
