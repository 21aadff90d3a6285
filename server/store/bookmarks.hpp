// Bookmarks in the database. Called on a database's thread.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <string>
#include <vector>

namespace masthead::store {

struct Bookmark {
    std::string id;
    std::string vehicle; // empty: all
    std::string camera;  // empty: all of the vehicle's
    Utc began;
    Utc ended; // the same for an instant
    std::string note;
    bool protects = false; // what it touches is never removed
    std::string user;
    Utc created;
};

/// Which bookmarks are meant: those that touch [from, to] and whose note holds `text`.
struct BookmarkQuery {
    Utc from;
    Utc to;
    std::string text; // any case; empty: any
    int limit = 1000;
};

/// By time.
[[nodiscard]] Result<std::vector<Bookmark>> list_bookmarks(Connection& connection,
                                                           const BookmarkQuery& query);
/// Error: not_found.
[[nodiscard]] Result<Bookmark> get_bookmark(Connection& connection, const std::string& id);
/// Adds it, or replaces all but who made it and when.
[[nodiscard]] Result<void> put_bookmark(Connection& connection, const Bookmark& bookmark);
/// Error: not_found.
[[nodiscard]] Result<void> remove_bookmark(Connection& connection, const std::string& id);

} // namespace masthead::store
