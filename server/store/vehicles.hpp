// Vehicles in the database. Called on a database's thread.
#pragma once

#include "server/store/connection.hpp"

#include <string>
#include <vector>

namespace masthead::store {

struct VehicleRow {
    std::string id;
    std::string kind; // drone, vessel
    std::string body; // JSON: the schema Vehicle of openapi.yaml
};

[[nodiscard]] Result<std::vector<VehicleRow>> list_vehicles(Connection& connection);
/// Error: already_exists (whatever its kind).
[[nodiscard]] Result<void> add_vehicle(Connection& connection, const VehicleRow& vehicle);
/// Error: not_found (no vehicle of that id and kind).
[[nodiscard]] Result<void> replace_vehicle(Connection& connection, const VehicleRow& vehicle);
[[nodiscard]] Result<void> remove_vehicle(Connection& connection, const std::string& id,
                                          const std::string& kind);

} // namespace masthead::store
