// A connection with a thread and a queue of jobs: the main loop asks, and is answered on the main loop.
#pragma once

#include "plugins/bytes/backoff.hpp"
#include "server/store/connection.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace masthead::store {

struct DatabaseSettings {
    std::string conninfo;
    std::string name; // in pg_stat_activity and in the log
    int statement_timeout_ms = 10'000;
    /// Runs on the database's thread after each connecting and migrating, before any job; an error counts as
    /// down.
    std::function<Result<void>(Connection&)> on_connect;
    /// Called on the main loop with each change, and first with what the first try gave.
    std::function<void(bool up, const std::string& detail)> on_state;
};

/// Connects by itself, again and again with back-off (0.5 s to 5 s). While it is down, jobs do not wait: they
/// run at once without a connection. Everything here is called on the thread of the default GMainContext;
/// `work` runs on the database's own.
class Database {
  public:
    static constexpr std::size_t kMaxJobs = 1000;

    explicit Database(DatabaseSettings settings);
    /// Ends after the job under way; jobs that wait are dropped without an answer.
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// `work` gets nullptr while the database is down. False: too many jobs wait, nothing will be called.
    bool post(std::function<void(Connection*)> work, std::function<void()> done);

    /// `work` on a connection, its result to `done`. While the database is down, or too many jobs wait:
    /// unavailable.
    template <typename T>
    void run(std::function<Result<T>(Connection&)> work, std::function<void(Result<T>)> done) {
        auto result = std::make_shared<Result<T>>(down());
        const bool posted = post(
            [work = std::move(work), result](Connection* connection) {
                if (connection) {
                    *result = work(*connection);
                }
            },
            [result, done] { done(std::move(*result)); });
        if (!posted) {
            done(fail(Code::unavailable, "the server has too much to ask of its database; try again"));
        }
    }

  private:
    struct Job {
        std::function<void(Connection*)> work;
        std::function<void()> done;
    };
    [[nodiscard]] static tl::unexpected<Error> down();
    void work();
    void connect();
    void wait_for_work();
    void report(bool up, const std::string& detail);

    DatabaseSettings settings_;

    std::mutex mutex_; // guards jobs_ and ending_
    std::deque<Job> jobs_;
    bool ending_ = false;
    int wake_; // eventfd

    // The thread's own.
    std::unique_ptr<Connection> connection_;
    std::int64_t next_try_us_ = 0;
    Backoff backoff_{.most = std::chrono::milliseconds(5000)};
    std::string last_detail_ = "?";

    std::thread thread_;
};

} // namespace masthead::store
