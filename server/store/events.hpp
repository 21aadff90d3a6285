// Events in the database. Called on a database's thread.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <string>
#include <vector>

namespace masthead::store {

struct EventRow {
    std::string id;
    Utc time;
    std::string level;   // info, caution
    std::string subject; // "pipeline/rtsp-link"
    std::string user;    // whose doing it was; may be empty
    std::string message; // a sentence
};

/// One that is there already is left alone.
[[nodiscard]] Result<void> add_event(Connection& connection, const EventRow& event);
/// Which events are meant. Empty texts mean all.
struct EventQuery {
    Utc from;
    Utc to;              // exclusive
    std::string text;    // in message, subject or user, any case
    std::string vehicle; // the subject is KIND/VEHICLE, or begins so
    int limit = 100;
};

/// Newest first.
[[nodiscard]] Result<std::vector<EventRow>> list_events(Connection& connection, const EventQuery& query);

} // namespace masthead::store
