// /api/audit: who did what, when, from where, and what came of it.
#pragma once

#include "server/commands/command.hpp"
#include "server/http/router.hpp"
#include "server/store/audit.hpp"

#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows the log.
class Audit {
  public:
    explicit Audit(store::AuditLog& log) : log_(log) {}

    [[nodiscard]] std::vector<http::Route> routes();
    /// A request that might have changed something is over. Those of nobody are left out, but for sign-ins.
    void request(const http::Request& request, int status);
    /// What was asked for on the WebSocket /api/control: `error` is empty when it was taken.
    void message(const http::Caller& caller, const std::string& text, const std::string& error);
    /// A command reached a state.
    void command(const commands::Command& command);

  private:
    void list(const http::Request& request, const http::Reply& reply);

    store::AuditLog& log_;
};

} // namespace masthead::api
