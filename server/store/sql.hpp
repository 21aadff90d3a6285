// Times as SQL sees them, and rows as structs. Private to server/store.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <string>
#include <type_traits>
#include <vector>

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

/// What `make` makes of each row; or why there are none.
template <typename Make>
[[nodiscard]] auto each_row(const Result<Rows>& rows, Make make)
    -> Result<std::vector<std::invoke_result_t<Make, const Row&>>> {
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    std::vector<std::invoke_result_t<Make, const Row&>> made;
    made.reserve(rows->size());
    for (const Row& row : *rows) {
        made.push_back(make(row));
    }
    return made;
}

} // namespace masthead::store
