// Geofences in the database. Called on a database's thread.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/fences/fence.hpp"
#include "server/store/connection.hpp"

#include <string>
#include <vector>

namespace masthead::store {

/// By name.
[[nodiscard]] Result<std::vector<fences::Fence>> list_geofences(Connection& connection);
/// Error: invalid_argument (PostGIS finds the shape wrong after all).
[[nodiscard]] Result<void> add_geofence(Connection& connection, const fences::Fence& fence,
                                        const std::string& user, Utc now);
/// Errors: not_found, invalid_argument as above.
[[nodiscard]] Result<void> replace_geofence(Connection& connection, const fences::Fence& fence,
                                            const std::string& user, Utc now);
/// Error: not_found.
[[nodiscard]] Result<void> remove_geofence(Connection& connection, const std::string& id);

} // namespace masthead::store
