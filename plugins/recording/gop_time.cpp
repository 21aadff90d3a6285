#include "plugins/recording/gop_time.hpp"

#include "plugins/recording/ticks.hpp"

namespace masthead::recording {

namespace {

constexpr ts::Ticks kTolerance = 90'000;
constexpr std::chrono::microseconds kClockTolerance{1'000'000};

} // namespace

Utc end_of(const Gop& gop) { return gop.time + duration_of(gop.ticks); }

bool touches(const Gop& gop, Utc from, Utc to) { return gop.time < to && from < end_of(gop); }

bool follows(const Gop& gop, const Gop& next) {
    const ts::Ticks ticks = ticks_between(gop.pts, next.pts);
    const auto drift = next.time - gop.time - duration_of(ticks);
    return ticks <= gop.ticks + kTolerance && ticks + kTolerance >= gop.ticks && drift < kClockTolerance &&
           drift > -kClockTolerance;
}

} // namespace masthead::recording
