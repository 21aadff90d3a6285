// A batch of telemetry rows on its way to the database or through the spool. Private to server/store.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/connection.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace masthead::store {

struct TelemetryBatch {
    std::string writer;         // of one run of the server
    std::int64_t number = 0;    // rising within a writer
    std::int64_t first_day = 0; // days since 1970 of the earliest and the latest receipt
    std::int64_t last_day = 0;
    std::vector<std::string> lines; // COPY's text format, each with its line feed
};

[[nodiscard]] std::string encode(const TelemetryBatch& batch);
/// Error: malformed.
[[nodiscard]] Result<TelemetryBatch> decode_batch(std::string_view record);

struct BatchOutcome {
    std::size_t written = 0;
    std::size_t refused = 0;
    bool repeated = false; // it was in the database already
    std::string refusal;   // why the last refused row was
};

/// One transaction: makes the days' partitions, writes all rows but bad ones, notes the batch's number.
/// `known_days` remembers partitions that exist. Errors: unavailable and others of Connection.
[[nodiscard]] Result<BatchOutcome> write_batch(Connection& connection, const TelemetryBatch& batch,
                                               std::set<std::int64_t>& known_days);

/// Makes the partitions of these days (since 1970, UTC) if they are not there.
[[nodiscard]] Result<void> make_partitions(Connection& connection, std::int64_t first_day,
                                           std::int64_t last_day, std::set<std::int64_t>& known_days);

} // namespace masthead::store
