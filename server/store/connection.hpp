// One connection to PostgreSQL, blocking: used by the store's own threads only. The only room that knows
// libpq.
#pragma once

#include "plugins/bytes/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;

namespace masthead::store {

using Field = std::optional<std::string>; // nothing: NULL
using Row = std::vector<Field>;
using Rows = std::vector<Row>;

/// Errors of every call: unavailable (the connection is gone, or the server is ending), already_exists (a key
/// is taken), invalid_argument (the data break a rule of their table or type), expired (took longer than the
/// statement time-out), internal (all else). Messages name the rule and never hold connection strings.
class Connection {
  public:
    /// `name` shows in pg_stat_activity. Waits 5 s at most.
    [[nodiscard]] static Result<Connection> open(const std::string& conninfo, const std::string& name,
                                                 int statement_timeout_ms);

    /// One statement; `$1` is params[0].
    [[nodiscard]] Result<Rows> query(const std::string& sql, const Row& params = {});
    /// Several statements, no parameters, no rows.
    [[nodiscard]] Result<void> script(const std::string& sql);
    /// COPY ... FROM STDIN (text format) with these lines, each ending in a line feed.
    [[nodiscard]] Result<void> copy(const std::string& sql, std::string_view lines);

    [[nodiscard]] bool usable() const noexcept;
    /// To poll for; readable means: call usable(), the server may have ended.
    [[nodiscard]] int socket() const noexcept;
    /// Takes in what came unasked (the end of the server, notices).
    void consume() noexcept;

  private:
    struct Close {
        void operator()(pg_conn* connection) const noexcept;
    };
    explicit Connection(pg_conn* connection) noexcept : connection_(connection) {}
    std::unique_ptr<pg_conn, Close> connection_;
};

} // namespace masthead::store
