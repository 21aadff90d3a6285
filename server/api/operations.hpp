// /api/operations: jobs on recordings, which run in processes of their own, few at a time. What they are
// about is the matter of their kind (exports, imports).
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/events.hpp"
#include "server/api/recording_tool.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"
#include "server/store/operations.hpp"

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace masthead::api {

/// What the jobs of one kind do. Functions named "on the database's thread" may read and change the disk.
struct OperationKind {
    /// masthead-recording's arguments for a job, whatever an earlier try has left being cleared away first.
    /// On the database's thread. Error: why the job fails.
    std::function<Result<std::vector<std::string>>(store::Connection&, const store::OperationRow&)> prepare;
    /// The program has done it and told `outcome`: keeps the result, and notes it in the row. On the
    /// database's thread.
    std::function<Result<void>(store::OperationRow&, const json::Value& outcome)> keep;
    /// Removes all files of a job. On the database's thread.
    std::function<void(const std::string& id)> clear;
};

struct OperationSettings {
    std::filesystem::path tool; // masthead-recording
    int at_once = 2;
    int keep_days = 7; // what has ended
};

/// A job is in the database before it is answered for. Those that an earlier run of the server left open
/// begin anew; what ended is removed, with its files, after a time. Thread: the default GMainContext's.
/// Borrows database (the one for recordings, whose thread removes old ones: it goes on either before a job is
/// written down or after) and events.
class Operations {
  public:
    Operations(store::Database& database, Events& events, OperationSettings settings);

    /// Before refresh().
    void define(const std::string& kind, OperationKind what) { kinds_[kind] = std::move(what); }
    [[nodiscard]] std::vector<http::Route> routes();
    /// `check` comes first, on the database's thread; then the row is written down, and the reply is 202.
    void add(store::OperationRow row, std::function<Result<void>(store::Connection&)> check,
             const http::Reply& reply);
    /// The database is there (again).
    void refresh();

  private:
    struct Job {
        store::OperationRow row;
        std::unique_ptr<RecordingRun> run; // nothing: it waits, or is being prepared
        bool begun = false;
        bool cancelled = false;
        double progress = 0;
        std::string detail;
    };
    void list(const http::Reply& reply);
    void get(const http::Request& request, const http::Reply& reply);
    void remove(const http::Request& request, const http::Reply& reply);
    void take(std::vector<store::OperationRow> rows);
    void start_next();
    void start(const std::string& id, const std::vector<std::string>& arguments);
    void ran(const std::string& id, const Result<json::Value>& outcome);
    void end(const std::string& id, const char* state, const std::string& detail);
    void write(const store::OperationRow& row);
    void tell(const store::OperationRow& row);
    void remove_old();
    [[nodiscard]] std::string to_json(const store::OperationRow& row) const;

    store::Database& database_;
    Events& events_;
    OperationSettings settings_;
    std::map<std::string, OperationKind> kinds_;
    std::map<std::string, Job> jobs_;                      // that have not ended
    std::deque<std::string> waiting_;                      // of jobs_
    std::map<std::string, store::OperationRow> unwritten_; // ended while the database was away
    int busy_ = 0;                                         // jobs that have begun
    Timer timer_;
};

} // namespace masthead::api
