// Whether a command makes sense for a vehicle as it is now. Pure.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/commands/mission.hpp"
#include "server/fences/fence.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace masthead::commands {

/// Something that was said of a vehicle, and when it came here.
template <typename T>
struct Fact {
    T value{};
    Utc at;
};

struct Place {
    double latitude_deg = 0;
    double longitude_deg = 0;
};

/// What is known of a vehicle; nothing: it was never said.
struct Situation {
    std::optional<Utc> heard;
    std::optional<Fact<bool>> armed;
    std::optional<Fact<double>> height_m; // above ground, or above home
    std::optional<Fact<double>> altitude_msl_m;
    std::optional<Fact<Place>> place;
};

inline constexpr std::chrono::seconds kFresh{5}; // what is older is not known any more
inline constexpr double kFlyingM = 2;            // what is armed and higher than this flies
inline constexpr double kMaxRangeM = 20'000;     // of a place that a vehicle may be sent to

/// What the command's row needs, as far as the vehicle says; what it does not say is in no one's way. Error:
/// conflict with a sentence for the operator.
[[nodiscard]] Result<void> makes_sense(const Row& row, const Arguments& arguments, const Situation& situation,
                                       Utc now);

/// Whether a vehicle that is where it is may be sent to each place of a mission. Error: conflict with a
/// sentence that names the item.
[[nodiscard]] Result<void> in_range(const std::vector<MissionItem>& items, const Situation& situation,
                                    Utc now);

/// Where the command sends the vehicle lies within all fences that concern it; on the way there nothing is
/// looked at. A command without a place is measured where the vehicle is, and may be given while that is
/// wrong already. Error: conflict, naming the fence.
[[nodiscard]] Result<void> within_fences(const Row& row, const Arguments& arguments,
                                         const Situation& situation, const std::vector<fences::Fence>& fences,
                                         const std::string& vehicle, Utc now);

} // namespace masthead::commands
