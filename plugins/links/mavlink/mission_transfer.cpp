// The stages of a transfer.
#include "plugins/links/mavlink/mission_transfer.hpp"

#include "plugins/links/mavlink/messages.hpp"

#include <algorithm>

namespace masthead::mavlink {

namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kAccepted = 0, kDenied = 14, kCancelled = 15; // MAV_MISSION_RESULT
constexpr std::uint8_t kMaxGiven = 20;                               // times one item is asked for

CommandState state_of(std::uint8_t result) {
    return result == kDenied      ? CommandState::denied
           : result == kCancelled ? CommandState::cancelled
                                  : CommandState::failed;
}

std::string count_text(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " item" : " items");
}

} // namespace

MissionTransfer MissionTransfer::upload(const PlanTarget& to, std::vector<PlanItem> items,
                                        std::optional<PlanPart> part) {
    MissionTransfer transfer(to, Task::upload);
    if (to.home_first) {
        // The autopilot puts its own home there; until then it is where the plan begins.
        const auto place = std::ranges::find_if(items, [](const PlanItem& item) { return item.x != 0; });
        PlanItem home{.command = 16};
        home.x = place == items.end() ? 0 : place->x;
        home.y = place == items.end() ? 0 : place->y;
        items.insert(items.begin(), home);
    }
    transfer.items_ = std::move(items);
    transfer.part_ = part;
    transfer.given_.resize(transfer.items_.size());
    return transfer;
}

MissionTransfer MissionTransfer::download(const PlanTarget& to) {
    return {MissionTransfer(to, Task::download)};
}

MissionTransfer MissionTransfer::clear(const PlanTarget& to) { return {MissionTransfer(to, Task::clear)}; }

std::uint16_t MissionTransfer::first_seq() const {
    return part_ ? static_cast<std::uint16_t>(part_->first + (to_.home_first ? 1 : 0)) : std::uint16_t{0};
}

std::uint16_t MissionTransfer::last_seq() const {
    return static_cast<std::uint16_t>(part_ ? part_->last + (to_.home_first ? 1 : 0) : items_.size() - 1);
}

void MissionTransfer::wait(Utc now, milliseconds time) { until_ = now + time; }

Message MissionTransfer::addressed(Message message) const {
    message.version = to_.version;
    return message;
}

Message MissionTransfer::ack(std::uint8_t result) const {
    using namespace mission_ack;
    Message message{.id = kId};
    message.set(target_system, to_.system);
    message.set(target_component, to_.component);
    message.set(type, result);
    message.set(mission_type, static_cast<std::uint8_t>(to_.type));
    return addressed(message);
}

Message MissionTransfer::request(std::uint16_t number) const {
    using namespace mission_request_int;
    Message message{.id = kId};
    message.set(seq, number);
    message.set(target_system, to_.system);
    message.set(target_component, to_.component);
    message.set(mission_type, static_cast<std::uint8_t>(to_.type));
    return addressed(message);
}

/// What begins the present stage.
Message MissionTransfer::opener() const {
    const auto type = static_cast<std::uint8_t>(to_.type);
    const auto to = [&](Message message, const auto& system, const auto& component, const auto& plan) {
        message.set(system, to_.system);
        message.set(component, to_.component);
        message.set(plan, type);
        return addressed(message);
    };
    if (stage_ == Stage::asking) {
        using namespace mission_request_list;
        return to({.id = kId}, target_system, target_component, mission_type);
    }
    if (task_ == Task::clear) {
        using namespace mission_clear_all;
        return to({.id = kId}, target_system, target_component, mission_type);
    }
    if (part_) {
        using namespace mission_write_partial_list;
        Message message{.id = kId};
        message.set(start_index, static_cast<std::int16_t>(first_seq()));
        message.set(end_index, static_cast<std::int16_t>(last_seq()));
        return to(message, target_system, target_component, mission_type);
    }
    using namespace mission_count;
    Message message{.id = kId};
    message.set(count, static_cast<std::uint16_t>(items_.size()));
    return to(message, target_system, target_component, mission_type);
}

MissionTransfer::Step MissionTransfer::begin(Utc now, Utc deadline) {
    deadline_ = deadline;
    if (task_ == Task::download) {
        return read_back(now);
    }
    wait(now, kAnswer);
    return {.send = {opener()}};
}

MissionTransfer::Step MissionTransfer::read_back(Utc now) {
    stage_ = Stage::asking;
    tries_ = 0;
    wait(now, kAnswer);
    return {.send = {opener()}};
}

MissionTransfer::Step MissionTransfer::receive(const Message& message, Utc now) {
    if (message.system != to_.system || message.component != to_.component || stage_ == Stage::over) {
        return {};
    }
    const auto ours = [&](const auto& plan) {
        return message.get(plan) == static_cast<std::uint8_t>(to_.type);
    };
    switch (message.id) {
    case mission_request_int::kId:
        return ours(mission_request_int::mission_type) ? give(message.get(mission_request_int::seq), now)
                                                       : Step();
    case mission_request::kId: // of old ones; MISSION_ITEM_INT answers it as well
        return ours(mission_request::mission_type) ? give(message.get(mission_request::seq), now) : Step();
    case mission_ack::kId:
        return ours(mission_ack::mission_type) ? take_ack(message.get(mission_ack::type), now) : Step();
    case mission_count::kId:
        return ours(mission_count::mission_type) ? take_count(message.get(mission_count::count), now)
                                                 : Step();
    case mission_item_int::kId:
        return ours(mission_item_int::mission_type) ? take_item(message, now) : Step();
    default: return {};
    }
}

MissionTransfer::Step MissionTransfer::give(std::uint16_t seq, Utc now) {
    // While it is read back only because nothing was acknowledged, it may still be missing something.
    const bool over = (stage_ == Stage::asking || stage_ == Stage::taking) && !unconfirmed_;
    if (task_ != Task::upload || over || (stage_ == Stage::opening && seq != first_seq())) {
        return {}; // of an earlier transfer
    }
    if (seq < first_seq() || seq > last_seq()) {
        return give_up(CommandState::failed,
                       "the vehicle asked for item " + std::to_string(seq) + ", which was not offered to it");
    }
    if (given_[seq] >= kMaxGiven) {
        return give_up(CommandState::failed, "the vehicle asked for item " + std::to_string(seq) + " " +
                                                 std::to_string(kMaxGiven) + " times");
    }
    if (given_[seq]++ > 0) {
        ++resends_;
    }
    const bool all = std::all_of(given_.begin() + first_seq(), given_.begin() + last_seq() + 1,
                                 [](std::uint8_t times) { return times > 0; });
    stage_ = all ? Stage::closing : Stage::giving;
    unconfirmed_ = false;
    wait(now, all ? kAnswer : kGiven);
    Message message = item_message(items_[seq], seq, to_.type);
    message.set(mission_item_int::target_system, to_.system);
    message.set(mission_item_int::target_component, to_.component);
    return {.send = {addressed(message)}};
}

MissionTransfer::Step MissionTransfer::take_ack(std::uint8_t result, Utc now) {
    if (result != kAccepted) {
        return end(state_of(result), mission_result_text(result));
    }
    const bool cleared = task_ == Task::clear && stage_ == Stage::opening;
    if (cleared || stage_ == Stage::closing) {
        return read_back(now);
    }
    if (stage_ == Stage::giving) {
        const auto asked = std::ranges::count_if(given_, [](std::uint8_t times) { return times > 0; });
        return end(CommandState::failed, "the vehicle took the plan for whole after asking for " +
                                             std::to_string(asked) + " of " + count_text(given_.size()));
    }
    return {}; // of an earlier transfer, or said twice
}

MissionTransfer::Step MissionTransfer::take_count(std::uint16_t count, Utc now) {
    if (stage_ != Stage::asking) {
        return {};
    }
    if (count > kMaxHeld) {
        return give_up(CommandState::failed, "the vehicle says that it holds " + count_text(count) +
                                                 ", and at most " + std::to_string(kMaxHeld) + " are read");
    }
    count_ = count;
    held_.clear();
    if (count == 0) {
        return finish();
    }
    stage_ = Stage::taking;
    tries_ = 0;
    wait(now, kItem);
    return {.send = {request(0)}};
}

MissionTransfer::Step MissionTransfer::take_item(const Message& message, Utc now) {
    if (stage_ != Stage::taking || message.get(mission_item_int::seq) != held_.size()) {
        return {}; // said twice, or out of turn: it was asked for one after the other
    }
    held_.push_back(plan_item(message));
    if (held_.size() == count_) {
        return finish();
    }
    tries_ = 0;
    wait(now, kItem);
    return {.send = {request(static_cast<std::uint16_t>(held_.size()))}};
}

std::optional<std::vector<PlanItem>> MissionTransfer::held() const {
    if (!read_) {
        return std::nullopt;
    }
    const bool home = to_.home_first && !held_.empty();
    return std::vector<PlanItem>(held_.begin() + (home ? 1 : 0), held_.end());
}

MissionTransfer::Step MissionTransfer::finish() {
    read_ = true;
    Outcome outcome = compared();
    if (unconfirmed_ && outcome.state == CommandState::completed) {
        outcome.detail += "; its acknowledgement did not come";
    }
    Step step = end(outcome.state, std::move(outcome.detail));
    step.send.push_back(ack(kAccepted));
    return step;
}

MissionTransfer::Outcome MissionTransfer::compared() const {
    const std::vector<PlanItem> held = *this->held();
    if (task_ == Task::download) {
        return {CommandState::completed, "the vehicle holds " + count_text(held.size())};
    }
    const std::size_t home = to_.home_first && task_ == Task::upload ? 1 : 0;
    const std::size_t sent = items_.size() - home;
    if (held.size() != sent) {
        return {CommandState::failed, "read back: the vehicle holds " + count_text(held.size()) +
                                          " instead of " + std::to_string(sent)};
    }
    for (std::size_t i = 0; i < sent; ++i) {
        if (const auto differs = difference(items_[i + home], held[i])) {
            return {CommandState::failed, "read back: the vehicle holds something else: items[" +
                                              std::to_string(i) + "]." + *differs};
        }
    }
    return {CommandState::completed, task_ == Task::clear ? "read back: the vehicle holds no item"
                                                          : "read back: " + count_text(sent) + ", the same"};
}

MissionTransfer::Step MissionTransfer::end(CommandState state, std::string detail) {
    stage_ = Stage::over;
    if (resends_ > 0) {
        detail += "; " + std::to_string(resends_) + " messages were sent again";
    }
    return {.outcome = Outcome{state, std::move(detail)}};
}

/// It would go on by itself.
MissionTransfer::Step MissionTransfer::give_up(CommandState state, std::string detail) {
    Step step = end(state, std::move(detail));
    step.send.push_back(ack(kCancelled));
    return step;
}

MissionTransfer::Step MissionTransfer::due(Utc now) {
    if (stage_ == Stage::over || now < until_) {
        return {};
    }
    if (stage_ == Stage::giving) {
        return give_up(CommandState::expired,
                       "the vehicle fell silent: " + progress() + ", and it may hold a part of them");
    }
    if (stage_ == Stage::closing) {
        unconfirmed_ = true;
        return read_back(now);
    }
    return again(now);
}

MissionTransfer::Step MissionTransfer::again(Utc now) {
    const bool opens = stage_ == Stage::opening || (stage_ == Stage::asking && task_ == Task::download);
    const std::string who = "system " + std::to_string(to_.system);
    if (tries_ >= kRetries || (opens && now > deadline_)) {
        return stage_ == Stage::opening ? end(CommandState::expired, who + " did not answer in time")
               : stage_ == Stage::asking
                   ? end(CommandState::expired, who + " did not say in time what it holds")
                   : give_up(CommandState::expired, who + " fell silent: " + progress());
    }
    ++tries_;
    ++resends_;
    if (stage_ == Stage::taking) {
        wait(now, std::min(kItem * (1 << tries_), kAnswer));
        return {.send = {request(static_cast<std::uint16_t>(held_.size()))}};
    }
    wait(now, kAnswer);
    return {.send = {opener()}, .outcome = {}, .reopened = opens};
}

std::string MissionTransfer::progress() const {
    const auto given = std::ranges::count_if(given_, [](std::uint8_t times) { return times > 0; });
    switch (stage_) {
    case Stage::giving:
    case Stage::closing:
        return std::to_string(given) + " of " + count_text(last_seq() - first_seq() + 1u) + " sent";
    case Stage::taking: return std::to_string(held_.size()) + " of " + count_text(count_) + " read";
    default: return "";
    }
}

} // namespace masthead::mavlink
