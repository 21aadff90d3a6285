// Whether browsers can show a stream at all, and if not, what to do about it.
#pragma once

#include <cstdint>
#include <string>

namespace masthead {

class StreamCheck {
  public:
    explicit StreamCheck(bool h264 = true) noexcept : h264_(h264) {}

    /// A frame in the order of the stream (decoding order), with its presentation time in nanoseconds and
    /// whether it begins with a B slice. Frames shown in another order than sent are B-frames whose times
    /// step back again and again; times of others step back where a camera's clock or a busy machine sets
    /// them.
    void frame(std::uint64_t presentation_ns, bool b_slice) noexcept {
        steps_back_ += b_slice && presentation_ns < previous_ns_ ? 1 : 0;
        previous_ns_ = presentation_ns;
    }

    /// Times begin anew: a new segment or source.
    void restart() noexcept { *this = StreamCheck(h264_); }

    /// "" for a stream that browsers show.
    [[nodiscard]] std::string obstacle() const {
        if (!h264_) {
            return "the camera sends H.265, which browsers cannot be relied on to show: set it to H.264";
        }
        if (steps_back_ >= kSteps) {
            return "the camera sends B-frames, which WebRTC cannot show in order: turn B-frames off in the "
                   "camera "
                   "(profile baseline, or 'no B-frames'), or transcode";
        }
        return {};
    }

  private:
    static constexpr int kSteps = 3;
    bool h264_;
    int steps_back_ = 0;
    std::uint64_t previous_ns_ = 0;
};

} // namespace masthead
