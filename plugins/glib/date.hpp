// Times as people write them.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <optional>
#include <string>

namespace masthead {

/// ISO 8601 with its zone, "2026-11-22T14:03:22.5Z"; nothing for anything else. Rounded down to microseconds.
[[nodiscard]] std::optional<Utc> utc_from_iso8601(const std::string& text);

} // namespace masthead
