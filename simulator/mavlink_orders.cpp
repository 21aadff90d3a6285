// What ArduCopter would make of a command, as far as this drone can.
#include "simulator/mavlink_orders.hpp"

#include "plugins/links/mavlink/messages.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace masthead::sim {

namespace {

using Params = std::array<double, 7>;

constexpr std::uint8_t kDenied = 2, kUnsupported = 3; // MAV_RESULT
constexpr double kE7 = 1e-7;

/// ArduCopter's AUTO, RTL and BRAKE; this drone has no others that it could be put into.
std::optional<Order> mode(const Params& p) {
    constexpr std::pair<double, Mode> kModes[] = {{3, Mode::mission},
                                                  {6, Mode::returning},
                                                  {17, Mode::hold},
                                                  {4, Mode::hold}}; // GUIDED waits where it is
    const auto* found = std::ranges::find(kModes, p[1], &std::pair<double, Mode>::first);
    const bool custom =
        p[0] >= 0 && p[0] <= 255 && static_cast<int>(p[0]) % 2 == 1; // MAV_MODE_FLAG, the lowest bit
    return custom && found != std::end(kModes) ? std::optional<Order>(found->second) : std::nullopt;
}

std::optional<double> set(double value) { return std::isnan(value) ? std::nullopt : std::optional(value); }
std::optional<double> positive(double value) { return value > 0 ? std::optional(value) : std::nullopt; }

struct Row {
    std::uint16_t command;
    std::optional<Order> (*make)(const Params&); // nothing: denied
};

constexpr Row kRows[] = {
    {400, [](const Params& p) -> std::optional<Order> { return Arm{p[0] == 1}; }},
    {22, [](const Params& p) -> std::optional<Order> { return TakeOff{p[6]}; }},
    {21, [](const Params&) -> std::optional<Order> { return Land{}; }},
    {20, [](const Params&) -> std::optional<Order> { return Mode::returning; }},
    {193,
     [](const Params& p) -> std::optional<Order> {
         return p[0] == 0 || p[0] == 1 ? std::optional<Order>(p[0] == 0 ? Mode::hold : Mode::mission)
                                       : std::nullopt;
     }},
    {192,
     [](const Params& p) -> std::optional<Order> {
         return GoTo{{p[4], p[5]}, positive(p[6]), positive(p[0])};
     }},
    {34,
     [](const Params& p) -> std::optional<Order> {
         return p[0] != 0 ? std::optional<Order>(Circle{{p[4], p[5]}, p[0], set(p[6])}) : std::nullopt;
     }},
    {178, [](const Params& p) -> std::optional<Order> { return SetSpeed{p[1]}; }},
    {186, [](const Params& p) -> std::optional<Order> { return SetHeight{p[0]}; }},
    {115,
     [](const Params& p) -> std::optional<Order> {
         return Face{p[0], 0};
     }},
    {1000,
     [](const Params& p) -> std::optional<Order> {
         return Point{p[1], p[0]};
     }},
    {195,
     [](const Params& p) -> std::optional<Order> {
         return LookAt{{p[4], p[5]}, p[6]};
     }},
    {197, [](const Params&) -> std::optional<Order> { return LookAhead{}; }},
    {531, [](const Params& p) -> std::optional<Order> { return Zoom{std::clamp(p[1], 0.0, 100.0)}; }},
};
// Taking and giving back the gimbal, photos, films, focus, a relay, home.
constexpr std::uint16_t kOnlyAcknowledged[] = {1001, 2000, 2500, 2501, 532, 181, 179};

constexpr std::uint16_t kSetMode = 176;

} // namespace

std::optional<MavlinkCommand> command_of(const mavlink::Message& message) {
    MavlinkCommand command;
    if (message.id == mavlink::command_long::kId) {
        using namespace mavlink::command_long;
        constexpr std::array kParams = {param1, param2, param3, param4, param5, param6, param7};
        std::ranges::transform(kParams, command.params.begin(),
                               [&](const auto& param) { return message.get(param); });
        command.system = message.get(target_system);
        command.component = message.get(target_component);
        command.command = message.get(mavlink::command_long::command);
        return command;
    }
    if (message.id != mavlink::command_int::kId) {
        return std::nullopt;
    }
    using namespace mavlink::command_int;
    command.params = {message.get(param1),  message.get(param2),  message.get(param3), message.get(param4),
                      message.get(x) * kE7, message.get(y) * kE7, message.get(z)};
    command.system = message.get(target_system);
    command.component = message.get(target_component);
    command.command = message.get(mavlink::command_int::command);
    return command;
}

MavlinkOrder order_of(const MavlinkCommand& command) {
    if (command.command == kSetMode) {
        const auto order = mode(command.params);
        return order ? MavlinkOrder{0, order} : MavlinkOrder{kUnsupported, {}};
    }
    if (std::ranges::find(kOnlyAcknowledged, command.command) != std::end(kOnlyAcknowledged)) {
        return {0, Acknowledge{}};
    }
    const auto* row = std::ranges::find(kRows, command.command, &Row::command);
    if (row == std::end(kRows)) {
        return {kUnsupported, {}};
    }
    const auto order = row->make(command.params);
    return order ? MavlinkOrder{0, order} : MavlinkOrder{kDenied, {}};
}

} // namespace masthead::sim
