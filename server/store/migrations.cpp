// Applies schema/sql.
#include "server/store/migrations.hpp"

#include "plugins/glib/log.hpp"
#include "sql_files.hpp"

#include <algorithm>

namespace masthead::store {
namespace {

constexpr const char* kLock = "7238951004217734"; // any number nobody else locks

Result<void> apply(Connection& connection, const std::string& name, std::string_view sql) {
    if (auto begun = connection.script("BEGIN"); !begun) {
        return begun;
    }
    auto done = connection.script(std::string(sql));
    if (done) {
        const auto noted = connection.query("INSERT INTO schema_files (name) VALUES ($1)", {name});
        done = noted ? connection.script("COMMIT") : Result<void>(tl::unexpected(noted.error()));
    }
    if (!done) {
        const auto undone = connection.script("ROLLBACK");
        return fail(done.error().code, "schema/sql/" + name + ": " + done.error().message);
    }
    log(LogLevel::info, "changed the database's shape", {{"file", name}});
    return {};
}

Result<void> apply_missing(Connection& connection) {
    const auto made =
        connection.script("CREATE TABLE IF NOT EXISTS schema_files "
                          "(name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())");
    if (!made) {
        return made;
    }
    const auto applied = connection.query("SELECT name FROM schema_files ORDER BY name");
    if (!applied) {
        return tl::unexpected(applied.error());
    }
    for (const Row& row : *applied) {
        if (std::none_of(std::begin(embedded::kFiles), std::end(embedded::kFiles),
                         [&](const auto& file) { return file.first == *row[0]; })) {
            return fail(Code::conflict, "the database was made by a newer server (it has " + *row[0] + ")");
        }
    }
    for (const auto& [name, sql] : embedded::kFiles) {
        const bool there =
            std::any_of(applied->begin(), applied->end(), [&](const Row& row) { return row[0] == name; });
        if (!there) {
            if (auto done = apply(connection, std::string(name), sql); !done) {
                return done;
            }
        }
    }
    return {};
}

} // namespace

Result<void> migrate(Connection& connection) {
    if (const auto locked = connection.query("SELECT pg_advisory_lock($1::bigint)", {kLock}); !locked) {
        return tl::unexpected(locked.error());
    }
    auto done = apply_missing(connection);
    const auto unlocked = connection.query("SELECT pg_advisory_unlock($1::bigint)", {kLock});
    return done;
}

} // namespace masthead::store
