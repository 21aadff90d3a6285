// The table of sessions.
#include "server/auth/sessions.hpp"

#include "server/auth/secrets.hpp"

namespace masthead::auth {

void SessionTable::add(Session session) {
    const std::string id = session.id;
    const Utc added = session.last_used;
    sessions_.insert_or_assign(id, Entry{std::move(session), added});
}

std::optional<Session> SessionTable::use(const std::string& token, Utc now) {
    const auto found = sessions_.find(token_hash(token));
    if (found == sessions_.end() || now - found->second.session.last_used > kIdleLimit) {
        return std::nullopt;
    }
    found->second.session.last_used = std::max(now, found->second.session.last_used);
    return found->second.session;
}

bool SessionTable::remove(const std::string& id) { return sessions_.erase(id) > 0; }

std::vector<std::string> SessionTable::expire(Utc now) {
    std::vector<std::string> gone;
    std::erase_if(sessions_, [&](const auto& entry) {
        const bool idle = now - entry.second.session.last_used > kIdleLimit;
        if (idle) {
            gone.push_back(entry.first);
        }
        return idle;
    });
    return gone;
}

std::vector<Session> SessionTable::used_since(Utc since) const {
    std::vector<Session> used;
    for (const auto& [id, entry] : sessions_) {
        if (entry.session.last_used >= since) {
            used.push_back(entry.session);
        }
    }
    return used;
}

std::vector<std::string> SessionTable::keep_only(const std::map<std::string, Role>& valid, Utc added_before) {
    std::vector<std::string> gone;
    for (auto entry = sessions_.begin(); entry != sessions_.end();) {
        const auto found = valid.find(entry->first);
        if (found != valid.end()) {
            entry->second.session.role = found->second;
        } else if (entry->second.added < added_before) {
            gone.push_back(entry->first);
            entry = sessions_.erase(entry);
            continue;
        }
        ++entry;
    }
    return gone;
}

} // namespace masthead::auth
