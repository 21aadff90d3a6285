#include "plugins/elements/viewer/kept_frames.hpp"

#include <algorithm>

namespace masthead {

void KeptFrames::add(SharedFrame frame, Instant now) {
    const auto ticks = [&] {
        return static_cast<std::int32_t>(frame->header.rtp_timestamp - frames_.front()->header.rtp_timestamp);
    };
    if (!frames_.empty() && (frame->key_frame || frame->number != end_ || ticks() > kMaxTicks ||
                             bytes_ + frame->bytes > kMaxBytes)) {
        frames_.clear();
        bytes_ = 0;
    }
    end_ = frame->number + 1;
    bytes_ += frame->bytes;
    newest_came_ = now;
    frames_.push_back(std::move(frame));
}

std::uint32_t KeptFrames::live_timestamp(Instant now) const {
    constexpr std::int64_t kTicksPerMs = 90;
    const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - newest_came_).count();
    return frames_.back()->header.rtp_timestamp +
           static_cast<std::uint32_t>(std::max<std::int64_t>(since, 0) * kTicksPerMs / 1000);
}

} // namespace masthead
