// The sound beside a stream's pictures: Opus packets made ready once for all viewers, each sent with the
// picture of its time.
#pragma once

#include "plugins/elements/viewer/kept_frames.hpp"

#include <gst/gst.h>

#include <deque>
#include <optional>

namespace masthead {

/// One Opus packet (RFC 6716).
struct SoundPiece {
    Ref<GstBuffer> opus;
    GstClockTime running_time = 0;
    std::uint32_t rtp_timestamp = 0; // 48 kHz (RFC 7587 4.1)
};

/// RTP times without the jitter of buffers' times, which a receiver would take for gaps and fill. Pure.
/// Thread: one at a time.
class SoundStamps {
  public:
    explicit SoundStamps(std::uint32_t first) noexcept : first_(first) {}

    /// Of a packet that begins at `running_time`; `duration` may be none.
    [[nodiscard]] std::uint32_t stamp(GstClockTime running_time, GstClockTime duration);

  private:
    std::uint32_t first_;
    std::optional<std::int64_t> expected_; // samples of running time
};

/// Holds sound back until its picture is there: telemetry may make frames wait. It never makes a picture
/// wait. Pure: no clock, no I/O. Thread: one at a time.
class Soundtrack {
  public:
    using Instant = KeptFrames::Instant;
    static constexpr std::size_t kMostPieces = 1'000; // 20 s of 20 ms

    /// Past kMostPieces the oldest goes.
    void add(SoundPiece piece);
    /// The newest picture, and when it came.
    void picture(GstClockTime running_time, Instant came);

    /// The piece to send now, if any; asked again until there is none. Of a stream that has stood still for
    /// KeptFrames::kStandstill nothing is heard, now or later.
    [[nodiscard]] std::optional<SoundPiece> next(Instant now);
    /// When next() has the piece that it did not have yet, if pictures go on.
    [[nodiscard]] std::optional<Instant> due() const noexcept { return due_; }

  private:
    std::deque<SoundPiece> pieces_;
    std::optional<Instant> began_; // when running time 0 was shown, by the newest picture
    Instant picture_came_;
    std::optional<Instant> due_;
};

/// A packet of one viewer's RTP stream (RFC 7587 4.2); shares the piece's memory.
struct SoundStream {
    std::uint32_t ssrc = 0;
    std::uint8_t payload_type = 0;
    std::uint16_t sequence_number = 0; // of the next packet
};
[[nodiscard]] Ref<GstBuffer> sound_packet(const SoundPiece& piece, SoundStream& stream);

} // namespace masthead
