// The rules of sending and of ending.
#include "server/commands/desk.hpp"

#include <algorithm>

namespace masthead::commands {

namespace {

using std::chrono::milliseconds;

bool same(const Command& a, const Command& b) {
    return a.vehicle == b.vehicle && a.command == b.command && a.parameters == b.parameters &&
           a.user == b.user;
}

/// A chain that grows without end loses its middle, never how it began nor how it stands.
void add_step(Command& command, Step step) {
    auto& steps = command.steps;
    const bool progress = step.state == State::in_progress && !steps.empty() &&
                          steps.back().state == State::in_progress && !steps.back().late;
    if (progress && !step.late) {
        steps.back() = std::move(step);
        return;
    }
    if (steps.size() >= Desk::kMaxSteps) {
        steps.erase(std::prev(steps.end()));
    }
    steps.push_back(std::move(step));
}

} // namespace

const Command* Desk::find(const std::string& id) const {
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : &found->second.command;
}

Result<std::optional<Command>> Desk::known(const Command& command) const {
    if (const Command* old = find(command.id)) {
        return same(*old, command)
                   ? Result<std::optional<Command>>(*old)
                   : fail(Code::conflict, "the id '" + command.id + "' belongs to another command");
    }
    for (const auto& [id, entry] : entries_) {
        const Command& old = entry.command;
        if (command.key.empty() || old.key != command.key || old.user != command.user) {
            continue;
        }
        return same(old, command) ? Result<std::optional<Command>>(old)
                                  : fail(Code::conflict, "the idempotency key '" + command.key +
                                                             "' belongs to another command");
    }
    return std::nullopt;
}

Result<void> Desk::ask(const Command& command) {
    Entry entry{command, row(command.command)};
    for (const auto& [id, other] : entries_) {
        const bool waits = other.command.state == State::queued && !other.handed;
        if (waits && other.command.vehicle == command.vehicle && other.row->lane == entry.row->lane &&
            (!entry.row->emergency || other.row == entry.row)) {
            return fail(Code::conflict,
                        "'" + other.command.command + "' to '" + command.vehicle +
                            "' waits already until an earlier command is answered: cancel it first");
        }
    }
    entries_.insert_or_assign(command.id, std::move(entry));
    let_go_of_the_oldest();
    return {};
}

Changes Desk::written(const std::string& id, Utc now) {
    Changes changes;
    const auto found = entries_.find(id);
    if (found != entries_.end()) {
        found->second.written = true;
        changes = tick(now);
    }
    return changes;
}

/// Whether `other` keeps `entry` from being sent.
bool Desk::blocks(const Entry& other, const Entry& entry, Utc now) const {
    if (other.command.vehicle != entry.command.vehicle || other.row->lane != entry.row->lane ||
        (entry.row->emergency && other.row != entry.row)) {
        return false;
    }
    return (other.handed && is_open(other.command.state)) || (other.held_until && now < *other.held_until);
}

void Desk::change(Entry& entry, State state, const std::string& detail, Utc now, Changes& changes) {
    Command& command = entry.command;
    command.state = state;
    command.detail = detail;
    // Two changes within a microsecond, or a clock set back, must not hide the newer one.
    command.updated = std::max(now, Utc{command.updated.us + 1});
    add_step(command, {state, detail, command.updated});
    changes.changed.push_back(command);
}

/// Ends it without an answer: one may still come.
void Desk::end(Entry& entry, State state, const std::string& detail, Utc now, Changes& changes) {
    if (entry.handed) {
        entry.held_until = now + milliseconds(entry.row->late_ms);
    }
    change(entry, state, detail, now, changes);
}

Changes Desk::reported(const Report& report, Utc now) {
    Changes changes;
    const auto found = entries_.find(report.id);
    if (found == entries_.end() || !found->second.handed) {
        return changes;
    }
    Entry& entry = found->second;
    Command& command = entry.command;
    if (is_final(command.state)) {
        const bool answer = report.state != State::sent && report.state != State::expired;
        if (command.state == State::expired && answer && command.steps.size() < kMaxSteps) {
            add_step(command, {report.state, report.detail, now, true});
            command.updated = std::max(now, Utc{command.updated.us + 1});
            changes.changed.push_back(command);
        }
        return changes;
    }
    const bool again = report.state == State::sent && report.resends > command.resends;
    const bool progress = report.state == State::in_progress && report.detail != command.detail;
    if (report.state < command.state || (report.state == command.state && !again && !progress) ||
        (again && command.state > State::sent)) {
        return changes;
    }
    if (!report.target.empty()) {
        command.target = report.target;
    }
    command.resends = std::max(command.resends, report.resends);
    if (report.state == State::expired) {
        end(entry, report.state, report.detail, now, changes);
    } else {
        change(entry, report.state, report.detail, now, changes);
    }
    send_due(now, changes);
    return changes;
}

Result<Changes> Desk::cancel(const std::string& id, const std::string& user, Utc now) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) {
        return fail(Code::not_found, "there is no command '" + id + "' that could be cancelled");
    }
    Entry& entry = found->second;
    if (entry.handed || is_final(entry.command.state)) {
        return fail(Code::conflict, "the command is " + std::string(to_string(entry.command.state)) +
                                        (entry.handed ? " and has left: nothing calls it back" : " already"));
    }
    Changes changes;
    change(entry, State::cancelled, "by " + user + ", before it was sent", now, changes);
    send_due(now, changes);
    return changes;
}

Changes Desk::worker_ended(const std::vector<std::string>& vehicles, Utc now) {
    Changes changes;
    for (auto& [id, entry] : entries_) {
        if (entry.handed && is_open(entry.command.state) &&
            std::ranges::find(vehicles, entry.command.vehicle) != vehicles.end()) {
            end(entry, State::failed, "the vehicle's worker ended before the outcome was known", now,
                changes);
        }
    }
    return changes;
}

std::optional<Utc> Desk::due(const Entry& entry) {
    const Command& command = entry.command;
    switch (command.state) {
    case State::queued: return command.deadline;
    case State::sent: return command.updated + milliseconds(entry.row->ack_ms) + kGrace;
    case State::in_progress: return command.updated + milliseconds(entry.row->progress_ms) + kGrace;
    default: return std::nullopt;
    }
}

Changes Desk::tick(Utc now) {
    Changes changes;
    for (auto& [id, entry] : entries_) {
        if (entry.held_until && *entry.held_until <= now) {
            entry.held_until.reset();
        }
        const auto when = due(entry);
        if (!when || now < *when) {
            continue;
        }
        const bool unsent = entry.command.state == State::queued;
        end(entry, State::expired,
            !unsent         ? "the vehicle did not answer in time"
            : entry.written ? "it could not be sent before its deadline"
                            : "it was not written down before its deadline",
            now, changes);
    }
    send_due(now, changes);
    return changes;
}

/// The oldest first; each is marked before it leaves, so that it never leaves again.
void Desk::send_due(Utc now, Changes& changes) {
    std::vector<Entry*> waiting;
    for (auto& [id, entry] : entries_) {
        if (entry.command.state == State::queued && entry.written && !entry.handed &&
            now < entry.command.deadline) {
            waiting.push_back(&entry);
        }
    }
    std::ranges::stable_sort(waiting, {}, [](const Entry* entry) { return entry->command.created; });
    for (Entry* entry : waiting) {
        const bool blocked = std::ranges::any_of(entries_, [&](const auto& each) {
            return &each.second != entry && blocks(each.second, *entry, now);
        });
        if (!blocked) {
            entry->handed = true;
            changes.send.push_back(entry->command);
        }
    }
}

std::optional<Utc> Desk::next_tick() const {
    std::optional<Utc> next;
    const auto consider = [&next](Utc when) { next = next ? std::min(*next, when) : when; };
    for (const auto& [id, entry] : entries_) {
        if (const auto when = due(entry)) {
            consider(*when);
        }
        // Its lane matters only while something waits in it.
        const bool waited_for = entry.held_until && std::ranges::any_of(entries_, [&](const auto& each) {
                                    const Entry& other = each.second;
                                    return other.command.state == State::queued && !other.handed &&
                                           blocks(entry, other, Utc{entry.held_until->us - 1});
                                });
        if (waited_for) {
            consider(*entry.held_until);
        }
    }
    return next;
}

void Desk::let_go_of_the_oldest() {
    const auto closed = [](const auto& each) { return !is_open(each.second.command.state); };
    if (std::ranges::count_if(entries_, closed) <= static_cast<std::ptrdiff_t>(kMaxFinished)) {
        return;
    }
    const auto older = [&](const auto& a, const auto& b) {
        return std::pair(!closed(a), a.second.command.updated) <
               std::pair(!closed(b), b.second.command.updated);
    };
    entries_.erase(std::ranges::min_element(entries_, older));
}

} // namespace masthead::commands
