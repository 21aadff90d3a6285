// The needs of a command's row, one after the other.
#include "server/commands/situation.hpp"

#include <cmath>
#include <numbers>
#include <string>

namespace masthead::commands {

namespace {

template <typename T>
std::optional<T> known(const std::optional<Fact<T>>& fact, Utc now) {
    return fact && now - fact->at <= kFresh ? std::optional(fact->value) : std::nullopt;
}

std::string whole(double value) { return std::to_string(std::lround(value)); }

/// Good to a percent or so over the ranges that matter here.
double distance_m(Place a, Place b) {
    constexpr double kMetresPerDegree = 111'195;
    const double middle_rad = (a.latitude_deg + b.latitude_deg) / 2 * std::numbers::pi / 180;
    const double north_m = (b.latitude_deg - a.latitude_deg) * kMetresPerDegree;
    const double east_m =
        std::remainder(b.longitude_deg - a.longitude_deg, 360) * kMetresPerDegree * std::cos(middle_rad);
    return std::hypot(north_m, east_m);
}

/// Nothing: it is in range.
std::optional<std::string> too_far(const std::optional<Place>& to, const std::optional<Place>& from) {
    if (!to || !from || distance_m(*from, *to) <= kMaxRangeM) {
        return std::nullopt;
    }
    return whole(distance_m(*from, *to) / 1000) + " km away, and the range is " + whole(kMaxRangeM / 1000) +
           " km";
}

std::optional<Place> place_in(const Arguments& arguments) {
    const Argument* latitude = find(arguments, "latitude_deg");
    const Argument* longitude = find(arguments, "longitude_deg");
    return latitude && longitude
               ? std::optional(Place{std::get<double>(latitude->value), std::get<double>(longitude->value)})
               : std::nullopt;
}

} // namespace

Result<void> makes_sense(const Row& row, const Arguments& arguments, const Situation& situation, Utc now) {
    const auto refuse = [&](const std::string& why) {
        return fail(Code::conflict, "'" + std::string(row.name) + "' makes no sense now: " + why);
    };
    const auto armed = known(situation.armed, now);
    const auto height_m = known(situation.height_m, now);
    const bool flies = armed == true && height_m && *height_m > kFlyingM;
    const bool stands = armed == false || (height_m && *height_m <= kFlyingM);
    if ((row.needs & kNeedsTelemetry) != 0 && !situation.heard) {
        return refuse("nothing has been heard of the vehicle yet");
    }
    if ((row.needs & kNeedsTelemetry) != 0 && now - *situation.heard > kFresh) {
        const auto silent = std::chrono::duration_cast<std::chrono::seconds>(now - *situation.heard);
        return refuse("nothing has been heard of the vehicle for " + std::to_string(silent.count()) + " s");
    }
    if ((row.needs & kNeedsFlying) != 0 && stands) {
        return refuse("the vehicle is on the ground");
    }
    if ((row.needs & kNeedsLanded) != 0 && flies) {
        return refuse("the vehicle flies, at " + whole(*height_m) + " m");
    }
    if ((row.needs & kNeedsArmed) != 0 && armed == false) {
        return refuse("the vehicle is not armed");
    }
    if ((row.needs & kNeedsDisarmed) != 0 && armed == true) {
        return refuse("the vehicle is armed already");
    }
    const auto far = too_far(place_in(arguments), known(situation.place, now));
    if ((row.needs & kNeedsInRange) != 0 && far) {
        return refuse("the place is " + *far);
    }
    return {};
}

Result<void> in_range(const std::vector<MissionItem>& items, const Situation& situation, Utc now) {
    const auto from = known(situation.place, now);
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (const auto far = too_far(place_in(items[i].arguments), from)) {
            return fail(Code::conflict,
                        "the mission makes no sense here: items[" + std::to_string(i) + "] is " + *far);
        }
    }
    return {};
}

} // namespace masthead::commands
