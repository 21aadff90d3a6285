// Telemetry into the database: batches by COPY, a spool on disk while it is down, and no row twice.
#pragma once

#include "server/store/telemetry_columns.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace masthead::store {

struct TelemetryWriterSettings {
    std::string conninfo;
    std::filesystem::path spool_file;
    std::uint64_t max_spool_bytes = 256u << 20;
};

struct TelemetryCounts {
    std::uint64_t written = 0; // rows in the database
    std::uint64_t spooled = 0; // rows that went to disk first
    std::uint64_t refused = 0; // rows that break a rule of the table
    std::uint64_t dropped = 0; // rows lost because queue or spool was full
};

/// Has a thread and a connection of its own. A batch is written after 250 ms or 1000 rows. A row that the
/// table refuses is found by halving its batch and left out; it is counted, and said once a minute. While the
/// database is down, batches go to the spool, and are written in order when it is back. Each batch carries a
/// number that is noted in the same transaction: one whose commit was cut off from its answer is not written
/// again.
class TelemetryWriter {
  public:
    static constexpr std::size_t kMaxQueuedRows = 50'000;

    /// Error: unavailable (the spool cannot be opened).
    [[nodiscard]] static Result<std::unique_ptr<TelemetryWriter>>
    open(const TelemetryWriterSettings& settings);
    /// Writes or spools what is queued.
    ~TelemetryWriter();
    TelemetryWriter(const TelemetryWriter&) = delete;
    TelemetryWriter& operator=(const TelemetryWriter&) = delete;

    /// Never blocks. When kMaxQueuedRows wait, the row is dropped and counted. Thread-safe.
    void add(TelemetryRow row);
    [[nodiscard]] TelemetryCounts counts() const;

  private:
    struct State;
    explicit TelemetryWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace masthead::store
