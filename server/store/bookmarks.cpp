// Bookmarks: SQL.
#include "server/store/bookmarks.hpp"

#include "server/store/sql.hpp"

namespace masthead::store {
namespace {

const std::string kColumns = "id, vehicle_id, camera, " + us_of("began") + ", " + us_of("ended") +
                             ", note, protects, user_name, " + us_of("created");

Bookmark bookmark_of(const Row& row) {
    return {*row[0], *row[1],       *row[2], read_utc(row[3]), read_utc(row[4]),
            *row[5], row[6] == "t", *row[7], read_utc(row[8])};
}

} // namespace

Result<std::vector<Bookmark>> list_bookmarks(Connection& connection, const BookmarkQuery& query) {
    const auto rows =
        connection.query("SELECT " + kColumns + " FROM bookmarks WHERE began <= " + time_of(2) +
                             " AND ended >= " + time_of(1) +
                             " AND ($3 = '' OR strpos(lower(note), lower($3)) > 0) ORDER BY "
                             "bookmarks.began, id LIMIT $4",
                         {text_of(query.from), text_of(query.to), query.text, std::to_string(query.limit)});
    return each_row(rows, bookmark_of);
}

Result<Bookmark> get_bookmark(Connection& connection, const std::string& id) {
    const auto rows = connection.query("SELECT " + kColumns + " FROM bookmarks WHERE id = $1", {id});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    if (rows->empty()) {
        return fail(Code::not_found, "there is no bookmark '" + id + "'");
    }
    return bookmark_of(rows->front());
}

Result<void> put_bookmark(Connection& connection, const Bookmark& bookmark) {
    const auto rows = connection.query(
        "INSERT INTO bookmarks (id, vehicle_id, camera, began, ended, note, protects, user_name, created) "
        "VALUES ($1, $2, "
        "$3, " +
            time_of(4) + ", " + time_of(5) + ", $6, $7, $8, " + time_of(9) +
            ") ON CONFLICT (id) DO UPDATE SET vehicle_id = $2, camera = $3, began = excluded.began, ended = "
            "excluded.ended, note = $6, protects = $7",
        {bookmark.id, bookmark.vehicle, bookmark.camera, text_of(bookmark.began), text_of(bookmark.ended),
         bookmark.note, bookmark.protects ? "t" : "f", bookmark.user, text_of(bookmark.created)});
    return rows ? Result<void>() : tl::unexpected(rows.error());
}

Result<void> remove_bookmark(Connection& connection, const std::string& id) {
    const auto rows = connection.query("DELETE FROM bookmarks WHERE id = $1 RETURNING id", {id});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    return rows->empty() ? fail(Code::not_found, "there is no bookmark '" + id + "'") : Result<void>();
}

} // namespace masthead::store
