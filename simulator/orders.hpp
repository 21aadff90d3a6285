// What a simulated vehicle can be told to do, whatever protocol says it.
#pragma once

#include "plugins/telemetry/footprint.hpp"
#include "simulator/motion.hpp"

#include <optional>
#include <variant>

namespace masthead::sim {

struct Arm {
    bool on = true;
};
struct TakeOff {
    double height_m = 10; // above home
};
struct Land {};
struct GoTo {
    GeoPoint to;
    std::optional<double> height_m;
    std::optional<double> speed_mps;
};
struct Circle {
    GeoPoint center;
    double radius_m = 100; // negative: counter-clockwise
    std::optional<double> height_m;
};
struct SetSpeed {
    double mps = 0;
};
struct SetHeight {
    double height_m = 0;
};
struct Face { // turns to a heading, and goes that way if it is given a speed
    double heading_deg = 0;
    double speed_mps = 0;
};
struct Point { // the camera: pan from the nose, tilt from the horizon (of a vessel: from the deck)
    double pan_deg = 0;
    double tilt_deg = 0;
};
struct LookAt {
    GeoPoint at;
    double height_m = 0;
};
struct LookAhead {}; // by itself again
struct Zoom {
    double percent = 0;
};
struct Acknowledge {}; // nothing that could be seen

using Order = std::variant<Mode, Arm, TakeOff, Land, GoTo, Circle, SetSpeed, SetHeight, Face, Point, LookAt,
                           LookAhead, Zoom, Acknowledge>;

} // namespace masthead::sim
