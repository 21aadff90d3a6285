// Times as cameras, spreadsheets and people write them.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <optional>
#include <string_view>

namespace masthead {

/// What a text says of an instant; without a zone it is read as if it were UTC.
struct StatedTime {
    Utc utc;
    bool zoned = false;
};
/// ISO 8601, and what cameras and spreadsheets make of it: '/' or '.' between the parts of the date, a blank
/// for the T, no seconds, ',' before the fraction and within it ("10,123,456"); "Z", "+02:00", "+0200" or
/// nothing behind.
[[nodiscard]] std::optional<StatedTime> parse_time(std::string_view text);

} // namespace masthead
