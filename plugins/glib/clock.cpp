#include "plugins/glib/clock.hpp"

#include "plugins/glib/ref.hpp"

namespace masthead {

std::optional<ClockMap> clock_map_of(GstElement* element) {
    const auto clock = Ref<GstClock>::adopt(gst_element_get_clock(element));
    if (!clock) {
        return std::nullopt;
    }
    const Utc before = utc_now();
    const GstClockTime now = gst_clock_get_time(clock.get());
    const Utc after = utc_now();
    const GstClockTime base = gst_element_get_base_time(element);
    const auto running_us = (static_cast<std::int64_t>(now) - static_cast<std::int64_t>(base)) / 1000;
    return ClockMap{before.us + (after.us - before.us) / 2 - running_us};
}

} // namespace masthead
