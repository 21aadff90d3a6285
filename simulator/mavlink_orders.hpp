// A MAV_CMD as the order that it is to the drone.
#pragma once

#include "plugins/links/mavlink/codec.hpp"
#include "simulator/orders.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace masthead::sim {

/// A COMMAND_LONG or COMMAND_INT: places in degrees. Home lies at mean sea level here: whatever its frame, a
/// height is the same.
struct MavlinkCommand {
    std::uint8_t system = 0;
    std::uint8_t component = 0;
    std::uint16_t command = 0;
    std::array<double, 7> params{};
};
/// Nothing for a message that is none.
[[nodiscard]] std::optional<MavlinkCommand> command_of(const mavlink::Message& message);

/// What the drone makes of it: an order, or the MAV_RESULT it answers instead.
struct MavlinkOrder {
    std::uint8_t result = 0;
    std::optional<Order> order;
};
[[nodiscard]] MavlinkOrder order_of(const MavlinkCommand& command);

} // namespace masthead::sim
