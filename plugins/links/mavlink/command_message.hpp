// A command as the MAVLink message that says it to one vehicle. Pure.
#pragma once

#include "plugins/commands/arguments.hpp"
#include "plugins/links/mavlink/codec.hpp"
#include "plugins/links/mavlink/vehicle.hpp"

#include <cstdint>

namespace masthead::mavlink {

/// To whom it goes, and what its COMMAND_ACK will name.
struct Addressee {
    std::uint8_t system = 0;
    std::uint8_t component = 0;
    std::uint16_t command = 0; // MAV_CMD
    friend bool operator==(const Addressee&, const Addressee&) = default;
};

struct CommandMessage {
    Message message; // COMMAND_LONG or COMMAND_INT; system, component and sequence of the sender are not set
    Addressee to;    // never 0
};

/// `vehicle` has an autopilot. `sequence` is for commands that count. Errors: invalid_argument (a mode that
/// this autopilot does not have), unavailable (a component or a home altitude that was not heard yet),
/// unsupported (this autopilot has no such command).
[[nodiscard]] Result<CommandMessage> command_message(const commands::Row& row,
                                                     const commands::Arguments& arguments,
                                                     std::uint8_t system, const Vehicle& vehicle,
                                                     std::uint32_t sequence);

} // namespace masthead::mavlink
