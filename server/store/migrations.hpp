// The database's shape: numbered SQL files of schema/sql, each applied once, in order.
#pragma once

#include "server/store/connection.hpp"

namespace masthead::store {

/// Applies what is missing, each file in a transaction of its own, under an advisory lock (several servers
/// may start at once). Errors: as Connection; conflict when the database was made by a newer server.
[[nodiscard]] Result<void> migrate(Connection& connection);

} // namespace masthead::store
