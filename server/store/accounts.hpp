// Users and their sessions in the database. Called on a database's thread.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <string>
#include <vector>

namespace masthead::store {

struct User {
    std::string name;
    std::string password_hash;
    std::string role; // viewer, operator, supervisor, admin
};

struct SessionRow {
    std::string id; // SHA-256 of the token
    std::string user;
    std::string role;
    Utc last_used;
};

/// The user of that name, or nothing.
[[nodiscard]] Result<std::optional<User>> find_user(Connection& connection, const std::string& name);
[[nodiscard]] Result<std::vector<User>> list_users(Connection& connection);
/// Error: already_exists.
[[nodiscard]] Result<void> add_user(Connection& connection, const User& user);
/// Adds `user` if there is no user at all; whether it did.
[[nodiscard]] Result<bool> add_first_user(Connection& connection, const User& user);
/// Sets the password and ends the user's sessions. Error: not_found.
[[nodiscard]] Result<void> set_password(Connection& connection, const std::string& name,
                                        const std::string& hash);

[[nodiscard]] Result<void> add_session(Connection& connection, const SessionRow& session);
[[nodiscard]] Result<void> remove_sessions(Connection& connection, const std::vector<std::string>& ids);
/// Notes when these were last used, then gives all that were used since `since`; the others are removed.
[[nodiscard]] Result<std::vector<SessionRow>>
refresh_sessions(Connection& connection, const std::vector<SessionRow>& used, Utc since);

} // namespace masthead::store
