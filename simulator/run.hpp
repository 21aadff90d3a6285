// The subcommands' lives: from options to exit code.
#pragma once

#include "simulator/options.hpp"

namespace masthead::sim {

inline constexpr int kExitOk = 0;
inline constexpr int kExitRunTime = 1;
inline constexpr int kExitUsage = 2;

/// Each prints "ready ..." with its addresses to standard output once everything is up, runs until SIGINT,
/// SIGTERM, the duration's end or an error, and returns an exit code.
[[nodiscard]] int run_drone(const DroneOptions& options);
[[nodiscard]] int run_vessel(const VesselOptions& options);

} // namespace masthead::sim
