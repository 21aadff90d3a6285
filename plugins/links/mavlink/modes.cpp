// Mode tables of ArduPilot and PX4.
#include "plugins/links/mavlink/modes.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

namespace masthead::mavlink {

namespace {

constexpr std::uint8_t kAutopilotArdupilot = 3;
constexpr std::uint8_t kAutopilotPx4 = 12;

constexpr std::uint8_t kFlagCustomMode = 1;
constexpr std::uint8_t kFlagAuto = 4;
constexpr std::uint8_t kFlagGuided = 8;
constexpr std::uint8_t kFlagStabilize = 16;
constexpr std::uint8_t kFlagManual = 64;

struct Mode {
    std::uint32_t number;
    std::string_view name;
};

constexpr Mode kCopterModes[] = {
    {0, "STABILIZE"}, {1, "ACRO"},        {2, "ALT_HOLD"},      {3, "AUTO"},        {4, "GUIDED"},
    {5, "LOITER"},    {6, "RTL"},         {7, "CIRCLE"},        {9, "LAND"},        {11, "DRIFT"},
    {13, "SPORT"},    {14, "FLIP"},       {15, "AUTOTUNE"},     {16, "POSHOLD"},    {17, "BRAKE"},
    {18, "THROW"},    {19, "AVOID_ADSB"}, {20, "GUIDED_NOGPS"}, {21, "SMART_RTL"},  {22, "FLOWHOLD"},
    {23, "FOLLOW"},   {24, "ZIGZAG"},     {25, "SYSTEMID"},     {26, "AUTOROTATE"}, {27, "AUTO_RTL"},
    {28, "TURTLE"},
};
constexpr Mode kPlaneModes[] = {
    {0, "MANUAL"},        {1, "CIRCLE"},      {2, "STABILIZE"}, {3, "TRAINING"},    {4, "ACRO"},
    {5, "FBWA"},          {6, "FBWB"},        {7, "CRUISE"},    {8, "AUTOTUNE"},    {10, "AUTO"},
    {11, "RTL"},          {12, "LOITER"},     {13, "TAKEOFF"},  {14, "AVOID_ADSB"}, {15, "GUIDED"},
    {16, "INITIALIZING"}, {17, "QSTABILIZE"}, {18, "QHOVER"},   {19, "QLOITER"},    {20, "QLAND"},
    {21, "QRTL"},         {22, "QAUTOTUNE"},  {23, "QACRO"},    {24, "THERMAL"},    {25, "LOITER_ALT_QLAND"},
    {26, "AUTOLAND"},
};
constexpr Mode kRoverModes[] = {
    {0, "MANUAL"}, {1, "ACRO"},       {3, "STEERING"}, {4, "HOLD"},          {5, "LOITER"},
    {6, "FOLLOW"}, {7, "SIMPLE"},     {8, "DOCK"},     {9, "CIRCLE"},        {10, "AUTO"},
    {11, "RTL"},   {12, "SMART_RTL"}, {15, "GUIDED"},  {16, "INITIALIZING"},
};
constexpr Mode kSubModes[] = {
    {0, "STABILIZE"}, {1, "ACRO"},     {2, "ALT_HOLD"}, {3, "AUTO"},          {4, "GUIDED"},    {7, "CIRCLE"},
    {9, "SURFACE"},   {16, "POSHOLD"}, {19, "MANUAL"},  {20, "MOTOR_DETECT"}, {21, "SURFTRAK"},
};
// PX4: main mode in bits 16-23 of custom_mode, sub mode in bits 24-31.
constexpr Mode kPx4Main[] = {
    {1, "MANUAL"},   {2, "ALTCTL"},     {3, "POSCTL"},    {4, "AUTO"},         {5, "ACRO"},
    {6, "OFFBOARD"}, {7, "STABILIZED"}, {8, "RATTITUDE"}, {10, "TERMINATION"},
};
constexpr Mode kPx4Auto[] = {
    {1, "READY"}, {2, "TAKEOFF"}, {3, "LOITER"},   {4, "MISSION"},       {5, "RTL"},
    {6, "LAND"},  {8, "FOLLOW"},  {9, "PRECLAND"}, {10, "VTOL_TAKEOFF"},
};
constexpr std::uint8_t kPx4MainAuto = 4;
constexpr std::uint8_t kPx4AutoLoiter = 3;

/// ArduPilot has one firmware, with modes and a mode for "hold" of its own, for each kind of vehicle.
struct Firmware {
    std::span<const Mode> modes;
    std::uint32_t hold;
};

/// BRAKE and not LOITER for a copter: LOITER follows the pilot's sticks, and without a transmitter their zero
/// throttle means "descend". A fixed wing cannot stop, it circles. A boat that merely stops its motors (HOLD)
/// drifts, a rover does not.
Firmware firmware_of(std::uint8_t type) {
    switch (type) {
    case 1:  // MAV_TYPE_FIXED_WING
    case 16: // flapping wing
    case 19: // VTOLs fly ArduPlane
    case 20:
    case 21:
    case 22:
    case 23:
    case 24:
    case 25: return {kPlaneModes, 12};
    case 10: // ground rover
        return {kRoverModes, 4};
    case 11: // surface boat
        return {kRoverModes, 5};
    case 12: // submarine
        return {kSubModes, 16};
    default: return {kCopterModes, 17};
    }
}

std::string word(std::span<const Mode> modes, std::uint32_t number) {
    const auto found = std::ranges::find(modes, number, &Mode::number);
    return found != modes.end() ? std::string(found->name) : "MODE " + std::to_string(number);
}

std::string px4_name(std::uint32_t custom_mode) {
    const std::uint32_t main = custom_mode >> 16 & 0xFF;
    const std::uint32_t sub = custom_mode >> 24;
    return main == kPx4MainAuto && sub != 0 ? "AUTO." + word(kPx4Auto, sub) : word(kPx4Main, main);
}

} // namespace

std::string mode_name(const Autopilot& autopilot, std::uint8_t base_mode, std::uint32_t custom_mode) {
    if ((base_mode & kFlagCustomMode) != 0) {
        switch (autopilot.autopilot) {
        case kAutopilotArdupilot: return word(firmware_of(autopilot.type).modes, custom_mode);
        case kAutopilotPx4: return px4_name(custom_mode);
        default: return "MODE " + std::to_string(custom_mode);
        }
    }
    constexpr Mode kFlags[] = {
        {kFlagAuto, "AUTO"}, {kFlagGuided, "GUIDED"}, {kFlagStabilize, "STABILIZE"}, {kFlagManual, "MANUAL"}};
    const auto set =
        std::ranges::find_if(kFlags, [&](const Mode& flag) { return (base_mode & flag.number) != 0; });
    return set != std::end(kFlags) ? std::string(set->name) : "PREFLIGHT";
}

// MAV_CMD_DO_PAUSE_CONTINUE would be the word for "hold", but ArduPilot takes it only inside AUTO and GUIDED,
// and not every PX4 does: with both, a mode that holds is what ground stations use.
std::optional<ModeNumber> hold_mode(const Autopilot& autopilot) {
    switch (family_of(autopilot)) {
    case commands::Autopilot::ardupilot: return ModeNumber{firmware_of(autopilot.type).hold, 0};
    case commands::Autopilot::px4: return ModeNumber{kPx4MainAuto, kPx4AutoLoiter};
    case commands::Autopilot::any: break;
    }
    return std::nullopt;
}

std::optional<ModeNumber> mode_named(std::string_view name, const Autopilot& autopilot) {
    const auto number = [](std::span<const Mode> modes, std::string_view word) {
        const auto found = std::ranges::find(modes, word, &Mode::name);
        return found != modes.end() ? std::optional(found->number) : std::nullopt;
    };
    const auto family = family_of(autopilot);
    if (family == commands::Autopilot::any) {
        return std::nullopt;
    }
    constexpr std::string_view kAuto = "AUTO.";
    if (family == commands::Autopilot::px4 && name.starts_with(kAuto)) {
        const auto sub = number(kPx4Auto, name.substr(kAuto.size()));
        return sub ? std::optional(ModeNumber{kPx4MainAuto, *sub}) : std::nullopt;
    }
    const auto main =
        number(family == commands::Autopilot::px4 ? kPx4Main : firmware_of(autopilot.type).modes, name);
    return main ? std::optional(ModeNumber{*main, 0}) : std::nullopt;
}

commands::Autopilot family_of(const Autopilot& autopilot) {
    switch (autopilot.autopilot) {
    case kAutopilotArdupilot: return commands::Autopilot::ardupilot;
    case kAutopilotPx4: return commands::Autopilot::px4;
    default: return commands::Autopilot::any;
    }
}

std::string result_name(std::uint8_t result) {
    constexpr std::string_view kNames[] = {
        "ACCEPTED",         "TEMPORARILY_REJECTED",  "DENIED",    "UNSUPPORTED",
        "FAILED",           "IN_PROGRESS",           "CANCELLED", "COMMAND_LONG_ONLY",
        "COMMAND_INT_ONLY", "UNSUPPORTED_MAV_FRAME",
    };
    return result < std::size(kNames) ? "MAV_RESULT_" + std::string(kNames[result])
                                      : "MAV_RESULT " + std::to_string(result);
}

} // namespace masthead::mavlink
