// The simulated world: what is true at a UTC instant, for the drone and the vessel. Everything that either of
// them says or shows is made from this.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/telemetry/footprint.hpp"
#include "plugins/telemetry/sample.hpp"
#include "simulator/gimbal.hpp"
#include "simulator/lift.hpp"
#include "simulator/motion.hpp"
#include "simulator/rotation.hpp"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace masthead::sim {

/// Level ground and sea at mean sea level; `home` is its origin. North of coast_north_m() lies the sea.
struct Place {
    GeoPoint home{59.44, 24.75};
    double geoid_m = 17.8; // height of mean sea level above the ellipsoid
    double wind_mps = 4;
    double wind_from_deg = 235;
};

/// Where the shore runs, metres north of home.
[[nodiscard]] double coast_north_m(double east_m);
/// Depth of the sea in metres, >= 2.
[[nodiscard]] double depth_m(GroundPoint at);

enum class Kind : std::uint8_t { drone, vessel };

struct VehicleShape {
    Kind kind = Kind::drone;
    std::string name;
    double camera_height_m = 80; // mean height of the camera above mean sea level
    double horizontal_fov_deg = 62;
    double picture_aspect = 16.0 / 9; // width / height; gives the vertical field of view
};

struct Truth {
    Sample sample;     // every field the vehicle has; time = the instant
    CameraPose camera; // the same, in the form that footprint() and ray_ned() take
    GroundPoint at;
    EulerAngles camera_ned; // the camera's own heading, pitch and roll
    EulerAngles rates_dps;  // heading, pitch, roll by time, by central difference
    Mode mode = Mode::mission;
};

/// One vehicle in the world. Thread-safe: the camera's thread asks while the link's thread commands.
class Vehicle {
  public:
    Vehicle(VehicleShape shape, Place place, Curve mission, RideLimits limits);

    [[nodiscard]] Truth at(Utc t) const;
    void command(Mode mode, Utc t);
    /// Does it from `t` on. Errors, in the words of a vehicle: conflict (not while it is as it is now),
    /// unsupported (this kind of vehicle has no such thing).
    [[nodiscard]] Result<void> obey(const Order& order, Utc t);
    /// The same as a part of a mission that it was given: its mode is that until it is told something else.
    [[nodiscard]] Result<void> obey_mission(const Order& order, Utc t);
    [[nodiscard]] const VehicleShape& shape() const noexcept { return shape_; }
    [[nodiscard]] const Place& place() const noexcept { return place_; }

  private:
    struct Attitude {
        EulerAngles body;
        double height_m = 0;
        double climb_mps = 0;
    };
    /// Where it is and how high, from one look.
    struct Motion {
        RidePoint ride;
        Lift::Now lift;
        Gimbal::Now gimbal;
    };
    struct PanTilt {
        double pan_deg;
        double tilt_deg;
    };
    [[nodiscard]] Motion motion_at(Utc t) const;
    [[nodiscard]] Result<void> do_it(const Order& order, Utc t);
    [[nodiscard]] Result<void> fly(const Order& order, Utc t);
    [[nodiscard]] GroundPoint ground_of(GeoPoint point) const;
    [[nodiscard]] PanTilt direction(const Gimbal::Aim& aim, const EulerAngles& body, const Motion& motion,
                                    Utc t) const;
    [[nodiscard]] Attitude attitude(const Motion& motion, Utc t) const;
    [[nodiscard]] Sample sample_of(const Truth& truth, const Motion& motion, const Attitude& now,
                                   Utc t) const;

    VehicleShape shape_;
    Place place_;
    mutable std::mutex mutex_; // guards what follows
    Ride ride_;
    Lift lift_;
    Gimbal gimbal_;
    std::vector<std::pair<Utc, bool>> missions_; // from when on it flew a mission that it was given, or not
};

enum class Figure : std::uint8_t { lanes, orbit };

/// The drone over the shore, the vessel on its lines off it.
[[nodiscard]] VehicleShape drone_shape(double aspect);
[[nodiscard]] VehicleShape vessel_shape(double aspect);
[[nodiscard]] Curve drone_mission(Figure figure);
[[nodiscard]] Curve vessel_mission();
[[nodiscard]] RideLimits limits_of(Kind kind);

} // namespace masthead::sim
