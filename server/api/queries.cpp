#include "server/api/queries.hpp"

#include "server/control/protocol.hpp"

#include <charconv>
#include <cmath>

namespace masthead::api {

namespace {

constexpr int kMostListed = 10'000;
/// PostgreSQL's timestamps end in the year 294276; nobody asks for that.
constexpr std::int64_t kMaxUs = 253'402'300'800'000'000;

template <typename Number>
Result<Number> number_of(const http::Request& request, const std::string& name,
                         std::optional<Number> otherwise, const char* kind) {
    const auto found = request.query.find(name);
    if (found == request.query.end() && otherwise) {
        return *otherwise;
    }
    Number value = 0;
    if (found != request.query.end()) {
        const std::string& text = found->second;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && stop == text.data() + text.size()) {
            return value;
        }
    }
    return fail(Code::invalid_argument, "'" + name + "' must be a " + kind);
}

Result<TimeRange> range_of(const Result<std::int64_t>& from, const Result<std::int64_t>& to) {
    if (!from || !to) {
        return tl::unexpected(!from ? from.error() : to.error());
    }
    return time_range(*from, *to);
}

} // namespace

Result<TimeRange> time_range(std::int64_t from, std::int64_t to) {
    if (from < 0 || to <= from || to > kMaxUs) {
        return fail(Code::invalid_argument, "'from' must be before 'to'");
    }
    return TimeRange{{from}, {to}};
}

Result<std::int64_t> query_integer(const http::Request& request, const std::string& name,
                                   std::optional<std::int64_t> otherwise) {
    return number_of(request, name, otherwise, "whole number");
}

Result<double> query_number(const http::Request& request, const std::string& name,
                            std::optional<double> otherwise) {
    auto number = number_of(request, name, otherwise, "number");
    return number && !std::isfinite(*number) ? fail(Code::invalid_argument, "'" + name + "' must be a number")
                                             : std::move(number);
}

std::string query_text(const http::Request& request, const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? "" : found->second;
}

Result<std::string> query_id(const http::Request& request, const std::string& name) {
    std::string id = query_text(request, name);
    return id.empty() || control::is_id(id)
               ? Result<std::string>(std::move(id))
               : fail(Code::invalid_argument, "'" + name + "' must be the id of a " + name);
}

Result<int> query_limit(const http::Request& request, int otherwise) {
    const auto limit = query_integer(request, "limit", otherwise);
    return limit && *limit >= 1 && *limit <= kMostListed
               ? Result<int>(static_cast<int>(*limit))
               : fail(Code::invalid_argument, "'limit' must be from 1 to 10000");
}

Result<TimeRange> query_range(const http::Request& request) {
    return range_of(query_integer(request, "from"), query_integer(request, "to"));
}

Result<TimeRange> query_open_range(const http::Request& request) {
    return range_of(query_integer(request, "from", 0), query_integer(request, "to", kMaxUs));
}

} // namespace masthead::api
