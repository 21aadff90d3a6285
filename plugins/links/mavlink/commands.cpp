// Commands in flight and their acknowledgements.
#include "plugins/links/mavlink/commands.hpp"

#include "plugins/links/mavlink/modes.hpp"

#include <algorithm>

namespace masthead::mavlink {

namespace {

using namespace std::chrono_literals;

constexpr auto kAckWait = 3s;       // at least, however near the deadline
constexpr auto kProgressWait = 30s; // after a MAV_RESULT_IN_PROGRESS

constexpr std::uint8_t kAccepted = 0; // MAV_RESULT
constexpr std::uint8_t kTemporarilyRejected = 1;
constexpr std::uint8_t kDenied = 2;
constexpr std::uint8_t kInProgress = 5;
constexpr std::uint8_t kProgressUnknown = 255;

CommandState state_of(std::uint8_t result) {
    switch (result) {
    case kAccepted: return CommandState::accepted;
    case kTemporarilyRejected:
    case kDenied: return CommandState::denied;
    case kInProgress: return CommandState::in_progress;
    default: return CommandState::failed;
    }
}

} // namespace

Result<void> CommandBook::begin(const LinkCommand& command, std::uint8_t system, std::uint16_t number,
                                Utc now) {
    if (now > command.deadline) {
        return fail(Code::expired, "command " + command.id + " was not sent: its deadline has passed");
    }
    for (const Waiting& waiting : waiting_) {
        if (waiting.system == system && waiting.number == number) {
            return fail(Code::conflict, "system " + std::to_string(system) + " has not answered command " +
                                            waiting.id + " of the same kind yet");
        }
    }
    waiting_.push_back({command.id, system, number, std::max(command.deadline, now + kAckWait)});
    return {};
}

void CommandBook::withdraw(const std::string& id) {
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.id == id; });
}

std::optional<CommandUpdate> CommandBook::acknowledge(std::uint8_t system, std::uint16_t number,
                                                      std::uint8_t result, std::uint8_t progress, Utc now) {
    const auto waiting = std::ranges::find_if(
        waiting_, [&](const Waiting& each) { return each.system == system && each.number == number; });
    if (waiting == waiting_.end()) {
        return std::nullopt;
    }
    CommandUpdate update{waiting->id, state_of(result), result_name(result)};
    if (result == kInProgress) {
        waiting->until = now + kProgressWait;
        if (progress != kProgressUnknown) {
            update.detail += " " + std::to_string(progress) + " %";
        }
    } else {
        waiting_.erase(waiting);
    }
    return update;
}

std::vector<CommandUpdate> CommandBook::expire(Utc now) {
    std::vector<CommandUpdate> updates;
    std::erase_if(waiting_, [&](const Waiting& waiting) {
        if (waiting.until > now) {
            return false;
        }
        updates.push_back({waiting.id, CommandState::expired,
                           "system " + std::to_string(waiting.system) + " did not acknowledge in time"});
        return true;
    });
    return updates;
}

std::optional<Utc> CommandBook::next_expiry() const noexcept {
    const auto first = std::ranges::min_element(waiting_, {}, &Waiting::until);
    return first != waiting_.end() ? std::optional(first->until) : std::nullopt;
}

} // namespace masthead::mavlink
