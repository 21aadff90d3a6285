// Telemetry out of the database. Called on a database's thread.
#pragma once

#include "plugins/telemetry/sample.hpp"
#include "server/store/connection.hpp"

#include <string>
#include <vector>

namespace masthead::store {

/// What a vehicle said from `from` to before `to` (by time of receipt), oldest first, thinned evenly to
/// `limit`. What its link said; if there is nothing, what its cameras' metadata said.
[[nodiscard]] Result<std::vector<Sample>>
telemetry_history(Connection& connection, const std::string& vehicle, Utc from, Utc to, int limit);

} // namespace masthead::store
