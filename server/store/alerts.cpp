// Alerts: SQL.
#include "server/store/alerts.hpp"

#include "server/store/sql.hpp"

namespace masthead::store {

Result<void> put_alert(Connection& connection, const alerts::Alert& alert) {
    const auto rows = connection.query(
        "INSERT INTO alerts (id, kind, vehicle_id, subject, severity, state, message, raised, updated, "
        "user_name, snoozed_until) VALUES ($1, $2, $3, $4, $5, $6, $7, " +
            time_of(8) + ", " + time_of(9) + ", $10, " + time_of(11) +
            ") ON CONFLICT (id) DO UPDATE SET severity = $5, state = $6, message = $7, updated = "
            "excluded.updated, user_name = $10, snoozed_until = excluded.snoozed_until WHERE alerts.updated "
            "<= excluded.updated",
        {alert.id, std::string(to_string(alert.key.kind)), alert.key.vehicle, alert.key.subject,
         std::string(to_string(alert.severity)), std::string(to_string(alert.state)), alert.message,
         text_of(alert.raised), text_of(alert.updated), alert.user,
         alert.snoozed_until ? Field(text_of(*alert.snoozed_until)) : std::nullopt});
    return rows ? Result<void>() : Result<void>(tl::unexpected(rows.error()));
}

Result<std::vector<alerts::Alert>> open_alerts(Connection& connection) {
    const auto rows = connection.query("SELECT id, kind, vehicle_id, subject, severity, state, message, " +
                                       us_of("raised") + ", " + us_of("updated") + ", user_name, " +
                                       us_of("snoozed_until") +
                                       " FROM alerts WHERE state <> 'cleared' ORDER BY alerts.raised, id");
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    std::vector<alerts::Alert> open;
    for (const Row& row : *rows) {
        // One of a kind that a newer server knew is not ours to keep open.
        if (const auto kind = alerts::parse_kind(*row[1])) {
            open.push_back({.id = *row[0],
                            .key = {*kind, *row[2], *row[3]},
                            .severity = alerts::parse_severity(*row[4]).value_or(alerts::Severity::warning),
                            .state = alerts::parse_state(*row[5]).value_or(alerts::State::raised),
                            .message = *row[6],
                            .raised = read_utc(row[7]),
                            .updated = read_utc(row[8]),
                            .user = *row[9],
                            .snoozed_until = row[10] ? std::optional(read_utc(row[10])) : std::nullopt});
        }
    }
    return open;
}

} // namespace masthead::store
