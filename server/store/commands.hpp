// Commands and what became of them: in the database, or while it is down in an fsynced spool that is replayed
// in order.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/store/database.hpp"
#include "server/store/spool.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace masthead::store {

struct CommandRow {
    std::string id;
    std::string vehicle;
    std::string command;
    std::string user;
    std::string state;
    std::string detail;
    Utc created;
    Utc updated;
    Utc deadline;
    std::string parameters = "{}"; // JSON object text
    std::string reason = {};
    std::string key = {}; // idempotency key; "": none
    std::string target = {};
    int resends = 0;
    std::string steps = "[]"; // JSON array text
};

/// Has a database connection of its own with a time-out of 1 s, so that no slow query delays a "hold".
/// Thread: the default GMainContext's.
class CommandLog {
  public:
    /// What an earlier run left open is closed as expired when the database is first reached: it is never
    /// sent again. Error: unavailable (the spool cannot be opened).
    [[nodiscard]] static Result<std::unique_ptr<CommandLog>> open(const std::string& conninfo,
                                                                  const std::filesystem::path& spool_file);

    enum class Without { spool, refuse }; // the database

    /// Writes a command or its newer state down; `done` comes when it is in the database or on disk. Errors:
    /// conflict (an id or key that is taken by another command, as far as the database knows), unavailable.
    void write(const CommandRow& row, Without without, std::function<void(Result<void>)> done);
    /// The newest `count`, newest first, of one vehicle if it is named. Error: unavailable.
    void list(int count, const std::optional<std::string>& vehicle,
              std::function<void(Result<std::vector<CommandRow>>)> done);

  private:
    struct Shared; // what the database's thread uses
    CommandLog() = default;
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<Database> database_;
};

} // namespace masthead::store
