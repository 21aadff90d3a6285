// Maps a vehicle's boot clock to UTC.
#include "plugins/links/mavlink/vehicle_clock.hpp"

#include <algorithm>
#include <cstdlib>

namespace masthead::mavlink {

namespace {

constexpr std::uint64_t kYear2015Us = 1'420'070'400'000'000;
constexpr std::uint64_t kYear2200Us = 7'258'118'400'000'000;
constexpr std::int64_t kBelievedUs = 2'000'000;
constexpr std::int64_t kWrapMs = std::int64_t{1} << 32;
constexpr std::int64_t kRestartMs = 10'000; // late packets are not this late
constexpr std::int64_t kJitterUs =
    5'000; // boot times are whole milliseconds, so that each SYSTEM_TIME differs a little

} // namespace

std::int64_t VehicleClock::unwrapped(std::uint32_t boot_ms) {
    if (!newest_boot_ms_) {
        newest_boot_ms_ = boot_ms;
        return boot_ms;
    }
    const std::int64_t epoch = *newest_boot_ms_ / kWrapMs * kWrapMs;
    const std::int64_t in_epoch = *newest_boot_ms_ - epoch;
    std::int64_t boot = epoch + boot_ms;
    if (in_epoch > kWrapMs - kRestartMs && boot_ms < kRestartMs) {
        boot += kWrapMs;
    } else if (in_epoch < kRestartMs && boot_ms > kWrapMs - kRestartMs && epoch > 0) {
        boot -= kWrapMs;
    } else if (boot < *newest_boot_ms_ - kRestartMs) {
        *this = VehicleClock();
        boot = boot_ms;
        newest_boot_ms_ = boot;
    }
    newest_boot_ms_ = std::max(*newest_boot_ms_, boot);
    return boot;
}

void VehicleClock::measure(std::int64_t boot_us, Utc arrival) {
    const bool believed = !disbelieved();
    if (measured_.add(boot_us, arrival) && believed) {
        said_us_.reset(); // it belonged to the clock as it was before
    }
}

void VehicleClock::said(std::uint64_t unix_us, std::uint32_t boot_ms, Utc arrival) {
    if (unix_us < kYear2015Us || unix_us > kYear2200Us) {
        return;
    }
    const std::int64_t boot_us = unwrapped(boot_ms) * 1000;
    measure(boot_us, arrival);
    const std::int64_t offset_us = static_cast<std::int64_t>(unix_us) - boot_us;
    if (said_us_ && std::abs(offset_us - *said_us_) < kJitterUs) {
        said_us_ = *said_us_ + (offset_us - *said_us_) / 8;
    } else {
        said_us_ = offset_us;
    }
}

std::optional<std::chrono::microseconds> VehicleClock::disbelieved() const noexcept {
    if (!said_us_ || !measured_.known()) {
        return std::nullopt;
    }
    const std::int64_t difference_us = *said_us_ - measured_.us();
    if (std::abs(difference_us) <= kBelievedUs) {
        return std::nullopt;
    }
    return std::chrono::microseconds(difference_us);
}

VehicleClock::Instant VehicleClock::map(std::int64_t boot_us) const {
    if (said_us_ && !disbelieved()) {
        return {Utc{boot_us + *said_us_}, TimeSource::vehicle};
    }
    return {Utc{boot_us + measured_.us()}, TimeSource::mapped};
}

VehicleClock::Instant VehicleClock::at_boot_ms(std::uint32_t boot_ms, Utc arrival) {
    if (boot_ms == 0) {
        return {arrival, TimeSource::arrival};
    }
    const std::int64_t boot_us = unwrapped(boot_ms) * 1000;
    measure(boot_us, arrival);
    return map(boot_us);
}

VehicleClock::Instant VehicleClock::at_usec(std::uint64_t usec, Utc arrival) {
    if (usec >= kYear2015Us) {
        const auto time_us = static_cast<std::int64_t>(std::min(usec, kYear2200Us));
        if (std::abs(time_us - arrival.us) <= kBelievedUs) {
            return {Utc{time_us}, TimeSource::vehicle};
        }
        return {arrival, TimeSource::arrival};
    }
    if (usec < 1000 || usec / 1000 > UINT32_MAX) {
        return {arrival, TimeSource::arrival};
    }
    return at_boot_ms(static_cast<std::uint32_t>(usec / 1000), arrival);
}

} // namespace masthead::mavlink
