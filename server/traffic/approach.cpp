#include "server/traffic/approach.hpp"

#include "plugins/telemetry/footprint.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masthead::traffic {

namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kStandsStill = 1e-6; // (m/s)^2 between two that keep their distance

double wrapped(double longitude_deg) { return std::remainder(longitude_deg, 360); }

} // namespace

std::optional<Mover> mover_of(const Sample& sample, Utc said, Utc now) {
    if (!sample.latitude_deg || !sample.longitude_deg) {
        return std::nullopt;
    }
    Mover mover{.position = {*sample.latitude_deg, *sample.longitude_deg},
                .altitude_m = sample.altitude_msl_m};
    if (sample.velocity_north_mps && sample.velocity_east_mps) {
        mover.north_mps = *sample.velocity_north_mps;
        mover.east_mps = *sample.velocity_east_mps;
    } else if (const auto course = sample.course_deg ? sample.course_deg : sample.heading_deg;
               course && sample.ground_speed_mps) {
        mover.north_mps = *sample.ground_speed_mps * std::cos(*course * kDegree);
        mover.east_mps = *sample.ground_speed_mps * std::sin(*course * kDegree);
    }
    const double since_s = std::max(0.0, static_cast<double>((now - said).count()) / 1e6);
    const MetresPerDegree scale = metres_per_degree(mover.position.latitude_deg);
    mover.position.latitude_deg =
        std::clamp(mover.position.latitude_deg + mover.north_mps * since_s / scale.north, -90.0, 90.0);
    mover.position.longitude_deg =
        wrapped(mover.position.longitude_deg + mover.east_mps * since_s / std::max(scale.east, 1.0));
    return mover;
}

Approach approach(const Mover& own, const Mover& other) {
    // At the mean latitude: what is east of us lies on a shorter parallel in the north.
    const MetresPerDegree scale =
        metres_per_degree((own.position.latitude_deg + other.position.latitude_deg) / 2);
    const double north_m = (other.position.latitude_deg - own.position.latitude_deg) * scale.north;
    const double east_m = wrapped(other.position.longitude_deg - own.position.longitude_deg) * scale.east;
    const double north_mps = other.north_mps - own.north_mps;
    const double east_mps = other.east_mps - own.east_mps;
    const double speed2 = north_mps * north_mps + east_mps * east_mps;
    const double closing = -(north_m * north_mps + east_m * east_mps);
    Approach found;
    found.distance_m = std::hypot(north_m, east_m);
    const double bearing = std::atan2(east_m, north_m) / kDegree;
    found.bearing_deg = bearing < 0 ? bearing + 360 : bearing;
    found.closing_mps = found.distance_m > 0 ? closing / found.distance_m : 0;
    found.tcpa_s = speed2 > kStandsStill ? std::max(0.0, closing / speed2) : 0;
    found.cpa_m = std::hypot(north_m + north_mps * found.tcpa_s, east_m + east_mps * found.tcpa_s);
    return found;
}

} // namespace masthead::traffic
