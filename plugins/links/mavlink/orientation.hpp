// Rotations as unit quaternions, and a vehicle's attitude over the last seconds. Pure.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <deque>
#include <optional>

namespace masthead::mavlink {

/// Body to reference frame, axes forward, right, down.
struct Quaternion {
    double w = 1;
    double x = 0;
    double y = 0;
    double z = 0;

    [[nodiscard]] Quaternion conjugate() const noexcept { return {w, -x, -y, -z}; }
    friend Quaternion operator*(const Quaternion& a, const Quaternion& b) noexcept;
    /// Nothing for a quaternion that is far from unit length or not finite.
    [[nodiscard]] std::optional<Quaternion> normalized() const noexcept;
};

/// Intrinsic yaw, pitch, roll in radians.
struct Euler {
    double roll = 0;
    double pitch = 0;
    double yaw = 0;
};

[[nodiscard]] Quaternion to_quaternion(const Euler& angles) noexcept;
[[nodiscard]] Euler to_euler(const Quaternion& rotation) noexcept;

/// The vehicle's attitude in the last two seconds, to tie a gimbal's angles (which are against the horizon)
/// to the vehicle's body.
class AttitudeHistory {
  public:
    void add(Utc time, const Quaternion& attitude);
    /// Blended between two; the last one up to 0.5 s after it; the first one up to 0.5 s before it.
    [[nodiscard]] std::optional<Quaternion> at(Utc time) const;
    /// True when an attitude at or after `time` is here.
    [[nodiscard]] bool covers(Utc time) const noexcept {
        return !points_.empty() && points_.back().time >= time;
    }
    [[nodiscard]] bool empty() const noexcept { return points_.empty(); }

  private:
    struct Point {
        Utc time;
        Quaternion attitude;
    };
    std::deque<Point> points_; // by rising time
};

} // namespace masthead::mavlink
