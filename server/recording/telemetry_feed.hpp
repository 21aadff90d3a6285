// The telemetry of an imported file: all its packets by time, and the one that each frame gets.
#pragma once

#include "plugins/telemetry/frame_telemetry.hpp"

#include <set>
#include <vector>

namespace masthead::recording_tool {

/// Holds packets as bytes: a track over all of a long flight would be too large. Thread: any one at a time.
class TelemetryFeed {
  public:
    /// A whole ST 0601 packet, in any order. Error: too_large (more than 512 MiB of them).
    [[nodiscard]] Result<void> add(Utc utc, ByteSpan packet, klv::TimeSystem system);
    /// All are here. From now on frames may ask.
    void begin();

    /// Best asked in about the order of time. Nothing: no telemetry near enough.
    [[nodiscard]] std::optional<FrameKlv> at(Utc time, std::chrono::microseconds time_error,
                                             std::chrono::microseconds frame_duration);

    [[nodiscard]] bool empty() const noexcept { return packets_.empty(); }
    /// Of the first and the last packet, after begin().
    [[nodiscard]] Utc first() const noexcept { return packets_.front().utc; }
    [[nodiscard]] Utc last() const noexcept { return packets_.back().utc; }

  private:
    struct Packet {
        Utc utc;
        Bytes bytes;
        klv::TimeSystem system;
    };
    void feed_next();

    std::vector<Packet> packets_; // by time, once begun
    std::size_t bytes_ = 0;
    FrameTelemetry telemetry_;
    std::size_t fed_ = 0;    // packets that telemetry_ has had
    std::size_t passed_ = 0; // packets at or before the newest frame
    std::optional<Utc> newest_frame_;
};

} // namespace masthead::recording_tool
