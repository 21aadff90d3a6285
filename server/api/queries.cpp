#include "server/api/queries.hpp"

#include <charconv>

namespace masthead::api {

Result<std::int64_t> query_integer(const http::Request& request, const std::string& name,
                                   std::optional<std::int64_t> otherwise) {
    const auto found = request.query.find(name);
    if (found == request.query.end() && otherwise) {
        return *otherwise;
    }
    std::int64_t value = 0;
    if (found != request.query.end()) {
        const std::string& text = found->second;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && stop == text.data() + text.size()) {
            return value;
        }
    }
    return fail(Code::invalid_argument, "'" + name + "' must be a whole number");
}

Result<TimeRange> query_range(const http::Request& request) {
    const auto from = query_integer(request, "from");
    const auto to = query_integer(request, "to");
    if (!from || !to) {
        return tl::unexpected(!from ? from.error() : to.error());
    }
    // PostgreSQL's timestamps end in the year 294276; nobody asks for that.
    constexpr std::int64_t kMaxUs = 253'402'300'800'000'000;
    if (*from < 0 || *to <= *from || *to > kMaxUs) {
        return fail(Code::invalid_argument, "'from' must be before 'to'");
    }
    return TimeRange{{*from}, {*to}};
}

} // namespace masthead::api
