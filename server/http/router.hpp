// The route table: which handler a method and a path belong to, and who may call it. Pure.
#pragma once

#include "server/http/message.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace masthead::http {

class WebSocket;

inline constexpr std::size_t kMaxBodyBytes = 256 * 1024; // of routes that do not take more

using Handler = std::function<void(const Request&, Reply)>;
using SocketHandler = std::function<void(const Request&, std::shared_ptr<WebSocket>)>;

struct Route {
    std::string method;  // "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    std::string pattern; // "/api/drones/{id}": a slot takes one segment
    Access access = Access::admin;
    std::variant<Handler, SocketHandler> handler; // a SocketHandler's method is GET
    std::string body_type = "application/json";   // of POST, PUT and PATCH
    bool cross_origin = false; // pages of any origin may use it, with a token of their own: no cookies
    std::optional<Upload> upload = {}; // bodies go to disk
    std::size_t max_body_bytes = kMaxBodyBytes;
};

struct RouteMatch {
    const Route* route = nullptr; // nullptr: none; `allow` then tells whether the path exists
    std::map<std::string, std::string> slots;
    std::string allow; // "GET, PUT" when the path exists, with other methods only
};

/// Borrows `routes`.
[[nodiscard]] RouteMatch find_route(const std::vector<Route>& routes, std::string_view method,
                                    std::string_view path);

/// Percent-decodes a path once. Errors: malformed (bad escape, NUL, no UTF-8).
[[nodiscard]] Result<std::string> decode_path(std::string_view raw);
/// "a=1&b=x%20y"; pairs that cannot be decoded are left out.
[[nodiscard]] std::map<std::string, std::string> parse_query(std::string_view raw);

/// Whether a browser's page of `origin` may change things here: it is the address the browser connected to
/// (`scheme` "http" or "https", `host` its Host header), or one of `also`. No origin at all is not.
[[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view scheme, std::string_view host,
                                  const std::vector<std::string>& also);

} // namespace masthead::http
