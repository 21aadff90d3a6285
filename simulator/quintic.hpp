// The smooth way from 0 to 1 while x goes from 0 to 1: at rest, and unaccelerated, at both ends.
#pragma once

namespace masthead::sim {

[[nodiscard]] constexpr double quintic(double x) { return x * x * x * (10 + x * (-15 + 6 * x)); }
[[nodiscard]] constexpr double quintic_slope(double x) { return 30 * x * x * (1 - x) * (1 - x); }

} // namespace masthead::sim
