// When the frames of an imported file were captured: from what some of them say to all of them. Pure.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/klv/frame_message.hpp"
#include "plugins/klv/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace masthead::recording_tool {

/// An instant that the file says of a place on its time line (90 kHz).
struct TimedPlace {
    std::int64_t ticks = 0;
    Utc utc;
};

/// What is known of a file's times, by source.
struct TimeSources {
    std::vector<TimedPlace> sei = {};
    std::vector<TimedPlace> klv = {};      // with PTS
    std::vector<TimedPlace> near_klv = {}; // without: its place is that of a frame near it
    std::optional<Utc> stated = {};        // of the first frame, by a person
    std::optional<Utc> created = {};       // of the first frame, by an MP4
    std::optional<Utc> subtitles = {};     // of the first frame, by a log that counts from there
    std::int64_t first_ticks = 0;          // of the frame that is shown first
};

/// An SEI does not say whether it means POSIX or MISP time: if the file's KLV lies within 10 s of one
/// reading, that is it.
[[nodiscard]] klv::TimeSystem sei_time_system(const std::vector<std::pair<std::int64_t, klv::MispTime>>& sei,
                                              const std::vector<TimedPlace>& klv);

class FrameClock {
  public:
    struct Instant {
        Utc utc;
        std::chrono::microseconds error{0};
    };

    /// By the best source there is: SEI, KLV, a person, the MP4, a log. Instants before 2000 are of clocks
    /// that were never set, and count for nothing. Nothing at all: no source.
    [[nodiscard]] static std::optional<FrameClock> create(TimeSources sources);

    /// What the file says of just this place; else by what it says nearby.
    [[nodiscard]] Instant at(std::int64_t ticks) const;
    [[nodiscard]] FrameTimeMethod method() const noexcept { return method_; }
    /// For people: "the MISP time in the video (SEI)".
    [[nodiscard]] const std::string& source() const noexcept { return source_; }

  private:
    std::vector<TimedPlace> places_;     // by rising ticks
    bool exact_ = true;                  // places are frames' own
    std::chrono::microseconds error_{0}; // at least
    FrameTimeMethod method_ = FrameTimeMethod::none;
    std::string source_;
};

} // namespace masthead::recording_tool
