// What requests ask for behind the '?'.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/http/message.hpp"

namespace masthead::api {

/// Error: invalid_argument, naming it. Without `otherwise` it must be there.
[[nodiscard]] Result<std::int64_t> query_integer(const http::Request& request, const std::string& name,
                                                 std::optional<std::int64_t> otherwise = std::nullopt);

struct TimeRange {
    Utc from;
    Utc to; // exclusive
};
/// from and to, UTC in microseconds. Error: invalid_argument.
[[nodiscard]] Result<TimeRange> query_range(const http::Request& request);

} // namespace masthead::api
