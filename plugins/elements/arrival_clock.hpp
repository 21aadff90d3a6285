// UTC of a pipeline's running time, steady from one buffer to the next.
#pragma once

#include "plugins/glib/clock.hpp"

#include <gst/gst.h>

#include <optional>

namespace masthead {

/// Samples the element's clock for each buffer but moves only when the machine's clock was set (more than 1
/// ms off), so that intervals stay those of the running time. Without a clock (a pipeline that is not live
/// prerolls before it has one) the first running time seen is now, and stays so until reset. Thread: any one
/// at a time.
class ArrivalClock {
  public:
    [[nodiscard]] Utc utc_at(GstElement* element, GstClockTime running_time);
    /// For a new segment, flush or start.
    void reset() noexcept { *this = {}; }

  private:
    std::optional<ClockMap> map_;
    bool without_clock_ = false;
};

} // namespace masthead
