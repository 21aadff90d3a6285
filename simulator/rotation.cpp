// Rotation matrices and quaternions from Euler angles and back.
#include "simulator/rotation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masthead::sim {

namespace {
constexpr double kDegree = std::numbers::pi / 180;
}

Rotation rotation(const EulerAngles& angles) {
    const double ch = std::cos(angles.heading_deg * kDegree), sh = std::sin(angles.heading_deg * kDegree);
    const double cp = std::cos(angles.pitch_deg * kDegree), sp = std::sin(angles.pitch_deg * kDegree);
    const double cr = std::cos(angles.roll_deg * kDegree), sr = std::sin(angles.roll_deg * kDegree);
    return {{{ch * cp, ch * sp * sr - sh * cr, ch * sp * cr + sh * sr},
             {sh * cp, sh * sp * sr + ch * cr, sh * sp * cr - ch * sr},
             {-sp, cp * sr, cp * cr}}};
}

EulerAngles angles_of(const Rotation& r) {
    const double heading = std::atan2(r[1][0], r[0][0]) / kDegree;
    return {heading < 0 ? heading + 360 : heading, std::asin(std::clamp(-r[2][0], -1.0, 1.0)) / kDegree,
            std::atan2(r[2][1], r[2][2]) / kDegree};
}

Rotation operator*(const Rotation& outer, const Rotation& inner) {
    Rotation product{};
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            product[i][j] = outer[i][0] * inner[0][j] + outer[i][1] * inner[1][j] + outer[i][2] * inner[2][j];
        }
    }
    return product;
}

Rotation inverse(const Rotation& r) {
    return {{{r[0][0], r[1][0], r[2][0]}, {r[0][1], r[1][1], r[2][1]}, {r[0][2], r[1][2], r[2][2]}}};
}

std::array<double, 4> quaternion(const EulerAngles& angles) {
    const double h = angles.heading_deg * kDegree / 2, p = angles.pitch_deg * kDegree / 2,
                 r = angles.roll_deg * kDegree / 2;
    const double ch = std::cos(h), sh = std::sin(h), cp = std::cos(p), sp = std::sin(p), cr = std::cos(r),
                 sr = std::sin(r);
    return {cr * cp * ch + sr * sp * sh, sr * cp * ch - cr * sp * sh, cr * sp * ch + sr * cp * sh,
            cr * cp * sh - sr * sp * ch};
}

} // namespace masthead::sim
