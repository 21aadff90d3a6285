// Users and sessions: SQL.
#include "server/store/accounts.hpp"

#include "plugins/bytes/join.hpp"
#include "server/store/sql.hpp"

namespace masthead::store {
namespace {

Result<void> without_rows(Result<Rows> rows) {
    return rows ? Result<void>() : Result<void>(tl::unexpected(rows.error()));
}

} // namespace

Result<std::optional<User>> find_user(Connection& connection, const std::string& name) {
    const auto rows = connection.query("SELECT name, password_hash, role FROM users WHERE name = $1", {name});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    if (rows->empty()) {
        return std::nullopt;
    }
    const Row& row = rows->front();
    return User{*row[0], *row[1], *row[2]};
}

Result<std::vector<User>> list_users(Connection& connection) {
    const auto rows = connection.query("SELECT name, role FROM users ORDER BY name");
    return each_row(
        rows, [](const Row& row) -> User { return {.name = *row[0], .password_hash = {}, .role = *row[1]}; });
}

Result<void> add_user(Connection& connection, const User& user) {
    auto added =
        without_rows(connection.query("INSERT INTO users (name, password_hash, role) VALUES ($1, $2, $3)",
                                      {user.name, user.password_hash, user.role}));
    if (!added && added.error().code == Code::already_exists) {
        return fail(Code::already_exists, "there is a user '" + user.name + "' already");
    }
    return added;
}

Result<bool> add_first_user(Connection& connection, const User& user) {
    const auto rows = connection.query("INSERT INTO users (name, password_hash, role) SELECT $1, $2, $3 "
                                       "WHERE NOT EXISTS (SELECT FROM users) RETURNING name",
                                       {user.name, user.password_hash, user.role});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    return !rows->empty();
}

Result<void> set_password(Connection& connection, const std::string& name, const std::string& hash) {
    const auto rows = connection.query(
        "WITH changed AS (UPDATE users SET password_hash = $2 WHERE name = $1 RETURNING name), "
        "ended AS (DELETE FROM sessions WHERE user_name IN (SELECT name FROM changed)) "
        "SELECT name FROM changed",
        {name, hash});
    if (rows && rows->empty()) {
        return fail(Code::not_found, "there is no user '" + name + "'");
    }
    return without_rows(rows);
}

Result<void> add_session(Connection& connection, const SessionRow& session) {
    return without_rows(connection.query("INSERT INTO sessions (id, user_name, last_used) VALUES ($1, $2, " +
                                             time_of(3) + ")",
                                         {session.id, session.user, text_of(session.last_used)}));
}

Result<void> remove_sessions(Connection& connection, const std::vector<std::string>& ids) {
    return without_rows(
        connection.query("DELETE FROM sessions WHERE id = ANY (string_to_array($1, ','))", {join(ids, ",")}));
}

Result<std::vector<SessionRow>> refresh_sessions(Connection& connection, const std::vector<SessionRow>& used,
                                                 Utc since) {
    for (const SessionRow& session : used) {
        const auto noted = connection.query("UPDATE sessions SET last_used = " + time_of(2) +
                                                " WHERE id = $1 AND last_used < " + time_of(2),
                                            {session.id, text_of(session.last_used)});
        if (!noted) {
            return tl::unexpected(noted.error());
        }
    }
    const auto removed =
        connection.query("DELETE FROM sessions WHERE last_used < " + time_of(1), {text_of(since)});
    if (!removed) {
        return tl::unexpected(removed.error());
    }
    const auto rows = connection.query("SELECT sessions.id, user_name, role, " + us_of("last_used") +
                                       " FROM sessions JOIN users ON users.name = user_name");
    return each_row(rows, [](const Row& row) -> SessionRow {
        return {*row[0], *row[1], *row[2], read_utc(row[3])};
    });
}

} // namespace masthead::store
