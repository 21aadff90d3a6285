// The audit: SQL, the spool for when there is none, the file of heads.
#include "server/store/audit.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/ref.hpp"
#include "server/store/spool.hpp"
#include "server/store/sql.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace masthead::store {
namespace {

constexpr std::uint64_t kMaxSpoolBytes = 16u << 20;
constexpr int kTimeoutMs = 10'000;
constexpr std::chrono::seconds kHeadInterval{10};
constexpr std::size_t kMaxText = 4096;
constexpr int kChunk = 1000;

const std::string kColumns =
    "number, " + us_of("time") + ", user_name, address, action, subject, detail, result, hash";

AuditRow row_of(const Row& row) {
    return {.entry = {.number = std::stoll(*row[0]),
                      .time = read_utc(row[1]),
                      .user = *row[2],
                      .address = *row[3],
                      .action = *row[4],
                      .subject = *row[5],
                      .detail = *row[6],
                      .result = *row[7]},
            .hash = *row[8]};
}

Result<std::vector<AuditRow>> rows_of(const Result<Rows>& rows) { return each_row(rows, row_of); }

/// PostgreSQL takes valid UTF-8 without NUL.
std::string storable(const std::string& text) {
    return take_string(g_utf8_make_valid(text.data(), static_cast<gssize>(std::min(text.size(), kMaxText))));
}

/// What to_json() wrote.
Result<audit::Entry> from_text(const std::string& text) {
    return json::Value::parse(text).map([](const json::Value& value) {
        const auto word = [&](const char* name) { return value.string(name).value_or(""); };
        return audit::Entry{.number = 0,
                            .time = {value.integer("time").value_or(0)},
                            .user = word("user"),
                            .address = word("address"),
                            .action = word("action"),
                            .subject = word("subject"),
                            .detail = word("detail"),
                            .result = word("result")};
    });
}

/// One that was written although its answer was lost, or read from the spool before a crash.
Result<bool> is_there(Connection& connection, const audit::Entry& entry) {
    const auto rows =
        connection.query("SELECT 1 FROM audit WHERE time = " + time_of(1) +
                             " AND user_name = $2 AND address = $3 AND action = $4 AND subject = $5 "
                             "AND detail = $6 AND result = $7",
                         {text_of(entry.time), entry.user, entry.address, entry.action, entry.subject,
                          entry.detail, entry.result});
    return rows ? Result<bool>(!rows->empty()) : Result<bool>(tl::unexpected(rows.error()));
}

} // namespace

std::string to_json(const AuditRow& row) {
    const audit::Entry& entry = row.entry;
    json::Writer out;
    out.begin_object().member("number", entry.number).member("time", entry.time.us);
    out.member("user", entry.user).member("address", entry.address).member("action", entry.action);
    out.member("subject", entry.subject).member("detail", entry.detail).member("result", entry.result);
    return out.member("hash", row.hash).end_object().release();
}

Result<std::vector<AuditRow>> list_audit(Connection& connection, const AuditQuery& query) {
    return rows_of(connection.query(
        "SELECT " + kColumns + " FROM audit WHERE time >= " + time_of(1) + " AND time < " + time_of(2) +
            " AND ($3 = '' OR user_name = $3) AND ($4 = '' OR "
            "strpos(lower(concat_ws(E'\\n', action, subject, detail, result)), lower($4)) > 0) "
            "ORDER BY number DESC LIMIT $5",
        {text_of(query.from), text_of(query.to), query.user, query.text, std::to_string(query.limit)}));
}

Result<void> each_audit_row(Connection& connection,
                            const std::function<Result<void>(const AuditRow&)>& take) {
    for (std::int64_t after = 0;;) {
        const auto rows = rows_of(
            connection.query("SELECT " + kColumns + " FROM audit WHERE number > $1 ORDER BY number LIMIT $2",
                             {std::to_string(after), std::to_string(kChunk)}));
        if (!rows || rows->empty()) {
            return rows ? Result<void>() : tl::unexpected(rows.error());
        }
        for (const AuditRow& row : *rows) {
            if (auto taken = take(row); !taken) {
                return taken;
            }
        }
        after = rows->back().entry.number;
    }
}

Result<std::vector<audit::Head>> read_audit_heads(const std::filesystem::path& file) {
    std::ifstream lines(file, std::ios::binary);
    if (!lines) {
        return fail(Code::not_found, file.string() + " cannot be read");
    }
    auto heads = audit::parse_heads(std::string{std::istreambuf_iterator<char>(lines), {}});
    return heads ? heads : fail(heads.error().code, file.string() + ": " + heads.error().message);
}

struct AuditLog::Shared {
    Spool spool;
    std::filesystem::path head_file;
    audit::Head last{0, std::string(audit::kNoHash)};
    audit::Head kept{}; // in the file of heads

    Result<void> connected(Connection& connection) {
        const auto rows =
            rows_of(connection.query("SELECT " + kColumns + " FROM audit ORDER BY number DESC LIMIT 1"));
        if (!rows) {
            return tl::unexpected(rows.error());
        }
        if (!rows->empty()) {
            last = {rows->front().entry.number, rows->front().hash};
        }
        return replay(connection);
    }

    Result<void> replay(Connection& connection) {
        while (!spool.empty()) {
            const auto record = spool.front();
            if (!record) {
                return tl::unexpected(record.error());
            }
            const auto entry = from_text(**record);
            const auto known =
                entry ? is_there(connection, *entry) : Result<bool>(tl::unexpected(entry.error()));
            const auto done = known.and_then(
                [&](bool there) { return there ? Result<void>() : append(connection, *entry); });
            if (!done && done.error().code == Code::unavailable) {
                return done;
            }
            if (!done) {
                log(LogLevel::error, "a spooled entry of the audit cannot be written",
                    {{"why", done.error().message}});
            }
            if (auto popped = spool.pop(); !popped) {
                return popped;
            }
        }
        return {};
    }

    Result<void> append(Connection& connection, audit::Entry entry) {
        entry.number = last.number + 1;
        std::string hash = audit::hash_of(entry, last.hash);
        const auto rows = connection.query(
            "INSERT INTO audit (number, time, user_name, address, action, subject, detail, result, hash) "
            "VALUES ($1, " +
                time_of(2) + ", $3, $4, $5, $6, $7, $8, $9)",
            {std::to_string(entry.number), text_of(entry.time), entry.user, entry.address, entry.action,
             entry.subject, entry.detail, entry.result, hash});
        if (!rows) {
            return tl::unexpected(rows.error());
        }
        last = {entry.number, std::move(hash)};
        if (kept.number == 0) {
            keep_head(); // a missing file is to mean that it was taken away
        }
        return {};
    }

    Result<void> write(Connection* connection, const audit::Entry& entry) {
        // The spool first while it holds anything: the order must stay.
        if (connection && (spool.empty() || replay(*connection))) {
            auto written = append(*connection, entry);
            if (written ||
                (written.error().code != Code::unavailable && written.error().code != Code::expired)) {
                return written;
            }
        }
        return spool.append(to_json({entry, {}}));
    }

    /// On disk when this returns.
    void keep_head() {
        if (last.number <= kept.number) {
            return;
        }
        const std::string line = audit::line_of(last);
        const int file = ::open(head_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        const bool written = file >= 0 &&
                             ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                             ::fdatasync(file) == 0;
        if (!written) {
            log(LogLevel::error, "the head of the audit cannot be kept",
                {{"file", head_file.string()}, {"why", std::strerror(errno)}});
        }
        if (file >= 0) {
            ::close(file);
        }
        kept = written ? last : kept;
    }
};

AuditLog::AuditLog()
    : head_timer_(nullptr, [this] {
          database_->post([shared = shared_](Connection*) { shared->keep_head(); }, [] {});
      }) {}

AuditLog::~AuditLog() {
    database_.reset();
    if (shared_) {
        shared_->keep_head();
    }
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::string& conninfo,
                                                 const std::filesystem::path& spool_file,
                                                 const std::filesystem::path& head_file) {
    auto spool = Spool::open(spool_file, kMaxSpoolBytes);
    if (!spool) {
        return tl::unexpected(spool.error());
    }
    const auto heads = read_audit_heads(head_file);
    if (!heads && heads.error().code != Code::not_found) {
        log(LogLevel::error, "the file of the audit's heads is damaged",
            {{"file", head_file.string()}, {"why", heads.error().message}});
    }
    std::unique_ptr<AuditLog> made(new AuditLog());
    made->shared_ = std::make_shared<Shared>(Shared{.spool = std::move(*spool), .head_file = head_file});
    if (heads && !heads->empty()) {
        made->shared_->kept = heads->back();
    }
    made->database_ = std::make_unique<Database>(DatabaseSettings{
        .conninfo = conninfo,
        .name = "masthead audit",
        .statement_timeout_ms = kTimeoutMs,
        .on_connect = [shared =
                           made->shared_](Connection& connection) { return shared->connected(connection); },
        .on_state = {},
    });
    return made;
}

void AuditLog::note(audit::Entry entry) {
    entry.time = utc_now();
    for (std::string* text :
         {&entry.user, &entry.address, &entry.action, &entry.subject, &entry.detail, &entry.result}) {
        *text = storable(*text);
    }
    const auto lost = [entry](const std::string& why) {
        log(LogLevel::error, "an entry of the audit could not be written down",
            {{"entry", to_json({entry, {}})}, {"why", why}});
    };
    auto result = std::make_shared<Result<void>>();
    const bool posted =
        database_->post([shared = shared_, entry,
                         result](Connection* connection) { *result = shared->write(connection, entry); },
                        [result, lost] {
                            if (!*result) {
                                lost(result->error().message);
                            }
                        });
    if (!posted) {
        lost("too many wait");
    }
    if (!head_timer_.armed()) {
        head_timer_.arm(kHeadInterval);
    }
}

void AuditLog::list(const AuditQuery& query, std::function<void(Result<std::vector<AuditRow>>)> done) {
    database_->run<std::vector<AuditRow>>(
        [query](Connection& connection) { return list_audit(connection, query); }, std::move(done));
}

} // namespace masthead::store
