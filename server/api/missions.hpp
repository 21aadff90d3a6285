// /api/missions: missions, written and kept; and those that vehicles hold, as they were last read.
#pragma once

#include "plugins/commands/mission.hpp"
#include "server/api/directory.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"
#include "server/store/missions.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows what it is made from.
class Missions {
  public:
    Missions(store::Database& database, const Directory& directory)
        : database_(database), directory_(directory) {}

    [[nodiscard]] std::vector<http::Route> routes();
    /// What an upload's arguments name, for a vehicle of this kind. Errors: not_found, invalid_argument (it
    /// is for another kind), unavailable.
    void find(const commands::Arguments& upload, control::VehicleKind kind,
              std::function<void(Result<std::vector<commands::MissionItem>>)> done);
    /// A vehicle's mission was read.
    void arrived(const control::MissionHeld& held);

  private:
    struct Held {
        Utc read;
        std::string command;
        std::string mission; // JSON object text with `items`
    };
    void list(const http::Request& request, const http::Reply& reply);
    void add(const http::Request& request, const http::Reply& reply);
    void get(const http::Request& request, const http::Reply& reply);
    void replace(const http::Request& request, const http::Reply& reply);
    void remove(const http::Request& request, const http::Reply& reply);
    void held_by(control::VehicleKind kind, const http::Request& request, const http::Reply& reply) const;

    store::Database& database_;
    const Directory& directory_;
    std::map<std::string, Held> held_; // by vehicle
};

} // namespace masthead::api
