// A mission: the items that a vehicle flies or sails one after the other. Read from JSON, checked by the rows
// of schema/mission_items.json. Pure.
#pragma once

#include "plugins/commands/arguments.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace masthead::commands {

inline constexpr std::size_t kMaxMissionItems = 1000;

/// An item that a vehicle holds and for which there is no row: as it came. It is shown, and never sent.
struct ForeignItem {
    int command = 0; // MAV_CMD
    int frame = 0;   // MAV_FRAME
    std::array<double, 7> params{};
    friend bool operator==(const ForeignItem&, const ForeignItem&) = default;
};

struct MissionItem {
    const Row* row = nullptr; // of mission_rows(); nullptr: it is `foreign`
    Frame frame = Frame::above_home;
    Arguments arguments = {};
    std::optional<ForeignItem> foreign = {};
    friend bool operator==(const MissionItem&, const MissionItem&) = default;
};

/// nullptr: there is no such item.
[[nodiscard]] const Row* mission_row(std::string_view name) noexcept;
/// It has a latitude, longitude and frame.
[[nodiscard]] bool has_place(const Row& row);

/// A list of the schema MissionItem (openapi.yaml) for a vehicle of this kind (one bit), 1 to
/// kMaxMissionItems long. Errors: invalid_argument with a sentence that begins with the item's place in the
/// list, from 0, and names the field: "items[3]: 'latitude_deg' of 'waypoint' must be ...".
[[nodiscard]] Result<std::vector<MissionItem>> read_items(const json::Value& list, Kinds kind);

/// The same list as JSON text.
[[nodiscard]] std::string to_json(const std::vector<MissionItem>& items);

} // namespace masthead::commands
