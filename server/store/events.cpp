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

Result<std::vector<EventRow>> list_events(Connection& connection, int count) {
    const auto rows = connection.query("SELECT id, " + us_of("time") +
                                           ", level, subject, user_name, message FROM events ORDER BY "
                                           "events.time DESC, id LIMIT $1",
                                       {std::to_string(count)});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    std::vector<EventRow> events;
    for (const Row& row : *rows) {
        events.push_back({*row[0], read_utc(row[1]), *row[2], *row[3], *row[4], *row[5]});
    }
    return events;
}

} // namespace masthead::store
