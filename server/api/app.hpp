// The server, put together: services, resources and routes of one masthead-server.
#pragma once

#include "plugins/bytes/result.hpp"
#include "server/config/settings.hpp"

#include <functional>
#include <memory>
#include <string>

namespace masthead::api {

/// Thread: the default GMainContext's.
class App {
  public:
    /// Listens and begins to connect; what is down is tried again by itself.
    /// Errors: unavailable (the address is in use), invalid_argument (certificate, address, data directory).
    [[nodiscard]] static Result<std::unique_ptr<App>> create(const Settings& settings);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    /// "http://127.0.0.1:8080"
    [[nodiscard]] std::string address() const;
    /// "GET /api/drones viewer": method, pattern and least role, one a line.
    [[nodiscard]] std::string route_list() const;
    /// Ends the workers, then calls `done`.
    void stop(std::function<void()> done);

  private:
    struct State;
    explicit App(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace masthead::api
