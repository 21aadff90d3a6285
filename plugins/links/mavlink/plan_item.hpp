// PlanItem: one item of a plan (mission, fence or rally points) as MAVLink carries it, from and to our own
// words and packets. Pure. Source: https://mavlink.io/en/services/mission.html
#pragma once

#include "plugins/commands/mission.hpp"
#include "plugins/links/mavlink/codec.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace masthead::mavlink {

/// MAV_MISSION_TYPE. MAVLink 1 knows missions alone.
enum class PlanType : std::uint8_t { mission = 0, fence = 1, rally = 2 };

/// Without its place in the plan, which is where it stands.
struct PlanItem {
    std::uint16_t command = 0; // MAV_CMD
    std::uint8_t frame = 0;    // MAV_FRAME
    std::array<float, 4> params{};
    std::int32_t x = 0; // degrees * 1e7
    std::int32_t y = 0;
    float z = 0; // metres
    friend bool operator==(const PlanItem&, const PlanItem&) = default;
};

/// `item` is no foreign one.
[[nodiscard]] PlanItem plan_item(const commands::MissionItem& item);
/// As an item for a vehicle of this kind (one bit); foreign, where no row says exactly that.
[[nodiscard]] commands::MissionItem mission_item(const PlanItem& item, commands::Kinds kind);

/// A MISSION_ITEM_INT as an item, and the other way round; addressee and version are not set.
[[nodiscard]] PlanItem plan_item(const Message& message);
[[nodiscard]] Message item_message(const PlanItem& item, std::uint16_t seq, PlanType type);

/// In which way a vehicle holds another item than it was sent: "latitude_deg: 59.5, sent 59.4". Nothing: the
/// same within what MAVLink and autopilots keep (1e-7 degrees, a centimetre, single precision); what was sent
/// as "not set" is the vehicle's to choose.
[[nodiscard]] std::optional<std::string> difference(const PlanItem& sent, const PlanItem& held);

/// Where an area may be flown in, or must not be.
struct FencePolygon {
    bool keep_in = true;
    struct Vertex {
        double latitude_deg = 0;
        double longitude_deg = 0;
    };
    std::vector<Vertex> vertices; // 3 or more, the last joined to the first
};
/// As the items of a plan of type fence.
[[nodiscard]] std::vector<PlanItem> fence_items(std::span<const FencePolygon> polygons);

/// "MAV_MISSION_NO_SPACE: it has no room for so many items"; "MAV_MISSION_RESULT 200" for a code of no name.
[[nodiscard]] std::string mission_result_text(std::uint8_t result);

} // namespace masthead::mavlink
