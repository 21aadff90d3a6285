// Commands in flight and their acknowledgements.
#include "plugins/links/mavlink/commands.hpp"

#include "plugins/links/mavlink/modes.hpp"

#include <algorithm>

namespace masthead::mavlink {

namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kAccepted = 0; // MAV_RESULT
constexpr std::uint8_t kTemporarilyRejected = 1;
constexpr std::uint8_t kDenied = 2;
constexpr std::uint8_t kInProgress = 5;
constexpr std::uint8_t kCancelled = 6;
constexpr std::uint8_t kProgressUnknown = 255;

CommandState state_of(std::uint8_t result) {
    switch (result) {
    case kAccepted: return CommandState::accepted;
    case kTemporarilyRejected:
    case kDenied: return CommandState::denied;
    case kInProgress: return CommandState::in_progress;
    case kCancelled: return CommandState::cancelled;
    default: return CommandState::failed;
    }
}

} // namespace

Result<void> CommandBook::begin(const std::string& id, const commands::Row& row, const Addressee& to,
                                Utc deadline, Utc now) {
    if (now > deadline) {
        return fail(Code::expired, "command " + id + " was not sent: its deadline has passed");
    }
    for (const Entry& entry : entries_) {
        if (entry.to == to && (!row.emergency || entry.row == &row)) {
            return fail(Code::conflict, "system " + std::to_string(to.system) +
                                            " may still acknowledge command " + entry.id +
                                            ", and this one's acknowledgement would look the same");
        }
    }
    for (Entry& entry : entries_) {
        if (entry.to == to && (entry.stage == Stage::waiting || entry.stage == Stage::in_progress)) {
            entry.until = now; // overtaken
        }
    }
    entries_.push_back({id, &row, to, deadline, now, now + milliseconds(row.ack_ms)});
    return {};
}

void CommandBook::withdraw(const std::string& id) {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.id == id; });
}

std::optional<CommandUpdate> CommandBook::acknowledge(const Addressee& from, std::uint8_t result,
                                                      std::uint8_t progress, Utc now) {
    const auto entry = std::ranges::find(entries_, from, &Entry::to);
    if (entry == entries_.end()) {
        return std::nullopt;
    }
    if (entry->stage == Stage::answered) {
        if (--entry->resends == 0) {
            entries_.erase(entry);
        }
        return std::nullopt;
    }
    // The one that follows signs of progress says that it is done.
    const bool done = result == kAccepted && entry->stage == Stage::in_progress;
    CommandUpdate update{entry->id, done ? CommandState::completed : state_of(result), result_name(result)};
    update.late = entry->stage == Stage::expired;
    if (result == kInProgress) {
        entry->until = now + milliseconds(update.late ? entry->row->late_ms : entry->row->progress_ms);
        entry->stage = update.late ? Stage::expired : Stage::in_progress;
        if (progress != kProgressUnknown) {
            update.detail += " " + std::to_string(progress) + " %";
        }
    } else if (entry->resends > 0) {
        entry->stage = Stage::answered;
        entry->until = now + milliseconds(entry->row->late_ms);
    } else {
        entries_.erase(entry);
    }
    return update;
}

std::optional<Utc> CommandBook::resend_time(const Entry& entry) {
    const bool may = entry.stage == Stage::waiting && entry.resends < entry.row->resends && !entry.too_late;
    return may ? std::optional(entry.sent + milliseconds(entry.row->resend_ms)) : std::nullopt;
}

CommandBook::Due CommandBook::due(Utc now) {
    Due due;
    for (Entry& entry : entries_) {
        entry.too_late = entry.too_late || now > entry.deadline;
        const auto again = resend_time(entry);
        if (again && *again <= now) {
            entry.sent = now;
            entry.until = now + milliseconds(entry.row->ack_ms);
            due.resend.push_back({entry.id, ++entry.resends});
        }
    }
    std::erase_if(entries_, [now](const Entry& entry) {
        return entry.until <= now && (entry.stage == Stage::expired || entry.stage == Stage::answered);
    });
    for (Entry& entry : entries_) {
        if (entry.until <= now) {
            due.expired.push_back(
                {entry.id, CommandState::expired,
                 "system " + std::to_string(entry.to.system) + " did not acknowledge in time"});
            entry.stage = Stage::expired;
            entry.until = now + milliseconds(entry.row->late_ms);
        }
    }
    return due;
}

std::optional<Utc> CommandBook::next_due() const noexcept {
    std::optional<Utc> next;
    for (const Entry& entry : entries_) {
        const Utc own = std::min(resend_time(entry).value_or(entry.until), entry.until);
        next = next ? std::min(*next, own) : own;
    }
    return next;
}

bool CommandBook::may_resend(const std::string& id) const {
    const auto entry = std::ranges::find(entries_, id, &Entry::id);
    return entry != entries_.end() && resend_time(*entry).has_value();
}

} // namespace masthead::mavlink
