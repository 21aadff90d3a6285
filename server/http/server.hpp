// The HTTP server: libsoup behind a route table. The only room that knows libsoup.
#pragma once

#include "server/http/router.hpp"
#include "server/http/websocket.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace masthead::http {

struct ServerSettings {
    std::string host; // numeric address
    std::uint16_t port = 0;
    std::filesystem::path certificate; // PEM; empty: plain HTTP
    std::filesystem::path key;
    std::filesystem::path web;        // the web app's files
    std::vector<std::string> origins; // allowed besides the server's own
};

/// Finds out who calls from a request's token or cookie. Errors: unauthenticated when no valid session comes
/// with it, unavailable when that cannot be known now.
using Gate = std::function<Result<Caller>(const Request&)>;

/// Hears of each request of a method that may change something, when it is over, with the status of its
/// answer; also of those that were refused, but for what no route takes.
using Witness = std::function<void(const Request&, int status)>;

/// Lives on the default GMainContext's thread. Before a handler sees a request: the route exists (404, 405),
/// the caller may (401, 403), an unsafe method's or a WebSocket's Origin is allowed (403; a request with a
/// bearer token needs none), the body is of the route's type (415) and within its max_body_bytes or what the
/// route's Upload takes (413, refused while it streams in).
class Server {
  public:
    /// Errors: unavailable (address in use, with the address), invalid_argument (address, certificate or
    /// key).
    [[nodiscard]] static Result<std::unique_ptr<Server>>
    create(const ServerSettings& settings, std::vector<Route> routes, Gate gate, Witness witness);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// "http://127.0.0.1:8080"
    [[nodiscard]] std::string address() const;
    [[nodiscard]] const std::vector<Route>& routes() const noexcept;
    /// Closes every WebSocket of a session (Caller::session).
    void close_sockets_of(const std::string& session, const std::string& reason);

  private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace masthead::http
