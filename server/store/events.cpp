// Events: SQL.
#include "server/store/events.hpp"

#include "server/store/sql.hpp"

namespace masthead::store {

Result<void> add_event(Connection& connection, const EventRow& event) {
    const auto rows = connection.query(
        "INSERT INTO events (id, time, level, subject, user_name, message) VALUES ($1, " + time_of(2) +
            ", $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
        {event.id, text_of(event.time), event.level, event.subject, event.user, event.message});
    return rows ? Result<void>() : Result<void>(tl::unexpected(rows.error()));
}

Result<std::vector<EventRow>> list_events(Connection& connection, const EventQuery& query) {
    const auto rows = connection.query(
        "SELECT id, " + us_of("time") +
            ", level, subject, user_name, message FROM events WHERE events.time >= " + time_of(1) +
            " AND events.time < " + time_of(2) +
            " AND ($3 = '' OR strpos(lower(concat_ws(E'\\n', message, subject, user_name)), lower($3)) > 0) "
            "AND "
            "($4 = '' OR (split_part(subject, '/', 2) = $4 AND subject NOT LIKE 'pipeline/%')) ORDER BY "
            "events.time DESC, id LIMIT $5",
        {text_of(query.from), text_of(query.to), query.text, query.vehicle, std::to_string(query.limit)});
    return each_row(rows, [](const Row& row) -> EventRow {
        return {*row[0], read_utc(row[1]), *row[2], *row[3], *row[4], *row[5]};
    });
}

} // namespace masthead::store
