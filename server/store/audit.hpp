// The audit: every entry in the database, chained; while the database is down in an fsynced spool. Newest
// hashes are kept in a file of their own, which belongs on another disk, or is copied away.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/audit/chain.hpp"
#include "server/store/database.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace masthead::store {

/// In the server's data folder.
inline constexpr const char* kAuditHeads = "audit.heads";

struct AuditRow {
    audit::Entry entry;
    std::string hash;
};

/// The schema AuditEntry of openapi.yaml.
[[nodiscard]] std::string to_json(const AuditRow& row);

struct AuditQuery {
    Utc from;
    Utc to;           // exclusive
    std::string user; // "": anyone
    std::string text; // somewhere in what was done, to what, or what came of it; "": anything
    int limit = 0;
};

/// Errors: not_found, malformed (with the line).
[[nodiscard]] Result<std::vector<audit::Head>> read_audit_heads(const std::filesystem::path& file);
/// Newest first.
[[nodiscard]] Result<std::vector<AuditRow>> list_audit(Connection& connection, const AuditQuery& query);
/// From the first one on, in order. Ends at the first error of `take`.
[[nodiscard]] Result<void> each_audit_row(Connection& connection,
                                          const std::function<Result<void>(const AuditRow&)>& take);

/// Thread: the default GMainContext's.
class AuditLog {
  public:
    /// Error: unavailable (a file cannot be opened).
    [[nodiscard]] static Result<std::unique_ptr<AuditLog>> open(const std::string& conninfo,
                                                                const std::filesystem::path& spool_file,
                                                                const std::filesystem::path& head_file);
    /// Keeps the head.
    ~AuditLog();

    /// Its time and number are filled in, its texts made valid and cut to 4 KiB. What neither the database
    /// nor the disk takes goes to the log.
    void note(audit::Entry entry);
    /// Newest first. Error: unavailable.
    void list(const AuditQuery& query, std::function<void(Result<std::vector<AuditRow>>)> done);

  private:
    struct Shared; // what the database's thread uses
    AuditLog();
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<Database> database_;
    Timer head_timer_;
};

} // namespace masthead::store
