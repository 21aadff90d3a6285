// Telemetry history: SQL.
#include "server/store/telemetry_history.hpp"

#include "server/store/sql.hpp"
#include "server/store/telemetry_columns.hpp"

namespace masthead::store {
namespace {

Result<std::vector<Sample>> select(Connection& connection, const std::string& which, const Row& params) {
    const auto rows = connection.query(
        "SELECT " + sample_expressions() +
            " FROM (SELECT *, row_number() OVER (ORDER BY received) AS n, count(*) OVER () AS total "
            "FROM telemetry WHERE vehicle_id = $1 AND received >= " +
            time_of(2) + " AND received < " + time_of(3) + " AND " + which +
            ") AS found WHERE total <= $4::bigint OR n * $4::bigint / total <> (n - 1) * $4::bigint / total "
            "ORDER BY n",
        params);
    return each_row(rows, read_sample);
}

} // namespace

Result<std::vector<Sample>> telemetry_history(Connection& connection, const std::string& vehicle, Utc from,
                                              Utc to, int limit) {
    const Row params = {vehicle, text_of(from), text_of(to), std::to_string(limit)};
    auto samples = select(connection, "camera IS NULL", params);
    if (samples && samples->empty()) {
        samples = select(connection, "camera IS NOT NULL", params);
    }
    return samples;
}

} // namespace masthead::store
