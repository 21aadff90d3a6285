// Whether browsers can show a stream at all, and if not, what to do about it.
#pragma once

#include <cstdint>
#include <string>

namespace masthead {

class StreamCheck {
  public:
    explicit StreamCheck(bool h264 = true) noexcept : h264_(h264) {}

    /// A frame in the order of the stream (decoding order), with its presentation time in nanoseconds.
    void frame(std::uint64_t presentation_ns, bool key_frame) noexcept {
        // Frames shown in another order than sent are what B-frames are: times step back again and again. Now
        // and then is a camera's clock, or a busy machine.
        constexpr int kSteps = 3;
        constexpr int kWithinFrames = 32;
        ++frames_;
        if (!key_frame && presentation_ns < previous_ns_) {
            if (frames_ - first_step_ > kWithinFrames) {
                steps_back_ = 0;
            }
            if (steps_back_++ == 0) {
                first_step_ = frames_;
            }
        }
        reordered_ = reordered_ || steps_back_ >= kSteps;
        previous_ns_ = presentation_ns;
    }

    /// Times begin anew: a new segment or source.
    void restart() noexcept { *this = StreamCheck(h264_); }

    /// "" for a stream that browsers show.
    [[nodiscard]] std::string obstacle() const {
        if (!h264_) {
            return "the camera sends H.265, which browsers cannot be relied on to show: set it to H.264";
        }
        if (reordered_) {
            return "the camera sends B-frames, which WebRTC cannot show in order: turn B-frames off in the "
                   "camera "
                   "(profile baseline, or 'no B-frames'), or transcode";
        }
        return {};
    }

  private:
    bool h264_;
    bool reordered_ = false;
    int steps_back_ = 0;
    std::uint64_t frames_ = 0;
    std::uint64_t first_step_ = 0;
    std::uint64_t previous_ns_ = 0;
};

} // namespace masthead
