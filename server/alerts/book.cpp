#include "server/alerts/book.hpp"

#include <algorithm>
#include <tuple>

namespace masthead::alerts {
namespace {

bool is_news(const Alert& alert, const Finding& finding) { return finding.severity > alert.severity; }

} // namespace

std::vector<Alert> Book::restore(const std::vector<Alert>& open, Utc now) {
    std::vector<Alert> changed;
    for (const Alert& alert : open) {
        Entry& entry = entries_[alert.key];
        if (!entry.alert) {
            entry.alert = alert;
        } else if (entry.alert->id != alert.id) {
            changed.push_back(alert);
            changed.back().state = State::cleared;
            changed.back().snoozed_until.reset();
            changed.back().updated = now;
        }
    }
    return changed;
}

std::vector<Alert> Book::report(const Key& key, const std::optional<Finding>& finding, const AlertRule& rule,
                                Utc now) {
    std::vector<Alert> changed;
    const auto found = entries_.find(key);
    if (found == entries_.end() && !finding) {
        return changed;
    }
    Entry& entry = found == entries_.end() ? entries_[key] : found->second;
    const bool raises = finding && (!entry.alert || is_news(*entry.alert, *finding));
    const bool clears = !finding && entry.alert;
    if (!raises && !clears) { // it is as it was told, or what was pending is over
        entry.pending.reset();
        entry.due.reset();
        if (finding && entry.alert->severity > finding->severity) {
            entry.alert->severity = finding->severity;
            entry.alert->message = finding->message;
            entry.alert->updated = now;
            changed.push_back(*entry.alert);
        }
    } else if (!entry.due || entry.pending.has_value() != raises) {
        entry.pending = finding;
        entry.due = now + (raises ? rule.raise_after : rule.clear_after);
    } else {
        entry.pending = finding; // since when stays
    }
    if (entry.due && *entry.due <= now) {
        come_true(key, entry, now, changed);
    }
    if (!entry.alert && !entry.due) {
        entries_.erase(key);
    }
    return changed;
}

void Book::come_true(const Key& key, Entry& entry, Utc now, std::vector<Alert>& changed) {
    entry.due.reset();
    if (const auto finding = std::exchange(entry.pending, std::nullopt)) {
        if (!entry.alert) {
            entry.alert = Alert{.id = new_id_(),
                                .key = key,
                                .message = {},
                                .raised = now,
                                .updated = now,
                                .user = {},
                                .snoozed_until = {}};
        }
        entry.alert->severity = finding->severity;
        entry.alert->message = finding->message;
        entry.alert->state = State::raised;
        entry.alert->snoozed_until.reset();
    } else {
        entry.alert->state = State::cleared;
        entry.alert->snoozed_until.reset();
    }
    entry.alert->updated = now;
    changed.push_back(*entry.alert);
    if (entry.alert->state == State::cleared) {
        entry.alert.reset();
    }
}

std::vector<Alert> Book::drop(const Key& key, const std::string& why, Utc now) {
    std::vector<Alert> changed;
    if (const auto found = entries_.find(key); found != entries_.end()) {
        if (found->second.alert) {
            found->second.pending.reset();
            found->second.alert->message += " (" + why + ")";
            come_true(key, found->second, now, changed);
        }
        entries_.erase(found);
    }
    return changed;
}

std::vector<Alert> Book::tick(Utc now) {
    std::vector<Alert> changed;
    for (auto here = entries_.begin(); here != entries_.end();) {
        Entry& entry = here->second;
        if (entry.due && *entry.due <= now) {
            come_true(here->first, entry, now, changed);
        }
        if (entry.alert && entry.alert->state == State::snoozed && *entry.alert->snoozed_until <= now) {
            entry.alert->state = State::raised;
            entry.alert->snoozed_until.reset();
            entry.alert->updated = now;
            changed.push_back(*entry.alert);
        }
        here = entry.alert || entry.due ? std::next(here) : entries_.erase(here);
    }
    return changed;
}

std::optional<Utc> Book::next_tick() const {
    std::optional<Utc> next;
    const auto take = [&](const std::optional<Utc>& when) {
        if (when && (!next || *when < *next)) {
            next = when;
        }
    };
    for (const auto& [key, entry] : entries_) {
        take(entry.due);
        take(entry.alert ? entry.alert->snoozed_until : std::nullopt);
    }
    return next;
}

Result<Book::Entries::iterator> Book::find(const std::string& id) {
    const auto found = std::ranges::find_if(
        entries_, [&](const auto& entry) { return entry.second.alert && entry.second.alert->id == id; });
    if (found == entries_.end()) {
        return fail(Code::not_found, "there is no open alert '" + id + "': it may have been cleared");
    }
    return found;
}

Result<Alert> Book::acknowledge(const std::string& id, const std::string& user, Utc now) {
    return find(id).and_then([&](const Entries::iterator entry) -> Result<Alert> {
        Alert& alert = *entry->second.alert;
        if (alert.state == State::acknowledged) {
            return fail(Code::conflict, alert.user + " has acknowledged this alert already");
        }
        alert.state = State::acknowledged;
        alert.user = user;
        alert.snoozed_until.reset();
        alert.updated = now;
        return alert;
    });
}

Result<Alert> Book::snooze(const std::string& id, const std::string& user, Utc until, Utc now) {
    return find(id).map([&](const Entries::iterator entry) {
        Alert& alert = *entry->second.alert;
        alert.state = State::snoozed;
        alert.user = user;
        alert.snoozed_until = until;
        alert.updated = now;
        return alert;
    });
}

std::optional<Severity> Book::open(const Key& key) const {
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.alert ? std::optional(found->second.alert->severity)
                                                          : std::nullopt;
}

std::vector<Alert> Book::all() const {
    std::vector<Alert> open;
    for (const auto& [key, entry] : entries_) {
        if (entry.alert) {
            open.push_back(*entry.alert);
        }
    }
    std::ranges::sort(open, [](const Alert& a, const Alert& b) {
        return std::tuple(b.severity, a.raised, a.key) < std::tuple(a.severity, b.raised, b.key);
    });
    return open;
}

std::vector<Key> Book::keys() const {
    std::vector<Key> keys;
    for (const auto& [key, entry] : entries_) {
        keys.push_back(key);
    }
    return keys;
}

} // namespace masthead::alerts
