// Commands: SQL, and the spool for when there is none.
#include "server/store/commands.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "server/store/sql.hpp"

namespace masthead::store {
namespace {

constexpr std::uint64_t kMaxSpoolBytes = 16u << 20;
constexpr int kTimeoutMs = 1000;

const std::string kColumns = "id, vehicle_id, command, user_name, state, detail, " + us_of("created") + ", " +
                             us_of("updated") + ", " + us_of("deadline") +
                             ", parameters, reason, idempotency_key, target, resends, steps";

CommandRow row_of(const Row& row) {
    return {.id = *row[0],
            .vehicle = *row[1],
            .command = *row[2],
            .user = *row[3],
            .state = *row[4],
            .detail = *row[5],
            .created = read_utc(row[6]),
            .updated = read_utc(row[7]),
            .deadline = read_utc(row[8]),
            .parameters = *row[9],
            .reason = *row[10],
            .key = row[11].value_or(""),
            .target = *row[12],
            .resends = std::stoi(*row[13]),
            .steps = *row[14]};
}

/// Inserts, or brings the row up to date; an older state never replaces a newer one, and a row of the same id
/// that is another command is left alone.
Result<void> upsert(Connection& connection, const CommandRow& row) {
    const auto rows = connection.query(
        "INSERT INTO commands (id, vehicle_id, command, user_name, state, detail, created, updated, "
        "deadline, parameters, reason, idempotency_key, target, resends, steps) "
        "VALUES ($1, $2, $3, $4, $5, $6, " +
            time_of(7) + ", " + time_of(8) + ", " + time_of(9) +
            ", $10, $11, nullif($12, ''), $13, $14, $15) ON CONFLICT (id) DO UPDATE SET "
            "target = CASE WHEN commands.updated <= excluded.updated THEN excluded.target ELSE "
            "commands.target END, "
            "resends = greatest(commands.resends, excluded.resends), "
            "steps = CASE WHEN commands.updated <= excluded.updated THEN excluded.steps ELSE commands.steps "
            "END, "
            "state = CASE WHEN commands.updated <= excluded.updated THEN excluded.state ELSE commands.state "
            "END, "
            "detail = CASE WHEN commands.updated <= excluded.updated THEN excluded.detail ELSE "
            "commands.detail END, "
            "updated = greatest(commands.updated, excluded.updated) "
            "WHERE commands.vehicle_id = excluded.vehicle_id AND commands.command = excluded.command "
            "AND commands.user_name = excluded.user_name AND commands.created = excluded.created RETURNING "
            "id",
        {row.id, row.vehicle, row.command, row.user, row.state, row.detail, text_of(row.created),
         text_of(row.updated), text_of(row.deadline), row.parameters, row.reason, row.key, row.target,
         std::to_string(row.resends), row.steps});
    if (!rows && rows.error().code == Code::already_exists) {
        return fail(Code::conflict, "there was a command with the idempotency key '" + row.key + "' before");
    }
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    if (rows->empty()) {
        return fail(Code::conflict, "there was a command with the id '" + row.id + "' before");
    }
    return {};
}

std::string to_text(const CommandRow& row) {
    json::Writer out;
    out.begin_object().member("id", row.id).member("vehicle", row.vehicle).member("command", row.command);
    out.member("user", row.user).member("state", row.state).member("detail", row.detail);
    out.member("created", row.created.us)
        .member("updated", row.updated.us)
        .member("deadline", row.deadline.us);
    out.member("parameters", row.parameters).member("reason", row.reason).member("key", row.key);
    out.member("target", row.target).member("resends", row.resends).member("steps", row.steps);
    return out.end_object().release();
}

Result<CommandRow> from_text(const std::string& text) {
    const auto value = json::Value::parse(text);
    if (!value) {
        return tl::unexpected(value.error());
    }
    const auto word = [&](const char* name) { return value->string(name).value_or(""); };
    const auto time = [&](const char* name) { return Utc{value->integer(name).value_or(0)}; };
    CommandRow row{word("id"),     word("vehicle"), word("command"), word("user"),    word("state"),
                   word("detail"), time("created"), time("updated"), time("deadline")};
    row.parameters = value->string("parameters").value_or(row.parameters);
    row.reason = word("reason");
    row.key = word("key");
    row.target = word("target");
    row.resends = static_cast<int>(value->integer("resends").value_or(0));
    row.steps = value->string("steps").value_or(row.steps);
    return row;
}

/// Everything in the spool, in order; a record that the table refuses is logged and left out.
Result<void> replay(Connection& connection, Spool& spool) {
    int replayed = 0;
    while (!spool.empty()) {
        const auto record = spool.front();
        if (!record) {
            return tl::unexpected(record.error());
        }
        const auto row = from_text(**record);
        const auto written = row ? upsert(connection, *row) : Result<void>(tl::unexpected(row.error()));
        if (!written && written.error().code == Code::unavailable) {
            return written;
        }
        if (!written) {
            log(LogLevel::error, "a spooled command cannot be written", {{"why", written.error().message}});
        }
        ++replayed;
        if (auto popped = spool.pop(); !popped) {
            return popped;
        }
    }
    if (replayed > 0) {
        log(LogLevel::info, "wrote the commands that had waited", {{"records", std::to_string(replayed)}});
    }
    return {};
}

/// What an earlier run of the server left open can never be sent again. Gives how many there were.
Result<std::size_t> expire_unresolved(Connection& connection, Utc before) {
    const auto rows = connection.query("UPDATE commands SET state = 'expired', updated = now(), detail = "
                                       "'the server restarted before the outcome was known', "
                                       "steps = steps || jsonb_build_array(jsonb_build_object('state', "
                                       "'expired', 'detail', 'the server restarted before the outcome was "
                                       "known', 'time', " +
                                           us_of("now()") +
                                           ")) "
                                           "WHERE state IN ('queued', 'sent', 'in_progress') AND created < " +
                                           time_of(1) + " RETURNING id",
                                       {text_of(before)});
    return rows ? Result<std::size_t>(rows->size()) : Result<std::size_t>(tl::unexpected(rows.error()));
}

} // namespace

struct CommandLog::Shared {
    Spool spool;
    Utc started;
    bool cleaned = false;

    Result<void> connected(Connection& connection) {
        if (auto done = replay(connection, spool); !done || cleaned) {
            return done;
        }
        const auto closed = expire_unresolved(connection, started);
        if (!closed) {
            return tl::unexpected(closed.error());
        }
        cleaned = true;
        if (*closed > 0) {
            log(LogLevel::warning, "closed commands that an earlier run had left open",
                {{"count", std::to_string(*closed)}});
        }
        return {};
    }

    Result<void> write(Connection* connection, const CommandRow& row, Without without) {
        // The spool first while it holds anything: the order of states must stay.
        if (connection && (spool.empty() || replay(*connection, spool))) {
            auto written = upsert(*connection, row);
            if (written ||
                (written.error().code != Code::unavailable && written.error().code != Code::expired)) {
                return written;
            }
        }
        if (without == Without::refuse) {
            return fail(Code::unavailable,
                        "the database cannot be reached: until it is back only hold and return can be sent");
        }
        return spool.append(to_text(row));
    }
};

Result<std::unique_ptr<CommandLog>> CommandLog::open(const std::string& conninfo,
                                                     const std::filesystem::path& spool_file) {
    auto spool = Spool::open(spool_file, kMaxSpoolBytes);
    if (!spool) {
        return tl::unexpected(spool.error());
    }
    std::unique_ptr<CommandLog> commands(new CommandLog());
    commands->shared_ = std::make_shared<Shared>(Shared{std::move(*spool), utc_now()});
    commands->database_ = std::make_unique<Database>(DatabaseSettings{
        .conninfo = conninfo,
        .name = "masthead commands",
        .statement_timeout_ms = kTimeoutMs,
        .on_connect =
            [shared = commands->shared_](Connection& connection) { return shared->connected(connection); },
        .on_state = {},
    });
    return commands;
}

void CommandLog::write(const CommandRow& row, Without without, std::function<void(Result<void>)> done) {
    auto result = std::make_shared<Result<void>>();
    const bool posted =
        database_->post([shared = shared_, row, without, result](
                            Connection* connection) { *result = shared->write(connection, row, without); },
                        [result, done] { done(*result); });
    if (!posted) {
        done(fail(Code::unavailable, "too many commands wait to be written down; try again"));
    }
}

void CommandLog::list(int count, const std::optional<std::string>& vehicle,
                      std::function<void(Result<std::vector<CommandRow>>)> done) {
    database_->run<std::vector<CommandRow>>(
        [count, vehicle](Connection& connection) -> Result<std::vector<CommandRow>> {
            const auto rows = connection.query("SELECT " + kColumns +
                                                   " FROM commands WHERE $2::text IS NULL OR vehicle_id = $2 "
                                                   "ORDER BY created DESC, id LIMIT $1",
                                               {std::to_string(count), vehicle});
            return each_row(rows, row_of);
        },
        std::move(done));
}

} // namespace masthead::store
