// Missions in the database, every version of each. Called on a database's thread.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace masthead::store {

struct Mission {
    std::string id;
    int version = 1;
    std::string name;
    std::string kind;         // "drone" or "vessel"
    std::string items = "[]"; // JSON list of MissionItem; of a listed one left out
    int count = 0;
    std::string user; // who wrote this version
    Utc written;
};

/// The newest version of each, newest first, without its items.
[[nodiscard]] Result<std::vector<Mission>> list_missions(Connection& connection, int limit);
/// The newest version, or that one. Error: not_found.
[[nodiscard]] Result<Mission> get_mission(Connection& connection, const std::string& id,
                                          std::optional<int> version);
[[nodiscard]] Result<void> add_mission(Connection& connection, const Mission& mission);
/// As the version after `mission.version`, which must be the newest. Errors: not_found, conflict.
[[nodiscard]] Result<Mission> replace_mission(Connection& connection, Mission mission);
/// Error: not_found.
[[nodiscard]] Result<void> remove_mission(Connection& connection, const std::string& id);

} // namespace masthead::store
