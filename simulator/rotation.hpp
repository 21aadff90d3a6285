// 3x3 rotations by heading, pitch and roll, as ST 0601 turns a platform and the camera on it.
#pragma once

#include <array>

namespace masthead::sim {

/// Rows; maps body axes (forward, right, down) to the frame outside (north, east, down).
using Rotation = std::array<std::array<double, 3>, 3>;

/// Degrees, in the order heading (about down), pitch (about right), roll (about forward).
struct EulerAngles {
    double heading_deg = 0;
    double pitch_deg = 0;
    double roll_deg = 0;
};

[[nodiscard]] Rotation rotation(const EulerAngles& angles);
/// Heading 0..360, pitch -90..90, roll -180..180.
[[nodiscard]] EulerAngles angles_of(const Rotation& r);
/// `outer` turned by `inner`.
[[nodiscard]] Rotation operator*(const Rotation& outer, const Rotation& inner);
[[nodiscard]] Rotation inverse(const Rotation& r);
/// w, x, y, z.
[[nodiscard]] std::array<double, 4> quaternion(const EulerAngles& angles);

} // namespace masthead::sim
