// Simulated time: starts where it is told to and runs as fast as it is told to.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <glib.h>

namespace masthead::sim {

/// A value; copies tell the same time. Reads the monotonic clock, so a step of the machine's clock does not
/// show.
struct SimClock {
    Utc start;                      // simulated instant at mono_start_us
    std::int64_t mono_start_us = 0; // g_get_monotonic_time()
    double speed = 1;

    [[nodiscard]] static SimClock starting_at(Utc start, double speed) {
        return {start, g_get_monotonic_time(), speed};
    }
    [[nodiscard]] Utc now() const { return utc_at(g_get_monotonic_time()); }
    [[nodiscard]] Utc utc_at(std::int64_t mono_us) const {
        return start + std::chrono::microseconds(
                           static_cast<std::int64_t>(static_cast<double>(mono_us - mono_start_us) * speed));
    }
    [[nodiscard]] std::int64_t mono_us_at(Utc t) const {
        return mono_start_us + static_cast<std::int64_t>(static_cast<double>((t - start).count()) / speed);
    }
};

} // namespace masthead::sim
