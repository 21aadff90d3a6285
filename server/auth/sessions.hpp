// Who is signed in: the sessions of this server in memory. The database keeps them over restarts; requests
// are checked here, so that viewers go on while it is down. Pure: time is an argument. Thread: any one at a
// time.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/auth/role.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace masthead::auth {

inline constexpr std::chrono::hours kIdleLimit{12};

struct Session {
    std::string id; // the token's hash
    std::string user;
    Role role = Role::viewer;
    Utc last_used;
};

class SessionTable {
  public:
    void add(Session session);
    /// The session of a token, which counts as used now; nothing when there is none or it was idle too long.
    [[nodiscard]] std::optional<Session> use(const std::string& token, Utc now);
    [[nodiscard]] bool has(const std::string& id) const { return sessions_.contains(id); }
    bool remove(const std::string& id);
    /// Drops what was idle too long and gives the ids of it.
    std::vector<std::string> expire(Utc now);
    /// Sessions used since `since`.
    [[nodiscard]] std::vector<Session> used_since(Utc since) const;
    /// Keeps only these, with their roles (what the database says); gives the ids that went.
    std::vector<std::string> keep_only(const std::map<std::string, Role>& valid, Utc added_before);

  private:
    struct Entry {
        Session session;
        Utc added;
    };
    std::map<std::string, Entry> sessions_;
};

} // namespace masthead::auth
