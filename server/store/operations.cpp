// Operations: SQL.
#include "server/store/operations.hpp"

#include "server/store/sql.hpp"

namespace masthead::store {
namespace {

const std::string kColumns = "id, kind, state, detail, user_name, " + us_of("created") + ", " +
                             us_of("ended") + ", vehicle_id, camera, " + us_of("began") + ", " +
                             us_of("until") + ", request::text, files::text";

std::optional<Utc> time_if(const Field& field) {
    return field ? std::optional(read_utc(field)) : std::nullopt;
}
Field field_of(const std::optional<Utc>& time) { return time ? Field(text_of(*time)) : Field(); }

OperationRow row_of(const Row& row) {
    return {*row[0], *row[1], *row[2],         *row[3],          *row[4],  read_utc(row[5]), time_if(row[6]),
            *row[7], *row[8], time_if(row[9]), time_if(row[10]), *row[11], *row[12]};
}

Result<std::vector<OperationRow>> rows_of(const Result<Rows>& rows) { return each_row(rows, row_of); }

} // namespace

Result<void> put_operation(Connection& connection, const OperationRow& row) {
    const auto rows = connection.query(
        "INSERT INTO operations (id, kind, state, detail, user_name, created, ended, vehicle_id, camera, "
        "began, "
        "until, request, files) VALUES ($1, $2, $3, $4, $5, " +
            time_of(6) + ", " + time_of(7) + ", $8, $9, " + time_of(10) + ", " + time_of(11) +
            ", $12, $13) ON CONFLICT (id) DO UPDATE SET state = $3, detail = $4, ended = excluded.ended, "
            "began = "
            "excluded.began, until = excluded.until, files = excluded.files",
        {row.id, row.kind, row.state, row.detail, row.user, text_of(row.created), field_of(row.ended),
         row.vehicle, row.camera, field_of(row.from), field_of(row.to), row.request, row.files});
    return rows ? Result<void>() : tl::unexpected(rows.error());
}

Result<OperationRow> get_operation(Connection& connection, const std::string& id) {
    const auto rows = connection.query("SELECT " + kColumns + " FROM operations WHERE id = $1", {id});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    return rows->empty() ? fail(Code::not_found, "there is no operation '" + id + "' (any more)")
                         : Result<OperationRow>(row_of(rows->front()));
}

Result<std::vector<OperationRow>> list_operations(Connection& connection, int count) {
    return rows_of(connection.query("SELECT " + kColumns +
                                        " FROM operations ORDER BY operations.created DESC, id LIMIT $1",
                                    {std::to_string(count)}));
}

Result<std::vector<OperationRow>> open_operations(Connection& connection) {
    return rows_of(connection.query(
        "SELECT " + kColumns + " FROM operations WHERE state = 'queued' ORDER BY operations.created, id"));
}

Result<std::vector<OperationRow>> operations_ended_before(Connection& connection, Utc before) {
    return rows_of(connection.query(
        "SELECT " + kColumns + " FROM operations WHERE operations.ended < " + time_of(1), {text_of(before)}));
}

Result<void> remove_operation(Connection& connection, const std::string& id) {
    const auto rows = connection.query("DELETE FROM operations WHERE id = $1", {id});
    return rows ? Result<void>() : tl::unexpected(rows.error());
}

Result<std::string> happened_json(Connection& connection, const std::string& vehicle,
                                  const std::string& camera, Utc from, Utc to) {
    const auto rows = connection.query(
        "SELECT json_build_object('events', (SELECT coalesce(json_agg(json_build_object('id', id, 'time', " +
            us_of("time") +
            ", 'level', level, 'subject', subject, 'user', user_name, 'message', message) ORDER BY time, "
            "id), '[]') "
            "FROM events WHERE time >= " +
            time_of(3) + " AND time < " + time_of(4) +
            "), 'commands', (SELECT coalesce(json_agg(json_build_object('id', id, 'vehicle', vehicle_id, "
            "'command', "
            "command, 'user', user_name, 'state', state, 'detail', detail, 'created', " +
            us_of("created") + ", 'updated', " + us_of("updated") + ", 'deadline', " + us_of("deadline") +
            ") ORDER BY created, id), '[]') FROM commands WHERE vehicle_id = $1 AND created >= " +
            time_of(3) + " AND created < " + time_of(4) +
            "), 'bookmarks', (SELECT coalesce(json_agg(json_build_object('id', id, 'vehicle', vehicle_id, "
            "'camera', "
            "camera, 'from', " +
            us_of("began") + ", 'to', " + us_of("ended") +
            ", 'note', note, 'protects', protects, 'user', user_name, 'created', " + us_of("created") +
            ") ORDER BY began, id), '[]') FROM bookmarks WHERE began < " + time_of(4) +
            " AND ended >= " + time_of(3) + " AND vehicle_id IN ('', $1) AND camera IN ('', $2)))::text",
        {vehicle, camera, text_of(from), text_of(to)});
    return rows ? Result<std::string>(*rows->front()[0]) : tl::unexpected(rows.error());
}

} // namespace masthead::store
