// Replies, error bodies and cookies.
#include "server/http/message.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"

#include <algorithm>

namespace masthead::http {

Response json_response(int status, std::string json) {
    return {.status = status, .content_type = "application/json", .body = std::move(json), .headers = {}};
}

int status_of(Code code) noexcept {
    switch (code) {
    case Code::invalid_argument:
    case Code::malformed:
    case Code::truncated: return 400;
    case Code::unauthenticated: return 401;
    case Code::forbidden: return 403;
    case Code::not_found: return 404;
    case Code::already_exists:
    case Code::conflict:
    case Code::expired: return 409;
    case Code::too_large: return 413;
    case Code::unsupported: return 422;
    case Code::unavailable: return 503;
    case Code::internal: break;
    }
    return 500;
}

Response error_response(const Error& error) {
    return error_response(status_of(error.code), to_string(error.code), error.message);
}

Response error_response(int status, std::string_view code, std::string_view message) {
    json::Writer body;
    body.begin_object().member("error", code).member("message", message).end_object();
    return json_response(status, body.release());
}

struct Reply::Once {
    std::function<void(Response)> sender;

    ~Once() {
        if (sender) {
            log(LogLevel::error, "a request was left without an answer");
            std::exchange(sender, nullptr)(
                error_response({Code::internal, "the server has no answer to this request"}));
        }
    }
};

Reply::Reply(std::function<void(Response)> sender) : once_(std::make_shared<Once>(std::move(sender))) {}

void Reply::send(Response response) const {
    if (auto sender = std::exchange(once_->sender, nullptr)) {
        sender(std::move(response));
    }
}

std::optional<std::string> bearer_token(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    const bool bearer =
        std::ranges::equal(authorization.substr(0, kScheme.size()), kScheme, {}, g_ascii_tolower);
    return bearer ? std::optional(std::string(authorization.substr(kScheme.size()))) : std::nullopt;
}

std::optional<std::string> cookie_value(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const auto end = header.find(';');
        std::string_view pair = header.substr(0, end);
        header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
            return std::string(pair.substr(equals + 1));
        }
    }
    return std::nullopt;
}

} // namespace masthead::http
