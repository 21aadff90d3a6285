#include "simulator/mission_store.hpp"

#include "plugins/links/mavlink/messages.hpp"

#include <algorithm>
#include <iterator>

namespace masthead::sim {

namespace {

using namespace std::chrono_literals;
using mavlink::Message;
using mavlink::PlanItem;

constexpr auto kAskAgain = 1000ms;
constexpr auto kGiveUp = 8000ms;
constexpr std::uint8_t kAccepted = 0, kUnsupportedFrame = 2, kUnsupported = 3, kNoSpace = 4, kInvalid = 5,
                       kInvalidSequence = 13, kCancelled = 15; // MAV_MISSION_RESULT
constexpr std::uint8_t kAutopilot = 1;                         // its component
constexpr std::uint8_t kFrames[] = {0, 3, 5, 6};               // above the sea or home
constexpr std::uint16_t kPlaces[] = {16, 18, 19, 21, 22, 195}; // MAV_CMD
constexpr std::uint16_t kOthers[] = {20, 178, 197, 206, 2000};

Message ack(const Message& to, std::uint8_t result, std::uint8_t type = 0) {
    using namespace mavlink::mission_ack;
    Message message{.id = kId};
    message.set(target_system, to.system);
    message.set(target_component, to.component);
    message.set(mavlink::mission_ack::type, result);
    message.set(mission_type, type);
    return message;
}

std::uint8_t objection(const PlanItem& item) {
    const bool has_place = std::ranges::find(kPlaces, item.command) != std::end(kPlaces);
    if (!has_place && std::ranges::find(kOthers, item.command) == std::end(kOthers)) {
        return kUnsupported;
    }
    return has_place && std::ranges::find(kFrames, item.frame) == std::end(kFrames) ? kUnsupportedFrame
                                                                                    : kAccepted;
}

/// Whom a message about plans is for, and which plan it is about: this drone has missions alone.
struct About {
    std::uint8_t system;
    std::uint8_t component;
    std::uint8_t type;
};
std::optional<About> about(const Message& message) {
    using namespace mavlink;
    const auto read = [&](const auto& system, const auto& component, const auto& type) {
        return About{message.get(system), message.get(component), message.get(type)};
    };
    namespace count = mission_count;
    namespace part = mission_write_partial_list;
    namespace item = mission_item_int;
    namespace clear = mission_clear_all;
    namespace list = mission_request_list;
    namespace request = mission_request_int;
    namespace ack = mission_ack;
    switch (message.id) {
    case count::kId: return read(count::target_system, count::target_component, count::mission_type);
    case part::kId: return read(part::target_system, part::target_component, part::mission_type);
    case item::kId: return read(item::target_system, item::target_component, item::mission_type);
    case clear::kId: return read(clear::target_system, clear::target_component, clear::mission_type);
    case list::kId: return read(list::target_system, list::target_component, list::mission_type);
    case request::kId: return read(request::target_system, request::target_component, request::mission_type);
    case ack::kId: return read(ack::target_system, ack::target_component, ack::mission_type);
    default: return std::nullopt;
    }
}

} // namespace

std::optional<std::vector<Message>> MissionStore::receive(const Message& message, Utc now) {
    using namespace mavlink;
    const auto what = about(message);
    if (!what) {
        return std::nullopt;
    }
    if (what->system != system_ || (what->component != 0 && what->component != kAutopilot)) {
        return Messages(); // another vehicle's
    }
    if (what->type != 0) {
        return message.id == mission_ack::kId ? Messages() : Messages{ack(message, kUnsupported, what->type)};
    }
    switch (message.id) {
    case mission_count::kId: {
        const std::uint16_t count = message.get(mission_count::count);
        if (count > kMaxItems) {
            return Messages{ack(message, kNoSpace)};
        }
        return count == 0 ? clear(message)
                          : begin(std::vector<PlanItem>(count), 0, static_cast<std::uint16_t>(count - 1),
                                  message, now);
    }
    case mission_write_partial_list::kId: {
        const int first = message.get(mission_write_partial_list::start_index);
        const int last = message.get(mission_write_partial_list::end_index);
        const bool is_here = first >= 0 && first <= last && last < static_cast<int>(items_.size());
        return is_here ? begin(items_, static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last),
                               message, now)
                       : Messages{ack(message, kInvalid)};
    }
    case mission_item_int::kId: return take(message, now);
    case mission_clear_all::kId: return clear(message);
    case mission_request_list::kId: return count(message);
    case mission_request_int::kId: return give(message, message.get(mission_request_int::seq));
    default: // an acknowledgement; of a transfer to it, it calls it off
        if (message.get(mission_ack::type) != kAccepted) {
            coming_.reset();
        }
        return Messages();
    }
}

MissionStore::Messages MissionStore::begin(std::vector<PlanItem> items, std::uint16_t first,
                                           std::uint16_t last, const Message& from, Utc now) {
    coming_ = Coming{std::move(items), first, last, from.system, from.component, now, now};
    return {ask()};
}

Message MissionStore::ask() const {
    using namespace mavlink::mission_request_int;
    Message message{.id = kId};
    message.set(seq, coming_->next);
    message.set(target_system, coming_->system);
    message.set(target_component, coming_->component);
    return message;
}

MissionStore::Messages MissionStore::take(const Message& message, Utc now) {
    if (!coming_ || message.system != coming_->system) {
        return {ack(message, kInvalidSequence)};
    }
    coming_->heard = now;
    const std::uint16_t seq = message.get(mavlink::mission_item_int::seq);
    if (seq != coming_->next) {
        return {}; // said twice
    }
    const PlanItem item = mavlink::plan_item(message);
    if (const std::uint8_t refused = objection(item); refused != kAccepted) {
        coming_.reset();
        return {ack(message, refused)};
    }
    coming_->items[seq] = seq == 0 ? items_.front() : item;
    if (seq < coming_->last) {
        ++coming_->next;
        coming_->asked = now;
        return {ask()};
    }
    items_ = std::move(coming_->items);
    coming_.reset();
    ++version_;
    return {ack(message, kAccepted)};
}

MissionStore::Messages MissionStore::clear(const Message& message) {
    items_.resize(1);
    coming_.reset();
    ++version_;
    return {ack(message, kAccepted)};
}

MissionStore::Messages MissionStore::count(const Message& message) const {
    using namespace mavlink::mission_count;
    Message answer{.id = kId};
    answer.set(mavlink::mission_count::count, static_cast<std::uint16_t>(items_.size()));
    answer.set(target_system, message.system);
    answer.set(target_component, message.component);
    return {answer};
}

MissionStore::Messages MissionStore::give(const Message& message, std::uint16_t seq) const {
    if (seq >= items_.size()) {
        return {ack(message, kInvalidSequence)};
    }
    Message item = mavlink::item_message(items_[seq], seq, mavlink::PlanType::mission);
    item.set(mavlink::mission_item_int::target_system, message.system);
    item.set(mavlink::mission_item_int::target_component, message.component);
    return {item};
}

MissionStore::Messages MissionStore::due(Utc now) {
    if (!coming_ || now - coming_->asked < kAskAgain) {
        return {};
    }
    coming_->asked = now;
    const Message again = ask();
    if (now - coming_->heard < kGiveUp) {
        return {again};
    }
    Message from{.system = coming_->system, .component = coming_->component};
    coming_.reset();
    return {ack(from, kCancelled)};
}

} // namespace masthead::sim
