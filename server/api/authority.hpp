// /api/leases: who may command a vehicle and its payload, as far as it is decided here; news of it for
// everyone.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/directory.hpp"
#include "server/commands/leases.hpp"
#include "server/http/router.hpp"

#include <functional>
#include <string>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows the directory.
class Authority {
  public:
    /// `tell` takes each lease that changed, as the schema Lease.
    Authority(const Directory& directory, std::function<void(const std::string& json)> tell);

    [[nodiscard]] std::vector<http::Route> routes();
    /// Whether this caller may send this command to this vehicle now. Errors: forbidden (the role), conflict
    /// (the lease), each with the reason.
    [[nodiscard]] Result<void> may(const commands::Row& row, const std::string& vehicle,
                                   const http::Caller& caller);
    /// A LeaseRequest; gives the lease as it is then, which everyone is told too.
    [[nodiscard]] Result<std::string> act(const std::string& text, const http::Caller& caller);

    /// A connection of this session to /api/control came, or went.
    void arrived(const std::string& session);
    void left(const std::string& session);
    /// It was signed out.
    void ended(const std::string& session);

  private:
    void told(const std::vector<commands::LeaseKey>& changed);
    [[nodiscard]] std::string json_of(const commands::LeaseKey& key) const;
    [[nodiscard]] std::string list() const;
    void plan_tick();

    const Directory& directory_;
    std::function<void(const std::string&)> tell_;
    commands::Leases leases_;
    Timer tick_;
};

} // namespace masthead::api
