// What one viewer was sent and says it received, as one set of figures.
#pragma once

#include "plugins/glib/ref.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace masthead {

/// Counts are since the viewer joined.
struct ViewerFigures {
    std::uint64_t bytes_sent = 0; // RTP
    std::uint64_t packets_sent = 0;
    std::uint64_t bitrate_bps = 0;    // since the figures before
    std::uint64_t packets_resent = 0; // of those sent
    // By the receiver's RTCP reports (RFC 3550 6.4.1):
    std::uint64_t packets_lost = 0;
    double loss = 0; // 0 to 1, in its latest report's interval
    std::optional<double> round_trip_ms;
    std::optional<std::uint32_t> highest_sequence_number; // extended
    std::uint32_t key_frame_requests = 0;                 // PLI and FIR
    std::uint32_t resend_requests = 0;                    // NACK packets
    std::uint64_t dropped_frames = 0;                     // not sent because the viewer was too slow
    std::uint64_t messages_sent = 0;
    std::uint64_t messages_dropped = 0; // because the data channel was full
    std::uint64_t packets_received = 0; // of any kind, from the viewer
    std::string address_kind;           // of the viewer's end: host, srflx, prflx, relay; "" if unknown
    std::string transport;              // udp, tcp; "" if unknown
};

/// What was sent and where to, out of webrtcbin's statistics (W3C webrtc-stats).
[[nodiscard]] ViewerFigures figures_of(const GstStructure* webrtc_stats);

/// "viewer-figures" with a field for each that others are told: names with dashes, round-trip-ms only when
/// known.
[[nodiscard]] Owned<GstStructure> to_structure(const ViewerFigures& figures);

} // namespace masthead
