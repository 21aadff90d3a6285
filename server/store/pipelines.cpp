// Applied versions of pipeline files: SQL.
#include "server/store/pipelines.hpp"

#include "server/store/sql.hpp"

namespace masthead::store {
namespace {

const std::string kColumns = "name, version, " + us_of("applied") + ", user_name, restores, text";

PipelineVersionRow row_of(const Row& row) {
    return {*row[0],
            std::stoi(*row[1]),
            read_utc(row[2]),
            *row[3],
            row[4] ? std::optional(std::stoi(*row[4])) : std::nullopt,
            *row[5]};
}

Result<std::vector<PipelineVersionRow>> rows_of(const Result<Rows>& rows) { return each_row(rows, row_of); }

/// The parameters $1 to $5: name, applied, user, restores, text.
std::vector<Field> fields_of(const PipelineVersionRow& row) {
    return {row.name, text_of(row.applied), row.user,
            row.restores ? Field(std::to_string(*row.restores)) : Field(), row.text};
}

} // namespace

Result<std::vector<PipelineVersionRow>> newest_pipeline_versions(Connection& connection) {
    return rows_of(connection.query("SELECT DISTINCT ON (name) " + kColumns +
                                    " FROM pipeline_versions ORDER BY name, version DESC"));
}

Result<std::vector<PipelineVersionRow>> list_pipeline_versions(Connection& connection,
                                                               const std::string& name, int count) {
    return rows_of(connection.query(
        "SELECT " + kColumns + " FROM pipeline_versions WHERE name = $1 ORDER BY version DESC LIMIT $2",
        {name, std::to_string(count)}));
}

Result<PipelineVersionRow> get_pipeline_version(Connection& connection, const std::string& name,
                                                int version) {
    auto rows = rows_of(
        connection.query("SELECT " + kColumns + " FROM pipeline_versions WHERE name = $1 AND version = $2",
                         {name, std::to_string(version)}));
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    if (rows->empty()) {
        return fail(Code::not_found, "pipeline '" + name + "' has no version " + std::to_string(version));
    }
    return std::move(rows->front());
}

Result<int> add_pipeline_version(Connection& connection, const PipelineVersionRow& row, int base) {
    std::vector<Field> fields = fields_of(row);
    fields.push_back(std::to_string(base));
    const auto rows = connection.query("INSERT INTO pipeline_versions (name, version, applied, user_name, "
                                       "restores, text) SELECT $1, $6::int + 1, " +
                                           time_of(2) +
                                           ", $3, $4::int, $5 WHERE $6::int = coalesce((SELECT max(version) "
                                           "FROM pipeline_versions WHERE name = "
                                           "$1), 0) RETURNING version",
                                       fields);
    // Two at once: the second meets the first one's row.
    if ((rows && rows->empty()) || (!rows && rows.error().code == Code::already_exists)) {
        return fail(Code::conflict, "pipeline '" + row.name + "' is not at version " + std::to_string(base) +
                                        " any more: somebody else applied another text; look at it first");
    }
    return rows ? Result<int>(std::stoi(*rows->front()[0])) : tl::unexpected(rows.error());
}

Result<int> note_pipeline_version(Connection& connection, const PipelineVersionRow& row) {
    const auto newest = list_pipeline_versions(connection, row.name, 1);
    if (!newest) {
        return tl::unexpected(newest.error());
    }
    const int base = newest->empty() ? 0 : newest->front().version;
    if (!newest->empty() && newest->front().text == row.text) {
        return base;
    }
    return add_pipeline_version(connection, row, base);
}

} // namespace masthead::store
