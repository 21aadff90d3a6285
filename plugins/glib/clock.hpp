// UTC <-> GStreamer time. The one place that knows how a running pipeline's clock relates to UTC.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <gst/gst.h>

#include <optional>

namespace masthead {

/// Maps running time to UTC and back. Made from a playing element's clock and base time; a copy stays good
/// until the pipeline gets a new clock or base time.
struct ClockMap {
    std::int64_t utc_minus_running_us = 0;

    [[nodiscard]] Utc utc_at(GstClockTime running_time) const noexcept {
        return {static_cast<std::int64_t>(running_time / 1000) + utc_minus_running_us};
    }
    /// 0 for instants before the pipeline started.
    [[nodiscard]] GstClockTime running_time_at(Utc t) const noexcept {
        const std::int64_t us = t.us - utc_minus_running_us;
        return us < 0 ? 0 : static_cast<GstClockTime>(us) * 1000;
    }
};

/// Samples the element's clock and the machine's clock back to back. Empty while the element has no clock
/// (below PAUSED). Thread-safe.
[[nodiscard]] std::optional<ClockMap> clock_map_of(GstElement* element);

} // namespace masthead
