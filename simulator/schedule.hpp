// When periodic messages are due, and an alarm of the main loop that fires at exact instants. Used by every
// link.
#pragma once

#include "plugins/glib/ref.hpp"
#include "simulator/sim_clock.hpp"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace masthead::sim {

struct Period {
    std::int64_t period_us = 1'000'000;
    std::int64_t phase_us = 0;
};

struct Due {
    std::size_t row = 0;
    Utc time;
};

/// Row i is due at start + phase + n * period. Pure; thread: any one at a time.
class Schedule {
  public:
    Schedule(std::vector<Period> periods, Utc start);

    [[nodiscard]] Utc next() const;
    /// What is due at or before `now`, oldest first. More than `kMaxBehind` of a row is left out: after a
    /// stall only the newest count.
    [[nodiscard]] std::vector<Due> take(Utc now);

  private:
    static constexpr std::int64_t kMaxBehind = 20;
    std::vector<Period> periods_;
    std::vector<Utc> due_;
};

/// Calls back on the default main context at a monotonic instant. Not movable: the loop holds its address.
class Alarm {
  public:
    explicit Alarm(std::function<void()> fire);
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    /// Replaces the instant set before.
    void set(std::int64_t mono_us);

  private:
    std::function<void()> fire_;
    Owned<GSource> source_;
};

} // namespace masthead::sim
