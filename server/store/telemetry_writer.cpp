// The telemetry thread.
#include "server/store/telemetry_writer.hpp"

#include "plugins/bytes/backoff.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/ref.hpp"
#include "server/store/migrations.hpp"
#include "server/store/spool.hpp"
#include "server/store/telemetry_batch.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace masthead::store {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kBatchDelay = 250ms;
constexpr std::size_t kBatchRows = 1000;
constexpr auto kSayAgain = 60s;
constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kDaysAhead = 2;
constexpr int kTimeoutMs = 15'000;

/// Says a thing at most once a minute.
class Saying {
  public:
    bool due() {
        const auto now = Clock::now();
        if (said_ && now - *said_ < kSayAgain) {
            return false;
        }
        said_ = now;
        return true;
    }

  private:
    std::optional<Clock::time_point> said_;
};

} // namespace

struct TelemetryWriter::State {
    State(const TelemetryWriterSettings& from, Spool opened) : settings(from), spool(std::move(opened)) {}

    TelemetryWriterSettings settings;

    mutable std::mutex mutex; // guards queue, counts, ending
    std::condition_variable changed;
    std::deque<TelemetryRow> queue;
    TelemetryCounts counts;
    bool ending = false;

    // The thread's own.
    Spool spool;
    std::unique_ptr<Connection> connection;
    Clock::time_point next_try = Clock::now();
    Backoff backoff{.most = 5000ms};
    bool said_down = false;
    std::string writer = take_string(g_uuid_string_random());
    std::int64_t next_batch = 1;
    std::set<std::int64_t> known_days;
    Saying refusal_saying;
    Saying drop_saying;

    std::thread thread;

    void work();
    std::optional<TelemetryBatch> next();
    [[nodiscard]] bool wait_for_rows(std::unique_lock<std::mutex>& lock);
    void connect();
    void connection_failed(const Error& error);
    void put(const TelemetryBatch& batch);
    [[nodiscard]] bool write(const TelemetryBatch& batch);
    void put_aside(const TelemetryBatch& batch);
    void replay_one();
    void count(std::uint64_t TelemetryCounts::*what, std::size_t rows);
};

/// Waits until a batch is due; false when there is something else to do first (reconnect, replay, end).
bool TelemetryWriter::State::wait_for_rows(std::unique_lock<std::mutex>& lock) {
    const auto full = [this] { return ending || queue.size() >= kBatchRows; };
    if (queue.empty()) {
        const auto some = [this] { return ending || !queue.empty(); };
        if (connection && !spool.empty()) {
            return false;
        }
        if (connection) {
            changed.wait(lock, some);
        } else if (!changed.wait_until(lock, next_try, some)) {
            return false;
        }
    }
    changed.wait_for(lock, kBatchDelay, full);
    return true;
}

std::optional<TelemetryBatch> TelemetryWriter::State::next() {
    std::unique_lock lock(mutex);
    if (!wait_for_rows(lock) || queue.empty()) {
        return std::nullopt;
    }
    std::vector<TelemetryRow> rows;
    while (!queue.empty() && rows.size() < kBatchRows) {
        rows.push_back(std::move(queue.front()));
        queue.pop_front();
    }
    lock.unlock();
    TelemetryBatch batch{
        .writer = writer, .number = next_batch++, .first_day = 0, .last_day = 0, .lines = {}};
    batch.first_day = batch.last_day = rows.front().received.us / kDayUs;
    for (const TelemetryRow& row : rows) {
        batch.first_day = std::min(batch.first_day, row.received.us / kDayUs);
        batch.last_day = std::max(batch.last_day, row.received.us / kDayUs);
        batch.lines.push_back(copy_line(row));
    }
    return batch;
}

void TelemetryWriter::State::work() {
    while (true) {
        if (!connection && Clock::now() >= next_try) {
            connect();
        }
        if (const auto batch = next()) {
            put(*batch);
        } else {
            const std::lock_guard lock(mutex);
            if (ending && queue.empty()) {
                return;
            }
        }
        if (connection && !spool.empty()) {
            replay_one();
        }
    }
}

void TelemetryWriter::State::connect() {
    auto opened = Connection::open(settings.conninfo, "masthead telemetry", kTimeoutMs);
    auto ready = opened ? migrate(*opened) : Result<void>(tl::unexpected(opened.error()));
    const std::int64_t today = utc_now().us / kDayUs;
    known_days.clear();
    if (ready) {
        ready = make_partitions(*opened, today, today + kDaysAhead, known_days);
    }
    if (!ready) {
        connection_failed(ready.error());
        return;
    }
    connection = std::make_unique<Connection>(std::move(*opened));
    backoff.healthy();
    if (said_down) {
        log(LogLevel::info, "telemetry is written again");
        said_down = false;
    }
}

void TelemetryWriter::State::connection_failed(const Error& error) {
    connection.reset();
    next_try = Clock::now() + backoff.failed();
    if (!said_down) {
        log(LogLevel::warning, "telemetry cannot be written just now; it waits on disk",
            {{"why", error.message}});
        said_down = true;
    }
}

void TelemetryWriter::State::put(const TelemetryBatch& batch) {
    // While anything waits on disk, new rows queue up behind it: order is kept.
    if (!connection || !spool.empty() || !write(batch)) {
        put_aside(batch);
    }
}

/// False: it must be kept and tried again.
bool TelemetryWriter::State::write(const TelemetryBatch& batch) {
    const std::int64_t today = utc_now().us / kDayUs;
    auto ahead = make_partitions(*connection, today, today + kDaysAhead, known_days);
    auto outcome = ahead ? write_batch(*connection, batch, known_days)
                         : Result<BatchOutcome>(tl::unexpected(ahead.error()));
    if (!outcome) {
        connection_failed(outcome.error());
        return false;
    }
    count(&TelemetryCounts::written, outcome->written);
    count(&TelemetryCounts::refused, outcome->refused);
    if (outcome->refused > 0 && refusal_saying.due()) {
        const std::lock_guard lock(mutex);
        log(LogLevel::warning, "telemetry rows break a rule of their table and were left out",
            {{"so_far", std::to_string(counts.refused)}, {"last", outcome->refusal}});
    }
    return true;
}

void TelemetryWriter::State::put_aside(const TelemetryBatch& batch) {
    const auto kept = spool.append(encode(batch));
    if (kept) {
        count(&TelemetryCounts::spooled, batch.lines.size());
        return;
    }
    count(&TelemetryCounts::dropped, batch.lines.size());
    if (drop_saying.due()) {
        const std::lock_guard lock(mutex);
        log(LogLevel::error, "telemetry rows are lost: the database is down and they cannot be kept on disk",
            {{"so_far", std::to_string(counts.dropped)}, {"why", kept.error().message}});
    }
}

void TelemetryWriter::State::replay_one() {
    const auto record = spool.front();
    if (!record) {
        log(LogLevel::error, "telemetry that waited on disk cannot be read back",
            {{"why", record.error().message}});
    } else if (const auto batch = decode_batch(**record); !batch) {
        log(LogLevel::error, "telemetry that waited on disk is damaged", {{"why", batch.error().message}});
    } else if (!write(*batch)) {
        return;
    }
    if (const auto popped = spool.pop(); !popped) {
        log(LogLevel::error, "the telemetry spool cannot be emptied", {{"why", popped.error().message}});
    }
}

void TelemetryWriter::State::count(std::uint64_t TelemetryCounts::*what, std::size_t rows) {
    const std::lock_guard lock(mutex);
    counts.*what += rows;
}

Result<std::unique_ptr<TelemetryWriter>> TelemetryWriter::open(const TelemetryWriterSettings& settings) {
    auto spool = Spool::open(settings.spool_file, settings.max_spool_bytes);
    if (!spool) {
        return tl::unexpected(spool.error());
    }
    return std::unique_ptr<TelemetryWriter>(
        new TelemetryWriter(std::make_unique<State>(settings, std::move(*spool))));
}

TelemetryWriter::TelemetryWriter(std::unique_ptr<State> state) : state_(std::move(state)) {
    state_->thread = std::thread([raw = state_.get()] { raw->work(); });
}

TelemetryWriter::~TelemetryWriter() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->ending = true;
    }
    state_->changed.notify_one();
    state_->thread.join();
}

void TelemetryWriter::add(TelemetryRow row) {
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->queue.size() >= kMaxQueuedRows) {
            ++state_->counts.dropped;
            return;
        }
        state_->queue.push_back(std::move(row));
    }
    state_->changed.notify_one();
}

TelemetryCounts TelemetryWriter::counts() const {
    const std::lock_guard lock(state_->mutex);
    return state_->counts;
}

} // namespace masthead::store
