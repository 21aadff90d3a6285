// Which part of a file a request wants.
#include "server/http/message.hpp"

#include <charconv>

namespace masthead::http {

namespace {

struct Span {
    std::uint64_t first;
    std::uint64_t last; // inclusive
};

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                     : std::nullopt;
}

/// Of "bytes=a-b", "bytes=a-" or "bytes=-n". Nothing: all of it is wanted, or the header says nothing that we
/// know (RFC 9110, 14.2: ignored). One with first > last cannot be satisfied.
std::optional<Span> span_of(std::string_view range, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    if (!range.starts_with(kUnit)) {
        return std::nullopt;
    }
    range.remove_prefix(kUnit.size());
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) {
        return std::nullopt;
    }
    const auto first = number(range.substr(0, dash));
    const auto last = number(range.substr(dash + 1));
    if (dash == 0) {
        return last ? std::optional(*last == 0 ? Span{1, 0} : Span{size - std::min(*last, size), size - 1})
                    : std::nullopt;
    }
    if (!first || (!last && dash + 1 != range.size()) || (last && *last < *first)) {
        return std::nullopt;
    }
    if (*first >= size) {
        return Span{1, 0};
    }
    return Span{*first, std::min(last.value_or(size - 1), size - 1)};
}

} // namespace

Response file_response(const Request& request, std::filesystem::path path, std::uint64_t size,
                       std::string content_type, const std::string& etag) {
    Response response;
    response.headers = {{"ETag", etag}, {"Accept-Ranges", "bytes"}, {"Cache-Control", "private, no-cache"}};
    if (!request.if_none_match.empty() &&
        (request.if_none_match == "*" || request.if_none_match.find(etag) != std::string::npos)) {
        response.status = 304;
        return response;
    }
    const bool stale = !request.if_range.empty() && request.if_range != etag;
    const auto span = stale ? std::nullopt : span_of(request.range, size);
    if (span && span->first > span->last) {
        response =
            error_response(416, "range_not_satisfiable", "the file has " + std::to_string(size) + " bytes");
        response.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
        return response;
    }
    response.content_type = std::move(content_type);
    response.file = FilePart{std::move(path), 0, size};
    if (span) {
        response.status = 206;
        response.file->offset = span->first;
        response.file->bytes = span->last - span->first + 1;
        response.headers.emplace_back("Content-Range", "bytes " + std::to_string(span->first) + "-" +
                                                           std::to_string(span->last) + "/" +
                                                           std::to_string(size));
    }
    return response;
}

} // namespace masthead::http
