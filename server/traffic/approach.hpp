// How near two movers come if both hold course and speed: CPA and TCPA as radar plotting has them. Pure.
#pragma once

#include "plugins/telemetry/sample.hpp"

#include <chrono>
#include <optional>

namespace masthead::traffic {

/// A ship, vehicle or aircraft at one instant.
struct Mover {
    GeoPoint position;
    double north_mps = 0; // over ground
    double east_mps = 0;
    std::optional<double> altitude_m; // MSL, of what flies; nothing: it is on the water
};

/// What `sample` says, its position said at `said`, carried on to `now` at its course and speed. Without them
/// it stands still. Nothing: it has no position.
[[nodiscard]] std::optional<Mover> mover_of(const Sample& sample, Utc said, Utc now);

struct Approach {
    double distance_m = 0;  // now
    double bearing_deg = 0; // from the first to the second, true, 0..360
    double cpa_m = 0;       // the least distance from now on
    double tcpa_s = 0;      // until then; 0: they part already, or keep their distance
    double closing_mps = 0; // how fast the distance shrinks now; negative: it grows
};

/// On a local plane around `own`: the error is under 1 % of the distance within 50 km, up to 80 degrees of
/// latitude. Across the antimeridian too.
[[nodiscard]] Approach approach(const Mover& own, const Mover& other);

} // namespace masthead::traffic
