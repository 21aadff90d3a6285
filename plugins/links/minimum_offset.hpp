// MinimumOffset: how far a peer's clock is from ours, by the messages that were delayed least. Pure: time is
// an argument.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace masthead {

/// The least difference between arrival and the peer's time in the last one to two minutes, so that drift is
/// followed. Thread: any one at a time.
class MinimumOffset {
  public:
    /// True when the peer's clock was set anew (2 s ahead of its own best, or 10 s behind it): what was
    /// measured before is forgotten.
    bool add(std::int64_t their_us, Utc arrival) noexcept {
        const std::int64_t offset_us = arrival.us - their_us;
        const bool stepped = window_us_ && (offset_us < us() - kAheadUs || offset_us > us() + kBehindUs);
        if (!window_us_ || stepped) {
            window_us_ = offset_us;
            previous_us_.reset();
            window_start_ = arrival;
            return stepped;
        }
        if (arrival.us - window_start_.us > kWindowUs) {
            previous_us_ = window_us_;
            window_us_ = offset_us;
            window_start_ = arrival;
        }
        window_us_ = std::min(*window_us_, offset_us);
        return false;
    }
    [[nodiscard]] bool known() const noexcept { return window_us_.has_value(); }
    /// Ours minus theirs; 0 before the first message.
    [[nodiscard]] std::int64_t us() const noexcept {
        const std::int64_t window_us = window_us_.value_or(0);
        return std::min(window_us, previous_us_.value_or(window_us));
    }

  private:
    static constexpr std::int64_t kWindowUs = 60'000'000;
    static constexpr std::int64_t kAheadUs = 2'000'000;
    static constexpr std::int64_t kBehindUs = 10'000'000;

    std::optional<std::int64_t> window_us_;   // least in this window
    std::optional<std::int64_t> previous_us_; // and in the one before
    Utc window_start_;
};

} // namespace masthead
