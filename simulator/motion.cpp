// Curves by arc length, quintic speed ramps, and the stages of a ride.
#include "simulator/motion.hpp"

#include "simulator/quintic.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masthead::sim {

namespace {

constexpr double kPi = std::numbers::pi;

double seconds(std::chrono::microseconds d) { return static_cast<double>(d.count()) / 1e6; }
std::chrono::microseconds microseconds(double s) { return std::chrono::microseconds(std::llround(s * 1e6)); }

GroundPoint ahead(GroundPoint from, double heading_rad, double distance_m) {
    return {from.north_m + distance_m * std::cos(heading_rad),
            from.east_m + distance_m * std::sin(heading_rad)};
}

/// Integral of (cos, sin) of the turn's heading over its first `x` (0..1): forward and sideways, per metre of
/// turn. Simpson's rule; the error is far below a millimetre.
std::array<double, 2> turn_offset(double x) {
    constexpr int kSteps = 32;
    const double h = x / kSteps;
    double forward = 0;
    double side = 0;
    for (int i = 0; i <= kSteps; ++i) {
        const double weight = i == 0 || i == kSteps ? 1 : (i % 2 ? 4 : 2);
        const double angle = kPi * quintic(h * i);
        forward += weight * std::cos(angle);
        side += weight * std::sin(angle);
    }
    return {forward * h / 3, side * h / 3};
}

double lane_spacing(const Lanes& lanes) {
    static const double kSide = turn_offset(1)[1];
    return kSide * lanes.turn_m;
}

CurvePoint point_on(const Lanes& lanes, double s_m) {
    const double unit_m = lanes.lane_m + lanes.turn_m;
    const int units = 2 * (lanes.count - 1);
    s_m = std::fmod(s_m, unit_m * units);
    s_m = s_m < 0 ? s_m + unit_m * units : s_m;
    const int unit = std::min(static_cast<int>(s_m / unit_m), units - 1);
    const double in_unit_m = s_m - unit * unit_m;

    const bool outward = unit % 2 == 0;               // along the axis or against it
    const bool to_the_right = unit < lanes.count - 1; // which way the lanes are worked through
    const int lane = to_the_right ? unit : units - unit;
    const double heading = lanes.axis_rad + (outward ? 0 : kPi);
    const GroundPoint lane_start =
        ahead(ahead(lanes.start, lanes.axis_rad + kPi / 2, lane * lane_spacing(lanes)), lanes.axis_rad,
              outward ? 0 : lanes.lane_m);
    if (in_unit_m <= lanes.lane_m) {
        return {ahead(lane_start, heading, in_unit_m), heading, 0};
    }
    const double x = (in_unit_m - lanes.lane_m) / lanes.turn_m;
    const double sign = outward == to_the_right ? 1 : -1;
    const auto [forward, side] = turn_offset(x);
    const GroundPoint turn_start = ahead(lane_start, heading, lanes.lane_m);
    return {ahead(ahead(turn_start, heading, forward * lanes.turn_m), heading + sign * kPi / 2,
                  side * lanes.turn_m),
            heading + sign * kPi * quintic(x), sign * kPi * quintic_slope(x) / lanes.turn_m};
}

CurvePoint point_on(const Orbit& orbit, double s_m) {
    const double angle = std::fmod(s_m / orbit.radius_m, 2 * kPi);
    return {ahead(orbit.center, angle, orbit.radius_m), angle + kPi / 2, 1 / orbit.radius_m};
}

CurvePoint point_on(const Line& line, double s_m) {
    const double heading = std::atan2(line.to.east_m - line.from.east_m, line.to.north_m - line.from.north_m);
    return {ahead(line.from, heading, s_m), heading, 0};
}

double length_of(const Lanes& lanes) { return 2 * (lanes.count - 1) * (lanes.lane_m + lanes.turn_m); }
double length_of(const Orbit& orbit) { return 2 * kPi * std::abs(orbit.radius_m); }
double length_of(const Line& line) {
    return std::hypot(line.to.north_m - line.from.north_m, line.to.east_m - line.from.east_m);
}

} // namespace

CurvePoint point_on(const Curve& curve, double s_m) {
    return std::visit([s_m](const auto& c) { return point_on(c, s_m); }, curve);
}
double length_of(const Curve& curve) {
    return std::visit([](const auto& c) { return length_of(c); }, curve);
}

SpeedRamp SpeedRamp::constant(double speed_mps) {
    SpeedRamp ramp;
    ramp.c_[0] = speed_mps;
    return ramp;
}

SpeedRamp SpeedRamp::between(std::array<double, 3> from, double to_mps, double duration_s) {
    const auto [v, a, j] = from;
    const double T = duration_s;
    const double dv = to_mps - v;
    SpeedRamp ramp;
    ramp.duration_s_ = T;
    ramp.c_ = {v,
               a,
               j / 2,
               (20 * dv - 12 * a * T - 3 * j * T * T) / (2 * T * T * T),
               (-30 * dv + 16 * a * T + 3 * j * T * T) / (2 * T * T * T * T),
               (12 * dv - 6 * a * T - j * T * T) / (2 * T * T * T * T * T)};
    return ramp;
}

double SpeedRamp::distance(double t_s) const {
    const double t = std::min(t_s, duration_s_);
    const double ramped =
        t * (c_[0] + t * (c_[1] / 2 + t * (c_[2] / 3 + t * (c_[3] / 4 + t * (c_[4] / 5 + t * c_[5] / 6)))));
    return t_s <= duration_s_ ? ramped : ramped + (t_s - duration_s_) * speed(duration_s_);
}
double SpeedRamp::speed(double t_s) const {
    const double t = std::min(t_s, duration_s_);
    return c_[0] + t * (c_[1] + t * (c_[2] + t * (c_[3] + t * (c_[4] + t * c_[5]))));
}
double SpeedRamp::acceleration(double t_s) const {
    const double t = t_s;
    return t >= duration_s_ ? 0 : c_[1] + t * (2 * c_[2] + t * (3 * c_[3] + t * (4 * c_[4] + t * 5 * c_[5])));
}
double SpeedRamp::jerk(double t_s) const {
    const double t = t_s;
    return t >= duration_s_ ? 0 : 2 * c_[2] + t * (6 * c_[3] + t * (12 * c_[4] + t * 20 * c_[5]));
}

Ride::Ride(Curve mission, GroundPoint home, RideLimits limits)
    : mission_(std::move(mission)), home_(home), limits_(limits) {
    stages_.push_back(
        {Utc{0}, mission_, 0, SpeedRamp::constant(limits_.cruise_mps), 0, 0, Mode::mission, true, true});
}

const Ride::Stage& Ride::stage_at(Utc t) const {
    const auto after =
        std::upper_bound(stages_.begin(), stages_.end(), t,
                         [](Utc instant, const Stage& stage) { return instant < stage.start; });
    return after == stages_.begin() ? stages_.front() : *std::prev(after);
}

double Ride::s_at(const Stage& stage, Utc t) {
    const double elapsed_s = seconds(t - stage.start);
    if (stage.ramp.duration_s() > 0) {
        return stage.s_m + stage.ramp.distance(elapsed_s);
    }
    // The first mission stage began in 1970: whole rounds are taken off before the double loses its
    // micrometres.
    return stage.s_m + std::fmod(stage.ramp.speed(0) * elapsed_s, length_of(stage.curve));
}

RidePoint Ride::at(Utc t) const {
    const Stage& stage = stage_at(t);
    const double elapsed_s = seconds(t - stage.start);
    const CurvePoint on = point_on(stage.curve, s_at(stage, t));
    RidePoint p;
    p.at = on.at;
    p.track_rad = on.heading_rad;
    p.heading_rad = on.heading_rad;
    if (elapsed_s < stage.turn_s) {
        p.heading_rad += stage.turn_from_rad * (1 - quintic(elapsed_s / stage.turn_s));
    }
    p.speed_mps = stage.ramp.speed(elapsed_s);
    p.forward_mps2 = stage.ramp.acceleration(elapsed_s);
    p.right_mps2 = p.speed_mps * p.speed_mps * on.curvature_per_m;
    p.mode = stage.mode;
    return p;
}

Utc Ride::free_at(Utc t) const {
    const Stage& stage = stage_at(t);
    return std::max(t, stage.start + microseconds(stage.turn_s));
}

/// Comes to rest on the present curve; returns when.
Utc Ride::stop(Utc t, Mode mode) {
    const Stage now = stage_at(t);
    const double elapsed_s = seconds(t - now.start);
    const double speed = now.ramp.speed(elapsed_s);
    const bool at_rest = std::abs(speed) < 1e-9 && now.ramp.acceleration(elapsed_s) == 0;
    Stage stage{t, now.curve, s_at(now, t), SpeedRamp::constant(0), 0, 0, mode, now.on_mission};
    if (!at_rest) {
        stage.ramp = SpeedRamp::between({speed, now.ramp.acceleration(elapsed_s), now.ramp.jerk(elapsed_s)},
                                        0, limits_.ramp_s);
    }
    stages_.push_back(stage);
    return at_rest ? t : t + microseconds(limits_.ramp_s);
}

/// At rest at `t`: turns on the spot to the heading that `curve` has at `s_m`; returns when it is done.
Utc Ride::turn_onto(Utc t, const Curve& curve, double s_m, Mode mode) {
    const double offset = std::remainder(at(t).heading_rad - point_on(curve, s_m).heading_rad, 2 * kPi);
    stages_.push_back({t, curve, s_m, SpeedRamp::constant(0), offset, limits_.turn_s, mode});
    return t + microseconds(limits_.turn_s);
}

/// At rest at `t`: goes straight to `to` and stops there; returns when.
Utc Ride::travel(Utc t, GroundPoint to, Mode mode) {
    const Line line{at(t).at, to};
    const double distance_m = length_of(Curve(line));
    if (distance_m < 0.5) {
        return t;
    }
    t = turn_onto(t, line, 0, mode);
    const double cruise = std::min(limits_.cruise_mps, distance_m / limits_.ramp_s);
    const double ramp_m = cruise * limits_.ramp_s / 2;
    stages_.push_back({t, line, 0, SpeedRamp::between({0, 0, 0}, cruise, limits_.ramp_s), 0, 0, mode});
    t = t + microseconds(limits_.ramp_s + (distance_m - 2 * ramp_m) / cruise);
    stages_.push_back(
        {t, line, distance_m - ramp_m, SpeedRamp::between({cruise, 0, 0}, 0, limits_.ramp_s), 0, 0, mode});
    return t + microseconds(limits_.ramp_s);
}

/// What was planned from here on is void; the stage before it ends at rest or goes on smoothly.
Utc Ride::begin(Utc t) {
    const Utc start = free_at(t);
    std::erase_if(stages_, [start](const Stage& stage) { return stage.start >= start; });
    destination_.reset();
    return start;
}

/// On `curve`, from its present speed if it is on it already and from rest otherwise.
void Ride::speed_up(Utc t, const Curve& curve, double s_m, double speed_mps, Mode mode, bool on_mission) {
    const Stage now = stage_at(t);
    const double elapsed_s = seconds(t - now.start);
    const SpeedRamp ramp = SpeedRamp::between(
        {now.ramp.speed(elapsed_s), now.ramp.acceleration(elapsed_s), now.ramp.jerk(elapsed_s)}, speed_mps,
        limits_.ramp_s);
    stages_.push_back({t, curve, s_m, ramp, 0, 0, mode, on_mission, true});
}

void Ride::command(Mode mode, Utc t) {
    if (stage_at(free_at(t)).mode == mode) {
        return;
    }
    const Utc start = begin(t);
    const Stage now = stage_at(start);
    if (mode == Mode::mission && now.on_mission) {
        speed_up(start, mission_, s_at(now, start), limits_.cruise_mps, mode, true);
        return;
    }
    const Utc stopped = stop(start, mode);
    if (mode == Mode::returning) {
        const Utc home_at = travel(stopped, home_, mode);
        stop(home_at, mode);
    } else if (mode == Mode::mission) {
        const auto left = std::find_if(stages_.rbegin(), stages_.rend(),
                                       [](const Stage& stage) { return stage.on_mission; });
        const double s_m = left->s_m + left->ramp.distance(left->ramp.duration_s());
        const Utc there = travel(stopped, point_on(mission_, s_m).at, mode);
        const Utc turned = turn_onto(there, mission_, s_m, mode);
        speed_up(turned, mission_, s_m, limits_.cruise_mps, mode, true);
    }
}

void Ride::go_to(GroundPoint to, Utc t) {
    const Utc stopped = stop(begin(t), Mode::guided);
    stop(travel(stopped, to, Mode::guided), Mode::guided);
    destination_ = to;
}

void Ride::circle(GroundPoint center, double radius_m, Utc t) {
    const Orbit orbit{center, radius_m};
    const Utc stopped = stop(begin(t), Mode::guided);
    const Utc there = travel(stopped, point_on(orbit, 0).at, Mode::guided);
    const Utc turned = turn_onto(there, orbit, 0, Mode::guided);
    speed_up(turned, orbit, 0, limits_.cruise_mps, Mode::guided, false);
}

void Ride::face(double heading_rad, double speed_mps, Utc t) {
    constexpr double kFarM = 1e6; // a line's own length does not end it
    const Utc stopped = stop(begin(t), Mode::guided);
    const Line line{at(stopped).at, ahead(at(stopped).at, heading_rad, kFarM)};
    const Utc turned = turn_onto(stopped, line, 0, Mode::guided);
    if (speed_mps > 0) {
        speed_up(turned, line, 0, speed_mps, Mode::guided, false);
    }
}

void Ride::set_speed(double speed_mps, Utc t) {
    limits_.cruise_mps = std::max(speed_mps, 0.1);
    if (const auto to = destination_; to && stage_at(t).ramp.speed(seconds(t - stage_at(t).start)) > 0) {
        go_to(*to, t);
        return;
    }
    const Utc start = free_at(t);
    const Stage now = stage_at(start);
    if (now.endless) {
        static_cast<void>(begin(t));
        speed_up(start, now.curve, s_at(now, start), limits_.cruise_mps, now.mode, now.on_mission);
    }
}

} // namespace masthead::sim
