// How a simulated vehicle moves over the ground: curves, speeds along them, and a ride that obeys commands
// smoothly.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace masthead::sim {

/// Metres north and east of the world's home.
struct GroundPoint {
    double north_m = 0;
    double east_m = 0;
};

struct CurvePoint {
    GroundPoint at;
    double heading_rad = 0;     // of the tangent, clockwise from north
    double curvature_per_m = 0; // right turns positive
};

/// Parallel survey lanes joined by half turns, there and back, closed. Heading and curvature are continuous
/// (the heading in a turn follows a quintic), so banking is smooth.
struct Lanes {
    GroundPoint start;
    double axis_rad = 0; // heading of the first lane; the next lanes lie to its right
    double lane_m = 300; // straight part
    double turn_m = 160; // length of a half turn; lanes lie about 0.3 of it apart
    int count = 4;       // >= 2
};
struct Orbit {
    GroundPoint center;
    double radius_m = 120; // clockwise; counter-clockwise if negative
};
struct Line {
    GroundPoint from;
    GroundPoint to;
};
using Curve = std::variant<Lanes, Orbit, Line>;

/// The point `s` metres along; Lanes and Orbit wrap, a Line goes on past its ends.
[[nodiscard]] CurvePoint point_on(const Curve& curve, double s_m);
/// Metres of one round (Lanes, Orbit) or from end to end (Line).
[[nodiscard]] double length_of(const Curve& curve);

/// Speed from (v0, a0, j0) to (v1, 0, 0) as a quintic in time, constant v1 afterwards.
class SpeedRamp {
  public:
    [[nodiscard]] static SpeedRamp constant(double speed_mps);
    [[nodiscard]] static SpeedRamp between(std::array<double, 3> from, double to_mps, double duration_s);

    [[nodiscard]] double distance(double t_s) const;
    [[nodiscard]] double speed(double t_s) const;
    [[nodiscard]] double acceleration(double t_s) const;
    [[nodiscard]] double jerk(double t_s) const;
    [[nodiscard]] double duration_s() const { return duration_s_; }

  private:
    std::array<double, 6> c_{}; // of the speed, ascending powers of time
    double duration_s_ = 0;
};

enum class Mode : std::uint8_t { mission, hold, returning, guided, landing };

struct RideLimits {
    double cruise_mps = 8;
    double ramp_s = 6; // standstill to cruise and back
    double turn_s = 6; // turning on the spot, whatever the angle
};

struct RidePoint {
    GroundPoint at;
    double heading_rad = 0;
    double speed_mps = 0;    // along the track
    double forward_mps2 = 0; // acceleration along the track
    double right_mps2 = 0;   // and across it
    double track_rad = 0;    // direction of travel; equals the heading but while turning on the spot
    Mode mode = Mode::mission;
};

/// A vehicle's way in time: the mission for ever, changed by commands. What it says about an instant before
/// the last command's never changes. Position, velocity, acceleration and heading rate are continuous.
/// Thread: any one at a time.
class Ride {
  public:
    Ride(Curve mission, GroundPoint home, RideLimits limits);

    [[nodiscard]] RidePoint at(Utc t) const;
    /// Begins at `t`, or when the turn on the spot that is under way then ends. The mode a vehicle already
    /// has changes nothing.
    void command(Mode mode, Utc t);
    /// In mode guided: straight to a place; to a circle and round it for ever; to a heading and, at a speed,
    /// that way for ever.
    void go_to(GroundPoint to, Utc t);
    void circle(GroundPoint center, double radius_m, Utc t);
    void face(double heading_rad, double speed_mps, Utc t);
    /// From now on; on its way at once, where it goes on for ever or to a place.
    void set_speed(double speed_mps, Utc t);

  private:
    struct Stage {
        Utc start;
        Curve curve;
        double s_m = 0;
        SpeedRamp ramp;
        double turn_from_rad = 0; // heading at the start relative to the curve's
        double turn_s = 0;        // how long the vehicle turns to the curve's heading; 0: it has it
        Mode mode = Mode::mission;
        bool on_mission = false; // the curve is the mission's
        bool endless = false;    // it goes on like this
    };
    Utc begin(Utc t);
    void speed_up(Utc t, const Curve& curve, double s_m, double speed_mps, Mode mode, bool on_mission);
    [[nodiscard]] const Stage& stage_at(Utc t) const;
    [[nodiscard]] Utc free_at(Utc t) const;
    [[nodiscard]] static double s_at(const Stage& stage, Utc t);
    Utc stop(Utc t, Mode mode);
    Utc travel(Utc t, GroundPoint to, Mode mode);
    Utc turn_onto(Utc t, const Curve& curve, double s_m, Mode mode);

    Curve mission_;
    GroundPoint home_;
    RideLimits limits_;
    std::vector<Stage> stages_;
    std::optional<GroundPoint> destination_; // of mode guided
};

} // namespace masthead::sim
