// VehicleClock: a component's own clock (milliseconds since boot) against UTC. Pure: time is an argument.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/links/minimum_offset.hpp"
#include "plugins/telemetry/sample.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace masthead::mavlink {

/// A vehicle that says its UTC (SYSTEM_TIME) is believed when that lies within 2 s of ours; else, and without
/// one, its clock is mapped by the smallest difference to arrival seen in the last one to two minutes: the
/// fastest packet had the least delay. Thread: any one at a time.
class VehicleClock {
  public:
    struct Instant {
        Utc time;
        TimeSource source = TimeSource::arrival;
    };

    /// SYSTEM_TIME. A `unix_us` before 2015 is a clock that was never set, and is not believed.
    void said(std::uint64_t unix_us, std::uint32_t boot_ms, Utc arrival);
    /// 0 means that the sender does not know: arrival.
    [[nodiscard]] Instant at_boot_ms(std::uint32_t boot_ms, Utc arrival);
    /// A time_usec field: UTC when it is large enough, else microseconds since boot.
    [[nodiscard]] Instant at_usec(std::uint64_t usec, Utc arrival);
    /// How far the vehicle's UTC is from ours, when that is too far to be believed.
    [[nodiscard]] std::optional<std::chrono::microseconds> disbelieved() const noexcept;

  private:
    /// Milliseconds since boot without the wrap at 2^32; forgets everything when the vehicle has started
    /// again.
    std::int64_t unwrapped(std::uint32_t boot_ms);
    void measure(std::int64_t boot_us, Utc arrival);
    [[nodiscard]] Instant map(std::int64_t boot_us) const;

    std::optional<std::int64_t> newest_boot_ms_;
    std::optional<std::int64_t> said_us_; // UTC minus boot, as the vehicle says
    MinimumOffset measured_;              // arrival minus boot
};

} // namespace masthead::mavlink
