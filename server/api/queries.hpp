// What requests ask for behind the '?'.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/http/message.hpp"

namespace masthead::api {

/// Error: invalid_argument, naming it. Without `otherwise` it must be there.
[[nodiscard]] Result<std::int64_t> query_integer(const http::Request& request, const std::string& name,
                                                 std::optional<std::int64_t> otherwise = std::nullopt);

/// The same for a number of any kind; finite.
[[nodiscard]] Result<double> query_number(const http::Request& request, const std::string& name,
                                          std::optional<double> otherwise = std::nullopt);
/// "": it is not there.
[[nodiscard]] std::string query_text(const http::Request& request, const std::string& name);
/// The same for the id of a vehicle or camera. Error: invalid_argument.
[[nodiscard]] Result<std::string> query_id(const http::Request& request, const std::string& name);
/// 'limit', from 1 to 10000. Error: invalid_argument.
[[nodiscard]] Result<int> query_limit(const http::Request& request, int otherwise);

struct TimeRange {
    Utc from;
    Utc to; // exclusive
};
/// UTC in microseconds. Error: invalid_argument.
[[nodiscard]] Result<TimeRange> time_range(std::int64_t from, std::int64_t to);
/// from and to, UTC in microseconds. Error: invalid_argument.
[[nodiscard]] Result<TimeRange> query_range(const http::Request& request);
/// The same where either may be left out: from the beginning, to the end of time.
[[nodiscard]] Result<TimeRange> query_open_range(const http::Request& request);

} // namespace masthead::api
