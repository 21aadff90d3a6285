// Quintic climbs.
#include "simulator/lift.hpp"

#include "simulator/quintic.hpp"

#include <algorithm>
#include <cmath>

namespace masthead::sim {

namespace {

constexpr double kClimbMps = 3; // on average
constexpr double kShortestS = 3;

} // namespace

Lift::Now Lift::at(Utc t) const {
    const auto after =
        std::upper_bound(stages_.begin(), stages_.end(), t,
                         [](Utc instant, const Stage& stage) { return instant < stage.start; });
    const Stage& stage = after == stages_.begin() ? stages_.front() : *std::prev(after);
    const double elapsed_s = static_cast<double>((t - stage.start).count()) / 1e6;
    const double way_m = stage.to_m - stage.from_m;
    if (elapsed_s >= stage.seconds) {
        const bool landed = stage.landing;
        return {stage.to_m, 0, landed, !landed || stage.armed};
    }
    const double x = elapsed_s / stage.seconds;
    return {stage.from_m + way_m * quintic(x), way_m * quintic_slope(x) / stage.seconds, false, true};
}

void Lift::climb_to(double height_m, Utc t) {
    const double from_m = at(t).height_m;
    const double seconds = std::max(kShortestS, std::abs(height_m - from_m) / kClimbMps);
    stages_.push_back({t, from_m, height_m, seconds, false, true});
}

void Lift::land(Utc t) {
    climb_to(0, t);
    stages_.back().landing = true;
    stages_.back().armed = false;
}

void Lift::arm(bool on, Utc t) { stages_.push_back({t, 0, 0, 0, true, on}); }

} // namespace masthead::sim
