// The gatekeeper before webrtcbin and libnice: what a browser sends is parsed, limited, compared with our
// offer and written anew from the checked parts, so that no byte of a peer's own text goes further.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace masthead {

inline constexpr std::size_t kMaxSdpBytes = 32 * 1024;
inline constexpr std::size_t kMaxCandidateBytes = 512;
inline constexpr std::size_t kMaxCandidates = 64;

struct CheckedAnswer {
    std::string sdp;                // for set-remote-description
    std::string fingerprint_sha256; // of the peer's DTLS certificate: 32 bytes as "AB:CD:..."
    bool takes_audio = false;       // what was offered of it
};

/// Checks a browser's answer (RFC 8829, 8839, 8841, 8842, 9143) against the offer that this process made: the
/// same media in the same order, none refused but audio, all in one BUNDLE group, H.264 and Opus with the
/// offered payload types received only, rtcp-mux, one set of ICE credentials, a sha-256 fingerprint, a role,
/// an SCTP port. Audio that is refused stands in `sdp` as if it were taken, for webrtcbin 1.22 aborts on
/// less: none must be sent then. Reentrant. Errors: too_large; malformed; invalid_argument for an answer that
/// does not fit the offer; unsupported when the peer refuses the video or sends an offer of its own.
[[nodiscard]] Result<CheckedAnswer> check_answer(std::string_view offer, std::string_view answer);

/// Checks one trickled candidate (RFC 8839 5.1), with or without "a=" before it. Gives the text for the ICE
/// agent, or nothing when the candidate is fine but of no use: the end of candidates (""), TCP, or an mDNS
/// name, which is never resolved here (the peer's checks reveal its address). Reentrant. Errors: too_large;
/// malformed; invalid_argument.
[[nodiscard]] Result<std::optional<std::string>> check_candidate(std::string_view candidate);

} // namespace masthead
