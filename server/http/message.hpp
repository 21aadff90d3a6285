// What a handler gets and gives: a request, parsed; a reply, sent once, now or later.
#pragma once

#include "plugins/bytes/result.hpp"
#include "server/http/upload.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace masthead::http {

/// Who may call a route; each includes those before it.
enum class Access : std::uint8_t { everyone, viewer, operators, supervisor, admin };

/// Who calls, as the session says.
struct Caller {
    std::string user;
    Access access = Access::everyone;
    std::string session; // names the session without being its secret
    std::string remote;  // the client's numeric address
};

struct Request {
    std::string method;
    std::string path;                         // decoded
    std::map<std::string, std::string> slots; // of the route's pattern: {"id", "kestrel"}
    std::map<std::string, std::string> query; // decoded; the first of equal names
    std::string cookie;                       // the whole Cookie header
    std::string authorization;                // the whole Authorization header
    std::string if_match;                     // the If-Match header
    std::string if_none_match;                // the If-None-Match header
    std::string if_range;                     // the If-Range header
    std::string range;                        // the Range header
    std::string origin;                       // "" when the client sent none
    std::string remote;                       // the client's numeric address
    std::string body;
    std::shared_ptr<UploadedFile> upload; // instead of `body`, on routes that take uploads
    std::optional<Caller> caller;         // always there on routes that are not for everyone
};

/// A stretch of a file as a body; it is read as it is sent.
struct FilePart {
    std::filesystem::path path;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0; // a file that turns out shorter ends the connection
};

struct Response {
    int status = 200;
    std::string content_type; // "" when there is no body
    std::string body;
    std::optional<FilePart> file; // instead of `body`
    std::vector<std::pair<std::string, std::string>> headers;
};

/// The first `size` bytes of a file, or the part that the request wants (RFC 9110, 14.2: one range; several
/// are answered with all of it): 200, 206, 304 or 416. `etag` with its quotes.
[[nodiscard]] Response file_response(const Request& request, std::filesystem::path path, std::uint64_t size,
                                     std::string content_type, const std::string& etag);

/// `json` as application/json.
[[nodiscard]] Response json_response(int status, std::string json);
/// The schema Error of openapi.yaml, with the status that belongs to the code.
[[nodiscard]] Response error_response(const Error& error);
/// The same with a status of its own and a code that is no Code ("rate_limited").
[[nodiscard]] Response error_response(int status, std::string_view code, std::string_view message);
[[nodiscard]] int status_of(Code code) noexcept;

/// The answer to one request. Copies share it; the first send() counts. When the last copy goes without one,
/// the client gets a 500. Sending after the client has gone does nothing. Thread: the server's.
class Reply {
  public:
    explicit Reply(std::function<void(Response)> sender);
    void send(Response response) const;
    void fail(const Error& error) const { send(error_response(error)); }

  private:
    struct Once;
    std::shared_ptr<Once> once_;
};

/// The token of "Bearer TOKEN" (RFC 6750 2.1); nothing for another header.
[[nodiscard]] std::optional<std::string> bearer_token(std::string_view authorization);
/// The value of one cookie of a Cookie header.
[[nodiscard]] std::optional<std::string> cookie_value(std::string_view header, std::string_view name);

} // namespace masthead::http
