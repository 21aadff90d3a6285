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

std::optional<double> number_in(const Arguments& arguments, const char* name) {
    const Argument* argument = find(arguments, name);
    return argument ? std::optional(std::get<double>(argument->value)) : std::nullopt;
}

/// Of the take-off point, above mean sea level.
std::optional<double> home_altitude(const Situation& situation, Utc now) {
    const auto msl_m = known(situation.altitude_msl_m, now);
    const auto height_m = known(situation.height_m, now);
    return msl_m && height_m ? std::optional(*msl_m - *height_m) : std::nullopt;
}

/// Commands give altitudes above home, or above mean sea level; one without is for the ground or the water.
fences::Position with_altitudes(Place place, const Arguments& arguments, std::optional<double> home_msl_m) {
    const auto msl_m = number_in(arguments, "altitude_msl_m");
    const double height_m = number_in(arguments, "altitude_m").value_or(0);
    return {.point = {place.latitude_deg, place.longitude_deg},
            .altitude_msl_m = msl_m        ? msl_m
                              : home_msl_m ? std::optional(*home_msl_m + height_m)
                                           : std::nullopt,
            .altitude_hae_m = {},
            .altitude_agl_m = height_m};
}

fences::Position present(const Situation& situation, Place here, Utc now) {
    return {.point = {here.latitude_deg, here.longitude_deg},
            .altitude_msl_m = known(situation.altitude_msl_m, now),
            .altitude_hae_m = {},
            .altitude_agl_m = known(situation.height_m, now)};
}

/// With a radius: somewhere on the circle round the place.
bool breaks(const fences::Fence& fence, const fences::Position& place, std::optional<double> radius_m) {
    constexpr int kSteps = 72;
    constexpr double kMetresPerDegree = 111'195;
    if (!radius_m) {
        return fences::breach_m(fence, place) > 0;
    }
    for (int step = 0; step < kSteps; ++step) {
        const double turn_rad = step * 2 * std::numbers::pi / kSteps;
        fences::Position on_circle = place;
        on_circle.point.latitude_deg += *radius_m * std::cos(turn_rad) / kMetresPerDegree;
        on_circle.point.longitude_deg += *radius_m * std::sin(turn_rad) / kMetresPerDegree /
                                         std::cos(place.point.latitude_deg * std::numbers::pi / 180);
        if (fences::breach_m(fence, on_circle) > 0) {
            return true;
        }
    }
    return false;
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

Result<void> within_fences(const Row& row, const Arguments& arguments, const Situation& situation,
                           const std::vector<fences::Fence>& fences, const std::string& vehicle, Utc now) {
    if ((row.needs & kNeedsInFences) == 0) {
        return {};
    }
    const auto here = known(situation.place, now);
    const auto to = place_in(arguments);
    if (!to && !here) {
        return {};
    }
    const std::optional<double> home_msl_m = home_altitude(situation, now);
    const fences::Position there = with_altitudes(to.value_or(here.value_or(Place{})), arguments, home_msl_m);
    for (const fences::Fence& fence : fences) {
        if (!fences::concerns(fence, vehicle) || !breaks(fence, there, number_in(arguments, "radius_m"))) {
            continue;
        }
        if (!to && fences::breach_m(fence, present(situation, *here, now)) > 0) {
            continue; // it may be the way back
        }
        const bool keep_in = fence.rule == fences::Rule::keep_in;
        return fail(Code::conflict, "'" + std::string(row.name) + "' is refused: it leads " +
                                        (keep_in ? "out of the keep-in" : "into the keep-out") + " fence '" +
                                        fence.name + "'");
    }
    return {};
}

} // namespace masthead::commands
