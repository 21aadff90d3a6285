// What a receiver's RTCP reports say about one stream. webrtcbin's own statistics keep the latest report
// block alone, which is as often that of the stream of packets sent again.
#pragma once

#include "plugins/elements/viewer/figures.hpp"

#include <gst/rtp/gstrtcpbuffer.h>

#include <mutex>

namespace masthead {

/// Middle 32 bits of the NTP time (RFC 3550 4).
[[nodiscard]] std::uint32_t short_ntp_time(std::int64_t utc_us) noexcept;

/// Thread-safe.
class ReceiverReports {
  public:
    explicit ReceiverReports(std::uint32_t ssrc) noexcept : ssrc_(ssrc) {}

    /// A compound packet that came just now, and the time of this machine's clock. What is malformed is left
    /// out.
    void take(GstBuffer* rtcp, std::int64_t utc_us);
    /// Writes loss, round trip and progress; leaves them alone while there is no report.
    void tell(ViewerFigures& figures) const;

  private:
    void take_block(GstRTCPPacket* packet, guint index, std::int64_t utc_us);

    struct Block {
        std::int32_t lost = 0; // below zero where duplicates came (RFC 3550 A.3)
        std::uint8_t fraction_lost = 0;
        std::uint32_t highest_sequence_number = 0;
        std::optional<double> round_trip_ms;
    };
    const std::uint32_t ssrc_;
    mutable std::mutex mutex_;
    std::optional<Block> latest_;
};

} // namespace masthead
