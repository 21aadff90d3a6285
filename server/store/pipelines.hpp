// Applied versions of pipeline files in the database. Called on a database's thread.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace masthead::store {

struct PipelineVersionRow {
    std::string name;
    int version = 0; // from 1; 0 when it is to be given one
    Utc applied;
    std::string user;            // empty: changed in the folder
    std::optional<int> restores; // the version whose text it is again
    std::string text;
};

/// The newest of each file.
[[nodiscard]] Result<std::vector<PipelineVersionRow>> newest_pipeline_versions(Connection& connection);
/// Newest first, at most `count`.
[[nodiscard]] Result<std::vector<PipelineVersionRow>>
list_pipeline_versions(Connection& connection, const std::string& name, int count);
/// Error: not_found.
[[nodiscard]] Result<PipelineVersionRow> get_pipeline_version(Connection& connection, const std::string& name,
                                                              int version);
/// Writes `row` as the version after `base`, and gives its number. Error: conflict when another version than
/// `base` is the newest.
[[nodiscard]] Result<int> add_pipeline_version(Connection& connection, const PipelineVersionRow& row,
                                               int base);
/// Writes `row` after whatever is the newest, unless that has the same text; gives the newest version's
/// number then.
[[nodiscard]] Result<int> note_pipeline_version(Connection& connection, const PipelineVersionRow& row);

} // namespace masthead::store
