// Route table look-up, percent-decoding and the origin rule.
#include "server/http/router.hpp"

#include "plugins/bytes/bytes.hpp"

#include <glib.h>

#include <algorithm>

namespace masthead::http {
namespace {

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const auto slash = path.find('/', 1);
        parts.push_back(path.substr(1, slash == std::string_view::npos ? slash : slash - 1));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
    }
    return parts;
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path,
          std::map<std::string, std::string>& slots) {
    if (pattern.size() != path.size()) {
        return false;
    }
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i].starts_with('{')) {
            if (path[i].empty()) {
                return false;
            }
            slots[std::string(pattern[i].substr(1, pattern[i].size() - 2))] = path[i];
        } else if (pattern[i] != path[i]) {
            return false;
        }
    }
    return true;
}

Result<std::string> decode(std::string_view raw, bool plus_is_blank) {
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '%') {
            const auto byte = from_hex(raw.substr(i + 1, 2));
            if (!byte || byte->size() != 1 || (*byte)[0] == std::byte{0}) {
                return fail(Code::malformed, "the path has a bad % escape");
            }
            text += static_cast<char>((*byte)[0]);
            i += 2;
        } else {
            text += plus_is_blank && raw[i] == '+' ? ' ' : raw[i];
        }
    }
    if (g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) == FALSE) {
        return fail(Code::malformed, "the path is no UTF-8");
    }
    return text;
}

} // namespace

RouteMatch find_route(const std::vector<Route>& routes, std::string_view method, std::string_view path) {
    RouteMatch match;
    const auto path_segments = segments(path);
    for (const Route& route : routes) {
        std::map<std::string, std::string> slots;
        if (!fits(segments(route.pattern), path_segments, slots)) {
            continue;
        }
        if (route.method == method) {
            return {.route = &route, .slots = std::move(slots), .allow = {}};
        }
        match.allow += (match.allow.empty() ? "" : ", ") + route.method;
    }
    return match;
}

Result<std::string> decode_path(std::string_view raw) { return decode(raw, false); }

std::map<std::string, std::string> parse_query(std::string_view raw) {
    std::map<std::string, std::string> query;
    while (!raw.empty()) {
        const auto end = raw.find('&');
        const std::string_view pair = raw.substr(0, end);
        raw = end == std::string_view::npos ? std::string_view() : raw.substr(end + 1);
        const auto equals = pair.find('=');
        const auto name = decode(pair.substr(0, equals), true);
        const auto value =
            decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (name && value && !name->empty()) {
            query.try_emplace(*name, *value);
        }
    }
    return query;
}

bool origin_allowed(std::string_view origin, std::string_view scheme, std::string_view host,
                    const std::vector<std::string>& also) {
    if (origin.empty() || origin == "null" || host.empty()) {
        return false;
    }
    return origin == std::string(scheme) + "://" + std::string(host) ||
           std::find(also.begin(), also.end(), origin) != also.end();
}

} // namespace masthead::http
