// Batches: the spool's form, partitions, and COPY with halving.
#include "server/store/telemetry_batch.hpp"

#include "server/store/telemetry_columns.hpp"

#include <charconv>
#include <span>
#include <sstream>

namespace masthead::store {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kMaxDaysAtOnce = 40;

Result<void> copy_some(Connection& connection, std::span<const std::string> lines, BatchOutcome& outcome) {
    if (lines.empty()) {
        return {};
    }
    if (auto saved = connection.script("SAVEPOINT rows"); !saved) {
        return saved;
    }
    std::string text;
    for (const std::string& line : lines) {
        text += line;
    }
    auto copied = connection.copy("COPY telemetry (" + telemetry_columns() + ") FROM STDIN", text);
    if (copied) {
        outcome.written += lines.size();
        return connection.script("RELEASE SAVEPOINT rows");
    }
    if (copied.error().code != Code::invalid_argument) {
        return copied;
    }
    if (auto back = connection.script("ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows"); !back) {
        return back;
    }
    if (lines.size() == 1) {
        ++outcome.refused;
        outcome.refusal = copied.error().message;
        return {};
    }
    const std::size_t half = lines.size() / 2;
    if (auto first = copy_some(connection, lines.first(half), outcome); !first) {
        return first;
    }
    return copy_some(connection, lines.subspan(half), outcome);
}

/// True when this batch is the newest of its writer so far; then it is noted.
Result<bool> note(Connection& connection, const TelemetryBatch& batch) {
    const auto rows =
        connection.query("INSERT INTO telemetry_batches (writer, batch) VALUES ($1, $2) "
                         "ON CONFLICT (writer) DO UPDATE SET batch = excluded.batch, updated = now() "
                         "WHERE telemetry_batches.batch < excluded.batch RETURNING batch",
                         {batch.writer, std::to_string(batch.number)});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    return !rows->empty();
}

Result<BatchOutcome> write_in_transaction(Connection& connection, const TelemetryBatch& batch) {
    BatchOutcome outcome;
    const auto fresh = note(connection, batch);
    if (!fresh) {
        return tl::unexpected(fresh.error());
    }
    outcome.repeated = !*fresh;
    if (*fresh) {
        if (auto copied = copy_some(connection, batch.lines, outcome); !copied) {
            return tl::unexpected(copied.error());
        }
    }
    return outcome;
}

} // namespace

std::string encode(const TelemetryBatch& batch) {
    std::string text = batch.writer + " " + std::to_string(batch.number) + " " +
                       std::to_string(batch.first_day) + " " + std::to_string(batch.last_day) + "\n";
    for (const std::string& line : batch.lines) {
        text += line;
    }
    return text;
}

Result<TelemetryBatch> decode_batch(std::string_view record) {
    const auto end = record.find('\n');
    std::istringstream head{std::string(record.substr(0, end))};
    TelemetryBatch batch;
    if (end == std::string_view::npos ||
        !(head >> batch.writer >> batch.number >> batch.first_day >> batch.last_day)) {
        return fail(Code::malformed, "spool: no batch of telemetry");
    }
    record.remove_prefix(end + 1);
    while (!record.empty()) {
        const auto line_end = record.find('\n');
        if (line_end == std::string_view::npos) {
            return fail(Code::malformed, "spool: a batch ends within a row");
        }
        batch.lines.emplace_back(record.substr(0, line_end + 1));
        record.remove_prefix(line_end + 1);
    }
    return batch;
}

Result<void> make_partitions(Connection& connection, std::int64_t first_day, std::int64_t last_day,
                             std::set<std::int64_t>& known_days) {
    if (last_day - first_day > kMaxDaysAtOnce) {
        return fail(Code::invalid_argument, "a batch of telemetry spans too many days");
    }
    for (std::int64_t day = first_day; day <= last_day; ++day) {
        if (known_days.contains(day)) {
            continue;
        }
        const std::string from = to_iso8601({day * kDayUs}).substr(0, 10);
        const std::string to = to_iso8601({(day + 1) * kDayUs}).substr(0, 10);
        std::string name = "telemetry_" + from;
        std::erase(name, '-');
        const auto made = connection.script("CREATE TABLE IF NOT EXISTS " + name +
                                            " PARTITION OF telemetry FOR VALUES FROM ('" + from +
                                            " 00:00:00+00') TO ('" + to + " 00:00:00+00')");
        if (!made) {
            return made;
        }
        known_days.insert(day);
    }
    return {};
}

Result<BatchOutcome> write_batch(Connection& connection, const TelemetryBatch& batch,
                                 std::set<std::int64_t>& known_days) {
    if (auto made = make_partitions(connection, batch.first_day, batch.last_day, known_days); !made) {
        return tl::unexpected(made.error());
    }
    if (auto begun = connection.script("BEGIN"); !begun) {
        return tl::unexpected(begun.error());
    }
    auto outcome = write_in_transaction(connection, batch);
    if (!outcome) {
        const auto undone = connection.script("ROLLBACK");
        return outcome;
    }
    if (auto committed = connection.script("COMMIT"); !committed) {
        return tl::unexpected(committed.error());
    }
    return outcome;
}

} // namespace masthead::store
