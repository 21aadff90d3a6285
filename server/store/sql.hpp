// Times as SQL sees them. Private to server/store.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <string>

namespace masthead::store {

/// `column` (timestamptz) as whole microseconds, for SELECT.
[[nodiscard]] inline std::string us_of(const std::string& column) {
    return "(extract(epoch FROM " + column + ") * 1000000)::bigint";
}
/// Parameter `$n` in whole microseconds as a timestamptz.
[[nodiscard]] inline std::string time_of(int parameter) {
    // to_timestamp() takes a double, which cannot hold microseconds of today.
    return "('epoch'::timestamptz + $" + std::to_string(parameter) + "::bigint * interval '1 microsecond')";
}
[[nodiscard]] inline Utc read_utc(const Field& field) { return {field ? std::stoll(*field) : 0}; }
[[nodiscard]] inline std::string text_of(Utc time) { return std::to_string(time.us); }

} // namespace masthead::store
