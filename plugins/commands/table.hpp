// The commands there are: the rows of schema/commands.json. commands.schema.json explains each member.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace masthead::commands {

/// Sets of vehicle kinds.
using Kinds = std::uint8_t;
inline constexpr Kinds kDrone = 1;
inline constexpr Kinds kVessel = 2;

enum class Danger : std::uint8_t { none, confirm, hold };
enum class Part : std::uint8_t { vehicle, payload };
/// A transfer of a mission in place of a message.
enum class MissionTask : std::uint8_t { none, upload, download, clear };
enum class Type : std::uint8_t { number, integer, boolean, text };

/// What must be known of the vehicle. Sets of bits.
using Needs = std::uint8_t;
inline constexpr Needs kNeedsTelemetry = 1;
inline constexpr Needs kNeedsFlying = 2;
inline constexpr Needs kNeedsLanded = 4;
inline constexpr Needs kNeedsArmed = 8;
inline constexpr Needs kNeedsDisarmed = 16;
inline constexpr Needs kNeedsInRange = 32;
inline constexpr Needs kNeedsInFences = 64;

struct ParameterRow {
    std::string_view name;
    std::string_view title;
    Type type = Type::number;
    std::string_view unit;
    double minimum = 0;
    double maximum = 0; // of a text its length in bytes
    bool required = false;
    Kinds kinds = kDrone | kVessel;
};

enum class Autopilot : std::uint8_t { any, ardupilot, px4 };
enum class Component : std::uint8_t { autopilot, gimbal, camera, companion };
enum class Frame : std::uint8_t { global, above_home };

/// Where one of MAVLink's seven parameters comes from.
struct ParameterSource {
    enum class From : std::uint8_t { number, parameter, sequence };
    From from = From::number;
    std::string_view parameter = {};
    double number = 0;       // itself, or in place of a parameter that is absent; NaN: not set
    bool above_home = false; // the parameter's height is sent as one above mean sea level
};

struct MavlinkRow {
    Autopilot autopilot = Autopilot::any;
    bool integer = false; // COMMAND_INT, else COMMAND_LONG
    std::uint16_t command = 0;
    Component to = Component::autopilot;
    Frame frame = Frame::global;
    bool hold_mode = false;          // the parameters are those of the autopilot's mode that holds
    std::string_view mode_from = {}; // or of the mode that this parameter names
    std::array<ParameterSource, 7> params;
};

struct Row {
    std::string_view name;
    std::string_view title;
    Kinds kinds = 0;
    Danger danger = Danger::hold;
    Part part = Part::vehicle;
    /// An acknowledgement cannot tell the commands of one lane apart: one of them is in flight at a time.
    std::string_view lane;
    bool emergency = false;
    bool for_supervisors = false;
    Needs needs = 0;
    int resends = 0; // how often it may be sent again while nothing answers
    int resend_ms = 0;
    int ack_ms = 0;
    int late_ms = 0;
    int progress_ms = 0;
    std::span<const ParameterRow> parameters;
    std::span<const MavlinkRow> mavlink; // none: `mission` says what it is
    MissionTask mission = MissionTask::none;
};

[[nodiscard]] std::span<const Row> rows() noexcept;
/// nullptr: there is no such command.
[[nodiscard]] const Row* row(std::string_view name) noexcept;

/// What missions are made of: the rows of schema/mission_items.json.
[[nodiscard]] std::span<const Row> mission_rows() noexcept;

} // namespace masthead::commands
