// What an autopilot's HEARTBEAT means in words, and its modes' numbers.
#pragma once

#include "plugins/commands/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

/// The two custom modes of MAV_CMD_DO_SET_MODE.
struct ModeNumber {
    std::uint32_t main = 0;
    std::uint32_t sub = 0; // of PX4 alone
    friend bool operator==(const ModeNumber&, const ModeNumber&) = default;
};
/// In which it stays where it is; nothing for an autopilot that is neither ArduPilot's nor PX4.
[[nodiscard]] std::optional<ModeNumber> hold_mode(const Autopilot& autopilot);
/// By the word that mode_name() has for it.
[[nodiscard]] std::optional<ModeNumber> mode_named(std::string_view name, const Autopilot& autopilot);

/// Whose words it speaks.
[[nodiscard]] commands::Autopilot family_of(const Autopilot& autopilot);

/// "MAV_RESULT_DENIED"; "MAV_RESULT 200" for a code of no name.
[[nodiscard]] std::string result_name(std::uint8_t result);

} // namespace masthead::mavlink
