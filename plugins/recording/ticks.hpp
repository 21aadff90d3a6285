// Reckoning with the 33-bit times of a transport stream.
#pragma once

#include "plugins/ts/pes.hpp"

#include <chrono>

namespace masthead::recording {

/// From `from` on to `to`, over a wrap if there is one.
[[nodiscard]] constexpr ts::Ticks ticks_between(ts::Ticks from, ts::Ticks to) noexcept {
    return (to - from) & (ts::kTicksWrap - 1);
}

/// Rounded down.
[[nodiscard]] constexpr std::chrono::microseconds duration_of(ts::Ticks ticks) noexcept {
    return std::chrono::microseconds(static_cast<std::int64_t>(ticks * 100 / 9));
}

} // namespace masthead::recording
