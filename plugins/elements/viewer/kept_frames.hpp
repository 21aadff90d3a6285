// The newest frames back to the last key frame: what a viewer that joins, or was held up, can begin with.
#pragma once

#include "plugins/elements/viewer/paid_frame.hpp"

#include <chrono>
#include <deque>

namespace masthead {

/// Pure: no clock, no I/O. Thread: one at a time.
class KeptFrames {
  public:
    using Instant = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kMaxBytes = 8 << 20;
    static constexpr std::int32_t kMaxTicks = 10 * 90'000; // ten seconds
    static constexpr std::chrono::seconds kStandstill{3};

    /// Frames in order of their numbers. A key frame, or a number left out, lets go of all before it; so does
    /// a frame past the bounds, after which viewers cannot begin until the next key frame.
    void add(SharedFrame frame, Instant now);

    /// Numbers of the oldest kept frame and of the one that comes next; equal while there is none.
    [[nodiscard]] std::uint64_t begin() const noexcept { return end_ - frames_.size(); }
    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
    /// `number` within begin() and end().
    [[nodiscard]] const SharedFrame& at(std::uint64_t number) const { return frames_[number - begin()]; }
    [[nodiscard]] bool begins_with_key_frame() const noexcept {
        return !frames_.empty() && frames_.front()->key_frame;
    }
    /// False once the newest is kStandstill old: who joins then is not to take them for live.
    [[nodiscard]] bool flows(Instant now) const noexcept {
        return !frames_.empty() && now - newest_came_ < kStandstill;
    }
    /// The RTP time that a frame would have that came in now. There must be a frame.
    [[nodiscard]] std::uint32_t live_timestamp(Instant now) const;

  private:
    std::deque<SharedFrame> frames_;
    std::uint64_t end_ = 0;
    std::size_t bytes_ = 0;
    Instant newest_came_;
};

} // namespace masthead
