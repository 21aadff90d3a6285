#include "plugins/elements/arrival_clock.hpp"

#include <cstdlib>

namespace masthead {

namespace {
constexpr std::int64_t kSteadyUs = 1000;
}

Utc ArrivalClock::utc_at(GstElement* element, GstClockTime running_time) {
    if (without_clock_) {
        return map_->utc_at(running_time);
    }
    const auto sampled = clock_map_of(element);
    if (!sampled) {
        map_ = ClockMap{utc_now().us - static_cast<std::int64_t>(running_time / 1000)};
        without_clock_ = true;
    } else if (!map_ || std::llabs(sampled->utc_minus_running_us - map_->utc_minus_running_us) > kSteadyUs) {
        map_ = sampled;
    }
    return map_->utc_at(running_time);
}

} // namespace masthead
