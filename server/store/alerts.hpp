// Alerts in the database. Called on a database's thread.
#pragma once

#include "server/alerts/alert.hpp"
#include "server/store/connection.hpp"

#include <vector>

namespace masthead::store {

/// Adds it, or brings it up to date; one that is newer there is left alone.
[[nodiscard]] Result<void> put_alert(Connection& connection, const alerts::Alert& alert);
/// Those that are not cleared, oldest first.
[[nodiscard]] Result<std::vector<alerts::Alert>> open_alerts(Connection& connection);

} // namespace masthead::store
