// Transfers between commands, messages and the clock.
#include "plugins/links/mavlink/missions.hpp"

#include "plugins/links/mavlink/messages.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace masthead::mavlink {

namespace {

using namespace std::chrono_literals;

constexpr auto kToldEvery = 500ms; // of an item after the other
constexpr std::uint8_t kOurSystem = 255;
constexpr std::uint8_t kOurComponent = 190;
constexpr std::uint16_t kNoMission = 0xffff; // total of MISSION_CURRENT

bool has_home(const Vehicle& vehicle) {
    return vehicle.autopilot() && family_of(*vehicle.autopilot()) == commands::Autopilot::ardupilot;
}

/// To us, or to everyone; another ground station's transfers are its own.
template <typename System, typename Component>
bool is_for_us(const Message& message, System system, Component component) {
    const std::uint8_t to = message.get(system);
    const std::uint8_t part = message.get(component);
    return (to == 0 || to == kOurSystem) && (part == 0 || part == kOurComponent);
}

std::optional<bool> for_us(const Message& message) {
    namespace count = mission_count;
    namespace ack = mission_ack;
    namespace item = mission_item_int;
    namespace request = mission_request;
    namespace request_int = mission_request_int;
    switch (message.id) {
    case count::kId: return is_for_us(message, count::target_system, count::target_component);
    case ack::kId: return is_for_us(message, ack::target_system, ack::target_component);
    case item::kId: return is_for_us(message, item::target_system, item::target_component);
    case request::kId: return is_for_us(message, request::target_system, request::target_component);
    case request_int::kId:
        return is_for_us(message, request_int::target_system, request_int::target_component);
    default: return std::nullopt;
    }
}

/// Which items of it are sent; nothing: all.
Result<std::optional<PlanPart>> part_of(const LinkCommand& command) {
    const commands::Argument* first = find(command.arguments, "first");
    const commands::Argument* last = find(command.arguments, "last");
    if (!first && !last) {
        return std::nullopt;
    }
    const double from = first ? std::get<double>(first->value) : 0;
    const double to = last ? std::get<double>(last->value) : static_cast<double>(command.items.size()) - 1;
    if (from > to || to >= static_cast<double>(command.items.size())) {
        return fail(Code::invalid_argument, "the mission has no items " + std::to_string(std::lround(from)) +
                                                " to " + std::to_string(std::lround(to)) + ", only " +
                                                std::to_string(command.items.size()));
    }
    return PlanPart{static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to)};
}

Result<MissionTransfer> transfer_of(const LinkCommand& command, const commands::Row& row,
                                    const PlanTarget& to) {
    switch (row.mission) {
    case commands::MissionTask::download: return MissionTransfer::download(to);
    case commands::MissionTask::clear: return MissionTransfer::clear(to);
    default: break;
    }
    const auto is_foreign = [](const commands::MissionItem& item) { return item.row == nullptr; };
    if (command.items.empty() || std::ranges::any_of(command.items, is_foreign)) {
        return fail(Code::invalid_argument, "the command came without a mission that could be sent");
    }
    const auto part = part_of(command);
    if (!part) {
        return tl::unexpected(part.error());
    }
    std::vector<PlanItem> items;
    std::ranges::transform(command.items, std::back_inserter(items),
                           [](const commands::MissionItem& item) { return plan_item(item); });
    return MissionTransfer::upload(to, std::move(items), *part);
}

} // namespace

Missions::Missions(GMainContext* context, MissionsEvents events)
    : events_(std::move(events)), timer_(context, [this] { due(); }) {}

Result<void> Missions::begin(const LinkCommand& command, const commands::Row& row, std::uint8_t system,
                             const Vehicle& vehicle) {
    const Utc now = utc_now();
    if (now > command.deadline) {
        return fail(Code::expired, "command " + command.id + " was not sent: its deadline has passed");
    }
    if (const auto other = running_.find(system); other != running_.end()) {
        return fail(Code::conflict, "system " + std::to_string(system) +
                                        " is still at the mission of command " + other->second.command);
    }
    const PlanTarget to{.system = system,
                        .component = vehicle.autopilot()->component,
                        .type = PlanType::mission,
                        .version = vehicle.version(),
                        .home_first = has_home(vehicle)};
    auto transfer = transfer_of(command, row, to);
    if (!transfer) {
        return tl::unexpected(transfer.error());
    }
    const MissionTransfer::Step step = transfer->begin(now, command.deadline);
    if (auto written = events_.write(step.send.front(), system); !written) {
        return written;
    }
    running_.emplace(system, Running{command.id, command.kind, *std::move(transfer), now});
    events_.say({command.id, CommandState::sent, "mission protocol",
                 "system " + std::to_string(system) + ", component " + std::to_string(to.component)});
    plan();
    return {};
}

bool Missions::takes(const Message& message) {
    return message.id == mission_current::kId || message.id == mission_item_reached::kId ||
           for_us(message).has_value();
}

void Missions::take(const Message& message, const Vehicle& vehicle) {
    if (message.id == mission_current::kId || message.id == mission_item_reached::kId) {
        take_progress(message, vehicle);
        return;
    }
    const auto found = running_.find(message.system);
    if (for_us(message) == true && found != running_.end()) {
        carry_out(message.system, found->second.transfer.receive(message, utc_now()));
        plan();
    }
}

void Missions::take_progress(const Message& message, const Vehicle& vehicle) {
    if (!vehicle.autopilot() || message.component != vehicle.autopilot()->component) {
        return;
    }
    const int home = has_home(vehicle) ? 1 : 0;
    const auto item = [home](std::uint16_t seq) {
        return seq >= home ? std::optional(seq - home) : std::nullopt;
    };
    MissionProgress progress = progress_[message.system];
    if (message.id == mission_item_reached::kId) {
        progress.reached = item(message.get(mission_item_reached::seq));
    } else {
        const std::uint16_t total = message.get(mission_current::total);
        progress.current = total == kNoMission ? std::nullopt : item(message.get(mission_current::seq));
        progress.count = total == 0            ? std::nullopt
                         : total == kNoMission ? std::optional(0)
                                               : std::optional(int{total});
        if (progress.current && progress.reached && *progress.current < *progress.reached) {
            progress.reached.reset(); // it began anew
        }
    }
    if (progress != std::exchange(progress_[message.system], progress)) {
        if (events_.progress) {
            events_.progress(std::to_string(message.system), progress);
        }
    }
}

void Missions::carry_out(std::uint8_t system, const MissionTransfer::Step& step) {
    for (const Message& message : step.send) {
        // What is lost here is said again, as what is lost on the way.
        static_cast<void>(events_.write(message, system));
    }
    Running& running = running_.at(system);
    if (step.outcome) {
        return finish(system, *step.outcome);
    }
    const Utc now = utc_now();
    if (step.reopened) {
        events_.say({running.command, CommandState::sent, "not answered yet: sent again", "",
                     running.transfer.resends()});
    } else if (const std::string progress = running.transfer.progress();
               !progress.empty() && now - running.told >= kToldEvery) {
        running.told = now;
        events_.say({running.command, CommandState::in_progress, progress});
    }
}

void Missions::finish(std::uint8_t system, const MissionTransfer::Outcome& outcome) {
    const Running done = std::move(running_.at(system));
    running_.erase(system);
    if (const auto held = done.transfer.held(); held && events_.held) {
        std::vector<commands::MissionItem> items;
        std::ranges::transform(*held, std::back_inserter(items),
                               [&](const PlanItem& item) { return mission_item(item, done.kind); });
        events_.held(std::to_string(system), done.command, items);
    }
    events_.say({done.command, outcome.state, outcome.detail});
}

void Missions::due() {
    const Utc now = utc_now();
    std::vector<std::uint8_t> systems;
    for (const auto& [system, running] : running_) {
        systems.push_back(system);
    }
    for (const std::uint8_t system : systems) {
        carry_out(system, running_.at(system).transfer.due(now));
    }
    plan();
}

void Missions::plan() {
    std::optional<Utc> next;
    for (const auto& [system, running] : running_) {
        next = std::min(next.value_or(running.transfer.next_due()), running.transfer.next_due());
    }
    if (next) {
        timer_.arm(std::chrono::ceil<std::chrono::milliseconds>(*next - utc_now()));
    } else {
        timer_.cancel();
    }
}

} // namespace masthead::mavlink
