// Jobs on recordings, exports and imports, in the database. Called on a database's thread.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace masthead::store {

struct OperationRow {
    std::string id;
    std::string kind;  // export, import
    std::string state; // queued (waits or runs), done, failed, cancelled
    std::string detail;
    std::string user;
    Utc created;
    std::optional<Utc> ended;
    std::string vehicle;
    std::string camera;
    std::optional<Utc> from;
    std::optional<Utc> to;      // exclusive
    std::string request = "{}"; // JSON object: what else was asked for
    std::string files = "[]";   // JSON array: what was made
};

/// Adds it, or replaces all but who asked for what and when.
[[nodiscard]] Result<void> put_operation(Connection& connection, const OperationRow& row);
/// Error: not_found.
[[nodiscard]] Result<OperationRow> get_operation(Connection& connection, const std::string& id);
/// The newest, newest first.
[[nodiscard]] Result<std::vector<OperationRow>> list_operations(Connection& connection, int count);
/// Those that have not ended, oldest first.
[[nodiscard]] Result<std::vector<OperationRow>> open_operations(Connection& connection);
/// Those that ended before an instant.
[[nodiscard]] Result<std::vector<OperationRow>> operations_ended_before(Connection& connection, Utc before);
/// One that is not there is fine.
[[nodiscard]] Result<void> remove_operation(Connection& connection, const std::string& id);

/// What has a row and touches [from, to) of a camera: {"events":[...],"commands":[...],"bookmarks":[...]},
/// each as the API shows it, by time.
[[nodiscard]] Result<std::string> happened_json(Connection& connection, const std::string& vehicle,
                                                const std::string& camera, Utc from, Utc to);

} // namespace masthead::store
