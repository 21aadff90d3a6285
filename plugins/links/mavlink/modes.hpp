// What an autopilot's HEARTBEAT means in words, and how it is told to hold or to return.
#pragma once

#include "plugins/links/link.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace masthead::mavlink {

/// What a HEARTBEAT says about the autopilot that sends it.
struct Autopilot {
    std::uint8_t component = 1;
    std::uint8_t autopilot = 0; // MAV_AUTOPILOT
    std::uint8_t type = 0;      // MAV_TYPE
};

/// "LOITER", "AUTO.MISSION" (PX4's main and sub mode), "MODE 42" where the table has no word.
[[nodiscard]] std::string mode_name(const Autopilot& autopilot, std::uint8_t base_mode,
                                    std::uint32_t custom_mode);

/// A MAV_CMD with its first three parameters; the others are 0.
struct VehicleCommand {
    std::uint16_t command = 0;
    std::array<float, 3> params{};
};

/// How this autopilot is told to do `kind`.
[[nodiscard]] VehicleCommand command_for(CommandKind kind, const Autopilot& autopilot);

/// "MAV_RESULT_DENIED"; "MAV_RESULT 200" for a code of no name.
[[nodiscard]] std::string result_name(std::uint8_t result);

} // namespace masthead::mavlink
