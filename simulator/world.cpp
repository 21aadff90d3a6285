// Poses from rides: banking from acceleration, waves, the gimbal's sweep, and the samples they make.
#include "simulator/world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace masthead::sim {

namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kGravity = 9.80665;

double positive_deg(double deg) {
    deg = std::fmod(deg, 360);
    return deg < 0 ? deg + 360 : deg;
}

/// Sum of sines of UTC. The phase is taken in whole microseconds, so it is as exact in 2100 as in 1970.
struct Wave {
    double amplitude;
    std::int64_t period_us;
    double phase_rad;
};

double angle_of(const Wave& wave, Utc t) {
    return 2 * std::numbers::pi * static_cast<double>(t.us % wave.period_us) /
               static_cast<double>(wave.period_us) +
           wave.phase_rad;
}
template <std::size_t N>
double sum(const std::array<Wave, N>& waves, Utc t) {
    double value = 0;
    for (const Wave& wave : waves) {
        value += wave.amplitude * std::sin(angle_of(wave, t));
    }
    return value;
}
template <std::size_t N>
double rate(const std::array<Wave, N>& waves, Utc t) {
    double value = 0;
    for (const Wave& wave : waves) {
        value += wave.amplitude * 2e6 * std::numbers::pi / static_cast<double>(wave.period_us) *
                 std::cos(angle_of(wave, t));
    }
    return value;
}

struct Sway {
    std::array<Wave, 2> roll_deg;
    std::array<Wave, 2> pitch_deg;
    std::array<Wave, 2> yaw_deg;
    std::array<Wave, 1> height_m;
    std::array<Wave, 1> camera_azimuth_deg;
    std::array<Wave, 1> camera_elevation_deg;
    double camera_elevation_mean_deg;
};

constexpr Sway kDroneSway = {
    .roll_deg = {{{0.4, 3'100'000, 0.3}, {0.25, 1'700'000, 1.1}}},
    .pitch_deg = {{{0.4, 2'900'000, 2.0}, {0.2, 1'900'000, 0.4}}},
    .yaw_deg = {{{0.5, 4'300'000, 0.9}, {0, 1'000'000, 0}}},
    .height_m = {{{6, 47'000'000, 0}}},
    .camera_azimuth_deg = {{{28, 41'000'000, 0.5}}},
    .camera_elevation_deg = {{{12, 29'000'000, 0}}},
    .camera_elevation_mean_deg = -42,
};
constexpr Sway kVesselSway = {
    .roll_deg = {{{2.6, 6'700'000, 0}, {0.9, 4'100'000, 1.3}}},
    .pitch_deg = {{{1.3, 5'300'000, 0.7}, {0.5, 3'700'000, 2.2}}},
    .yaw_deg = {{{0.7, 9'100'000, 0.2}, {0.3, 5'900'000, 1.9}}},
    .height_m = {{{0.5, 6'100'000, 0.4}}},
    .camera_azimuth_deg = {{{40, 53'000'000, 0}}},
    .camera_elevation_deg = {{{9, 37'000'000, 1.0}}},
    .camera_elevation_mean_deg = -22,
};

const Sway& sway_of(Kind kind) { return kind == Kind::drone ? kDroneSway : kVesselSway; }

const char* mode_name(Kind kind, Mode mode) {
    // NMEA 0183 has no word for a survey ship's task, so the vessel's are the JSON form's alone.
    constexpr const char* kVesselModes[] = {"under way using engine", "holding", "returning", "guided",
                                            "holding"};
    constexpr const char* kDroneModes[] = {"AUTO", "BRAKE", "RTL", "GUIDED", "LAND"};
    return (kind == Kind::vessel ? kVesselModes : kDroneModes)[static_cast<std::size_t>(mode)];
}

/// What the camera is said to look at.
void add_camera(Sample& s, const CameraPose& camera) {
    s.camera_azimuth_deg = camera.azimuth_deg;
    s.camera_elevation_deg = camera.elevation_deg;
    s.camera_roll_deg = camera.camera_roll_deg;
    s.horizontal_fov_deg = camera.horizontal_fov_deg;
    s.vertical_fov_deg = camera.vertical_fov_deg;

    const Footprint seen = footprint(camera);
    s.slant_range_m = seen.slant_range_m;
    s.frame_center = seen.center;
    if (seen.center) {
        s.frame_center_elevation_m = 0;
    }
    s.footprint = seen.corners;
}

} // namespace

double coast_north_m(double east_m) {
    return 140 + 35 * std::sin(east_m / 170) + 18 * std::sin(east_m / 61 + 1);
}

double depth_m(GroundPoint at) {
    const double off_shore_m = std::max(0.0, at.north_m - coast_north_m(at.east_m));
    return 2 + off_shore_m / 25 + 1.5 * std::sin(at.north_m / 90) * std::sin(at.east_m / 110) + 1.5;
}

VehicleShape drone_shape(double aspect) { return {Kind::drone, "KESTREL", 80, 62, aspect}; }
VehicleShape vessel_shape(double aspect) { return {Kind::vessel, "PETREL", 22, 70, aspect}; }

Curve drone_mission(Figure figure) {
    if (figure == Figure::orbit) {
        return Orbit{{120, 0}, 120};
    }
    return Lanes{{20, -80}, 0, 240, 160, 4};
}
Curve vessel_mission() { return Lanes{{720, -330}, std::numbers::pi / 2, 600, 220, 4}; }

RideLimits limits_of(Kind kind) { return kind == Kind::drone ? RideLimits{8, 6, 6} : RideLimits{4, 20, 30}; }

Vehicle::Vehicle(VehicleShape shape, Place place, Curve mission, RideLimits limits)
    : shape_(std::move(shape)), place_(place),
      ride_(std::move(mission), shape_.kind == Kind::drone ? GroundPoint{0, 0} : GroundPoint{260, 0}, limits),
      lift_(shape_.camera_height_m) {}

Vehicle::Motion Vehicle::motion_at(Utc t) const {
    const std::lock_guard lock(mutex_);
    Motion motion{ride_.at(t), lift_.at(t), gimbal_.at(t)};
    const auto mission = std::find_if(missions_.rbegin(), missions_.rend(),
                                      [t](const auto& stage) { return stage.first <= t; });
    if (mission != missions_.rend() && mission->second) {
        motion.ride.mode = Mode::mission;
    }
    return motion;
}

void Vehicle::command(Mode mode, Utc t) {
    const std::lock_guard lock(mutex_);
    ride_.command(mode, t);
}

Result<void> Vehicle::obey(const Order& order, Utc t) {
    const std::lock_guard lock(mutex_);
    auto done = do_it(order, t);
    const bool moves = std::holds_alternative<Mode>(order) || std::holds_alternative<TakeOff>(order) ||
                       std::holds_alternative<Land>(order) || std::holds_alternative<GoTo>(order) ||
                       std::holds_alternative<Circle>(order) || std::holds_alternative<Face>(order);
    if (done && moves && !missions_.empty() && missions_.back().second) {
        missions_.emplace_back(t, false);
    }
    return done;
}

Result<void> Vehicle::obey_mission(const Order& order, Utc t) {
    const std::lock_guard lock(mutex_);
    auto done = do_it(order, t);
    if (done && (missions_.empty() || !missions_.back().second)) {
        missions_.emplace_back(t, true);
    }
    return done;
}

GroundPoint Vehicle::ground_of(GeoPoint point) const {
    const auto [north_m, east_m] = offset_m(place_.home, point);
    return {north_m, east_m};
}

/// What a drone does about its height.
Result<void> Vehicle::fly(const Order& order, Utc t) {
    const Lift::Now now = lift_.at(t);
    if (const auto* arm = std::get_if<Arm>(&order)) {
        if (!now.landed) {
            return arm->on ? Result<void>() : fail(Code::conflict, "it flies");
        }
        lift_.arm(arm->on, t);
    } else if (const auto* up = std::get_if<TakeOff>(&order)) {
        if (!now.landed || !now.armed) {
            return fail(Code::conflict, now.landed ? "it is not armed" : "it flies");
        }
        lift_.climb_to(up->height_m, t);
        ride_.command(Mode::hold, t);
    } else if (std::holds_alternative<Land>(order)) {
        ride_.command(Mode::landing, t);
        lift_.land(t);
    } else {
        lift_.climb_to(std::get<SetHeight>(order).height_m, t);
    }
    return {};
}

Result<void> Vehicle::do_it(const Order& order, Utc t) {
    constexpr auto kLookOnly = [](const Order& each) {
        return std::holds_alternative<Point>(each) || std::holds_alternative<LookAt>(each) ||
               std::holds_alternative<LookAhead>(each) || std::holds_alternative<Zoom>(each) ||
               std::holds_alternative<Acknowledge>(each);
    };
    const bool lifts = std::holds_alternative<Arm>(order) || std::holds_alternative<TakeOff>(order) ||
                       std::holds_alternative<Land>(order) || std::holds_alternative<SetHeight>(order);
    const bool drone = shape_.kind == Kind::drone;
    if (lifts && !drone && !std::holds_alternative<Arm>(order)) {
        return fail(Code::unsupported, "a vessel has no height");
    }
    if (lifts && !drone) {
        return {}; // its engine runs
    }
    if (lift_.at(t).landed && !lifts && !kLookOnly(order)) {
        return fail(Code::conflict, "it is on the ground");
    }
    if (lifts) {
        return fly(order, t);
    }
    if (const auto* mode = std::get_if<Mode>(&order)) {
        ride_.command(*mode, t);
    } else if (const auto* go = std::get_if<GoTo>(&order)) {
        if (go->speed_mps) {
            ride_.set_speed(*go->speed_mps, t);
        }
        if (go->height_m && drone) {
            lift_.climb_to(*go->height_m, t);
        }
        ride_.go_to(ground_of(go->to), t);
    } else if (const auto* round = std::get_if<Circle>(&order)) {
        if (round->height_m && drone) {
            lift_.climb_to(*round->height_m, t);
        }
        ride_.circle(ground_of(round->center), round->radius_m, t);
    } else if (const auto* speed = std::get_if<SetSpeed>(&order)) {
        ride_.set_speed(speed->mps, t);
    } else if (const auto* face = std::get_if<Face>(&order)) {
        ride_.face(face->heading_deg * kDegree, face->speed_mps, t);
    } else if (const auto* zoom = std::get_if<Zoom>(&order)) {
        gimbal_.zoom(zoom->percent, t);
    } else if (const auto* point = std::get_if<Point>(&order)) {
        gimbal_.aim(*point, t);
    } else if (const auto* place = std::get_if<LookAt>(&order)) {
        gimbal_.aim(*place, t);
    } else if (std::holds_alternative<LookAhead>(order)) {
        gimbal_.aim(LookAhead{}, t);
    }
    return {};
}

/// Of a drone's levelled gimbal pan is from the nose and tilt from the horizon; of a vessel's, both are from
/// the deck, whose sway is small enough to be left out where a place is looked at.
Vehicle::PanTilt Vehicle::direction(const Gimbal::Aim& aim, const EulerAngles& body, const Motion& motion,
                                    Utc t) const {
    if (const auto* point = std::get_if<Point>(&aim)) {
        return {point->pan_deg, point->tilt_deg};
    }
    if (const auto* look = std::get_if<LookAt>(&aim)) {
        const GroundPoint at = ground_of(look->at);
        const double north_m = at.north_m - motion.ride.at.north_m;
        const double east_m = at.east_m - motion.ride.at.east_m;
        const double down_m = motion.lift.height_m - look->height_m;
        return {std::remainder(std::atan2(east_m, north_m) / kDegree - body.heading_deg, 360),
                -std::atan2(down_m, std::hypot(north_m, east_m)) / kDegree};
    }
    const Sway& sway = sway_of(shape_.kind);
    return {sum(sway.camera_azimuth_deg, t),
            sway.camera_elevation_mean_deg + sum(sway.camera_elevation_deg, t)};
}

Vehicle::Attitude Vehicle::attitude(const Motion& motion, Utc t) const {
    constexpr double kNoSwayM = 20; // near the ground nothing sways
    const RidePoint& ride = motion.ride;
    const double sways = shape_.kind == Kind::drone ? std::min(motion.lift.height_m / kNoSwayM, 1.0) : 1;
    const Sway& sway = sway_of(shape_.kind);
    Attitude a;
    a.body = {ride.heading_rad / kDegree + sways * sum(sway.yaw_deg, t), sways * sum(sway.pitch_deg, t),
              sways * sum(sway.roll_deg, t)};
    if (shape_.kind == Kind::drone) {
        // The rotors' thrust points against gravity, acceleration and drag (about 0.06 of the speed here).
        const double slip = ride.track_rad - ride.heading_rad;
        const double along = ride.forward_mps2 + 0.06 * ride.speed_mps;
        const double forward = along * std::cos(slip) - ride.right_mps2 * std::sin(slip);
        const double right = along * std::sin(slip) + ride.right_mps2 * std::cos(slip);
        a.body.pitch_deg -= std::atan2(forward, kGravity) / kDegree;
        a.body.roll_deg += std::atan2(right, std::hypot(forward, kGravity)) / kDegree;
    } else {
        a.body.roll_deg -= ride.right_mps2 * 4; // a hull heels outwards
    }
    constexpr double kLegsM = 1; // of the camera above the ground
    const double lift_m = std::max(motion.lift.height_m, kLegsM);
    a.height_m = lift_m + sways * sum(sway.height_m, t);
    a.climb_mps = motion.lift.climb_mps + sways * rate(sway.height_m, t);
    return a;
}

Sample Vehicle::sample_of(const Truth& truth, const Motion& motion, const Attitude& now, Utc t) const {
    const RidePoint& ride = motion.ride;
    const CameraPose& camera = truth.camera;
    Sample s;
    s.time = t;
    s.time_source = TimeSource::vehicle;
    s.latitude_deg = camera.position.latitude_deg;
    s.longitude_deg = camera.position.longitude_deg;
    s.altitude_msl_m = now.height_m;
    s.altitude_hae_m = now.height_m + place_.geoid_m;
    s.altitude_agl_m = now.height_m;
    s.heading_deg = camera.heading_deg;
    s.course_deg = positive_deg(ride.track_rad / kDegree);
    s.pitch_deg = camera.pitch_deg;
    s.roll_deg = camera.roll_deg;
    s.ground_speed_mps = std::max(0.0, ride.speed_mps);
    s.velocity_north_mps = ride.speed_mps * std::cos(ride.track_rad);
    s.velocity_east_mps = ride.speed_mps * std::sin(ride.track_rad);
    s.climb_mps = now.climb_mps;
    s.wind_speed_mps = place_.wind_mps;
    s.wind_direction_deg = place_.wind_from_deg;
    s.satellites = 14;
    s.mode = mode_name(shape_.kind, ride.mode);
    s.name = shape_.name;
    if (shape_.kind == Kind::drone) {
        const double wind_north = -place_.wind_mps * std::cos(place_.wind_from_deg * kDegree);
        const double wind_east = -place_.wind_mps * std::sin(place_.wind_from_deg * kDegree);
        s.air_speed_mps = std::hypot(*s.velocity_north_mps - wind_north, *s.velocity_east_mps - wind_east);
        // A charge lasts 40 minutes; batteries are changed without landing here.
        s.battery_percent = 100 - 80 * static_cast<double>(t.us % 2'400'000'000) / 2'400'000'000;
        s.battery_v = 13.2 + 3.6 * *s.battery_percent / 100;
        s.armed = motion.lift.armed;
    } else {
        s.depth_m = depth_m(ride.at);
        s.water_speed_mps = *s.ground_speed_mps;
    }
    add_camera(s, camera);
    return s;
}

Truth Vehicle::at(Utc t) const {
    constexpr std::chrono::microseconds kStep{10'000};
    const Motion motion = motion_at(t);
    const RidePoint& ride = motion.ride;
    const Attitude now = attitude(motion, t);
    const EulerAngles before = attitude(motion_at(t - kStep), t - kStep).body;
    const EulerAngles after = attitude(motion_at(t + kStep), t + kStep).body;
    constexpr double kSpanSeconds = 2e-6 * static_cast<double>(kStep.count());

    Truth truth;
    truth.at = ride.at;
    truth.mode = ride.mode;
    truth.rates_dps = {std::remainder(after.heading_deg - before.heading_deg, 360) / kSpanSeconds,
                       (after.pitch_deg - before.pitch_deg) / kSpanSeconds,
                       (after.roll_deg - before.roll_deg) / kSpanSeconds};

    const EulerAngles body{positive_deg(now.body.heading_deg), now.body.pitch_deg, now.body.roll_deg};
    const Rotation body_ned = rotation(body);
    const PanTilt from = direction(motion.gimbal.before, body, motion, t);
    const PanTilt to = direction(motion.gimbal.aim, body, motion, t);
    const double pan_deg =
        from.pan_deg + motion.gimbal.turned * std::remainder(to.pan_deg - from.pan_deg, 360);
    const double tilt_deg = from.tilt_deg + motion.gimbal.turned * (to.tilt_deg - from.tilt_deg);
    EulerAngles relative{positive_deg(pan_deg), tilt_deg, 0};
    if (shape_.kind == Kind::drone) {
        // A levelled gimbal: pan follows the nose, tilt and roll are held against the horizon.
        truth.camera_ned = {positive_deg(body.heading_deg + pan_deg), tilt_deg, 0};
        relative = angles_of(inverse(body_ned) * rotation(truth.camera_ned));
    } else {
        truth.camera_ned = angles_of(body_ned * rotation(relative));
    }

    truth.camera.position = moved(place_.home, ride.at.north_m, ride.at.east_m);
    truth.camera.height_above_ground_m = now.height_m;
    truth.camera.heading_deg = body.heading_deg;
    truth.camera.pitch_deg = body.pitch_deg;
    truth.camera.roll_deg = body.roll_deg;
    truth.camera.azimuth_deg = relative.heading_deg;
    truth.camera.elevation_deg = relative.pitch_deg;
    truth.camera.camera_roll_deg = positive_deg(relative.roll_deg);
    const double half_width = std::tan(shape_.horizontal_fov_deg * kDegree / 2) / motion.gimbal.magnification;
    truth.camera.horizontal_fov_deg = 2 * std::atan(half_width) / kDegree;
    truth.camera.vertical_fov_deg = 2 * std::atan(half_width / shape_.picture_aspect) / kDegree;

    truth.sample = sample_of(truth, motion, now, t);
    return truth;
}

} // namespace masthead::sim
