// Peers that make the offer themselves: viewers (WHEP), and those who send video (WHIP). webrtcbin 1.22 only
// ever offers here, which is the path that is checked and proven: what the peer offered reaches it as the
// answer to its own offer, and the peer gets an answer written from ours. Both sides then speak of the same
// transport.
#pragma once

#include "plugins/elements/webrtc/sdp_section.hpp"

namespace masthead {

struct CheckedOffer {
    struct Line { // of the peer's, in order: the answer has as many
        std::string kind;
        std::string format;
        std::string mid;
    };
    std::vector<Line> lines;
    std::size_t video_line = 0;
    std::optional<std::size_t> data_line;
    std::optional<std::size_t> audio_line; // that takes Opus; not of publishers
    std::string audio_payload_type;        // that the peer gave Opus
    /// One that names the bundle's transport and has nothing for us. Chromium 156 with max-bundle cannot do
    /// without it, so it is answered as inactive, with its first codec.
    std::optional<std::size_t> silent_line;
    std::string silent_codec; // "opus/48000/2"
    bool bundle = false;
    std::string payload_type;            // that the peer gave H.264
    std::string profile_level_id;        // six hexadecimal digits
    std::optional<std::string> rtx_type; // of its retransmissions
    std::vector<std::string> feedback;   // "nack pli" ...
    sdp::Section media;                  // transport (setup: active or passive), candidates, data channel
};

/// Checks a viewer's offer: one H.264 it receives, packetization mode 1, rtcp-mux, credentials, a sha-256
/// fingerprint. Other media are left for the answer to refuse; data channels and audio must share the
/// video's transport. Reentrant. Errors: too_large, malformed, invalid_argument; unsupported when there is
/// nothing to show.
[[nodiscard]] Result<CheckedOffer> check_offer(std::string_view offer);

/// Checks the offer of a peer that sends one H.264; else the same.
[[nodiscard]] Result<CheckedOffer> check_publishers_offer(std::string_view offer);

/// Our offer, with audio only for a peer that has an audio_line, for H.264 of `offer.payload_type` with
/// retransmissions numbered as the peer did.
[[nodiscard]] std::string with_peers_numbers(const std::string& ours, const CheckedOffer& offer);
/// What the peer would have answered to ours. Error: internal.
[[nodiscard]] Result<std::string> as_answer_to(const std::string& ours, const CheckedOffer& offer);
/// What the peer is told. `candidates`: ours, all of them. Error: internal.
[[nodiscard]] Result<std::string> answer_for_peer(const std::string& ours, const CheckedOffer& offer,
                                                  const std::vector<std::string>& candidates);

} // namespace masthead
