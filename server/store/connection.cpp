// libpq behind Result.
#include "server/store/connection.hpp"

#include <libpq-fe.h>

#include <algorithm>

namespace masthead::store {
namespace {

struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, Clear>;

std::string one_line(const char* text) {
    std::string line = text ? text : "";
    std::replace(line.begin(), line.end(), '\n', ' ');
    while (!line.empty() && line.back() == ' ') {
        line.pop_back();
    }
    return line;
}

/// The meaning of an SQLSTATE (PostgreSQL's manual, appendix A).
Code code_of(std::string_view state) {
    if (state == "23505") {
        return Code::already_exists;
    }
    if (state == "57014") {
        return Code::expired;
    }
    const std::string_view group = state.substr(0, 2);
    if (group == "22" || group == "23") {
        return Code::invalid_argument;
    }
    // Class 08 connection, 53 resources, 57 the server is ending or starting, 25006 read only, 40 rolled
    // back.
    if (state.empty() || group == "08" || group == "53" || group == "57" || group == "40" ||
        state == "25006") {
        return Code::unavailable;
    }
    return Code::internal;
}

tl::unexpected<Error> failure(PGconn* connection, const PGresult* result) {
    const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    const char* text = result ? PQresultErrorMessage(result) : nullptr;
    const Code code = PQstatus(connection) == CONNECTION_OK ? code_of(state ? state : "") : Code::unavailable;
    return fail(code, "database: " + one_line(text && *text ? text : PQerrorMessage(connection)));
}

void ignore_notice(void*, const PGresult*) {}

} // namespace

void Connection::Close::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

Result<Connection> Connection::open(const std::string& conninfo, const std::string& name,
                                    int statement_timeout_ms) {
    const std::string options =
        "-c statement_timeout=" + std::to_string(statement_timeout_ms) +
        " -c lock_timeout=" + std::to_string(statement_timeout_ms) +
        " -c idle_in_transaction_session_timeout=30000 -c TimeZone=UTC -c DateStyle=ISO";
    const char* keywords[] = {"dbname",          "application_name", "options",
                              "connect_timeout", "client_encoding",  "keepalives",
                              "keepalives_idle", "tcp_user_timeout", nullptr};
    const char* values[] = {conninfo.c_str(), name.c_str(), options.c_str(), "5", "UTF8", "1", "10",
                            "5000",           nullptr};
    Connection connection(PQconnectdbParams(keywords, values, 1));
    PGconn* raw = connection.connection_.get();
    if (!raw || PQstatus(raw) != CONNECTION_OK) {
        return fail(Code::unavailable, "database: " + one_line(raw ? PQerrorMessage(raw) : "out of memory"));
    }
    PQsetNoticeReceiver(raw, ignore_notice, nullptr);
    return connection;
}

Result<Rows> Connection::query(const std::string& sql, const Row& params) {
    std::vector<const char*> values;
    for (const Field& param : params) {
        values.push_back(param ? param->c_str() : nullptr);
    }
    PGconn* raw = connection_.get();
    const ResultHandle result(PQexecParams(raw, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                           values.data(), nullptr, nullptr, 0));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        return failure(raw, result.get());
    }
    Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (int r = 0; r < PQntuples(result.get()); ++r) {
        for (int c = 0; c < PQnfields(result.get()); ++c) {
            rows[static_cast<std::size_t>(r)].push_back(
                PQgetisnull(result.get(), r, c) ? Field() : Field(PQgetvalue(result.get(), r, c)));
        }
    }
    return rows;
}

Result<void> Connection::script(const std::string& sql) {
    PGconn* raw = connection_.get();
    const ResultHandle result(PQexec(raw, sql.c_str()));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
        return failure(raw, result.get());
    }
    return {};
}

Result<void> Connection::copy(const std::string& sql, std::string_view lines) {
    PGconn* raw = connection_.get();
    {
        const ResultHandle begun(PQexec(raw, sql.c_str()));
        if (PQresultStatus(begun.get()) != PGRES_COPY_IN) {
            return failure(raw, begun.get());
        }
    }
    const bool sent = PQputCopyData(raw, lines.data(), static_cast<int>(lines.size())) == 1;
    PQputCopyEnd(raw, sent ? nullptr : "the data could not be sent");
    Result<void> outcome;
    while (const ResultHandle result{PQgetResult(raw)}) {
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
            outcome = failure(raw, result.get());
        }
    }
    return sent || !outcome ? outcome : failure(raw, nullptr);
}

bool Connection::usable() const noexcept { return PQstatus(connection_.get()) == CONNECTION_OK; }

int Connection::socket() const noexcept { return PQsocket(connection_.get()); }

void Connection::consume() noexcept { PQconsumeInput(connection_.get()); }

} // namespace masthead::store
