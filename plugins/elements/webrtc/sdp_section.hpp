// The parts of a session description that viewers need, read with checks and written anew.
#pragma once

#include "plugins/elements/webrtc/sdp_text.hpp"

namespace masthead::sdp {

struct Transport {
    std::string ufrag;
    std::string password;
    std::string fingerprint;
    std::string setup;

    bool operator==(const Transport&) const = default;
};

struct Payload {
    std::string number;
    std::string codec; // "H264/90000", "rtx/90000"
    std::string format;
    std::vector<std::string> feedback;
};

struct Section {
    std::string mid;
    bool audio = false; // else video, or without payloads a data channel
    std::vector<Payload> payloads;
    std::string sctp_port;
    std::optional<std::string> max_message_size;
    bool reduced_size_rtcp = false;
    bool sends = false;               // its video; else it receives ours
    std::vector<std::string> sources; // of what it sends: values of a=ssrc and a=ssrc-group
    Transport transport;
    std::vector<std::string> candidates;
};

/// "the session description <message>", invalid_argument.
[[nodiscard]] tl::unexpected<Error> wrong(std::string message);

/// What the m= line begins with, shown().
[[nodiscard]] std::string name_of(const GstSDPMedia* media);
[[nodiscard]] Result<std::string> mid_of(const GstSDPMedia* media);
/// ICE credentials, a sha-256 fingerprint and a role, of the section or of the whole session.
[[nodiscard]] Result<Transport> transport_of(const GstSDPMessage* message, const GstSDPMedia* media);
[[nodiscard]] std::vector<std::string> formats_of(const GstSDPMedia* media);
/// What a section says of one payload type, unchecked but for having a codec.
[[nodiscard]] Result<Payload> payload_of(const GstSDPMedia* media, std::string_view number);
/// Those that are of use, as check_candidate() writes them.
[[nodiscard]] Result<std::vector<std::string>> candidates_of(const GstSDPMedia* media);
/// Values of a=ssrc-group (FID alone) and a=ssrc, with a name of ours; wrong or further ones are left out.
[[nodiscard]] std::vector<std::string> sources_of(const GstSDPMedia* media);
/// a=sctp-port and a=max-message-size.
[[nodiscard]] Result<void> read_data_channel(const GstSDPMedia* media, Section& section);

/// An answer that receives video and audio or sends video, and has data channels, with all sections in one
/// BUNDLE group.
[[nodiscard]] std::string answer_text(const std::vector<Section>& sections);

} // namespace masthead::sdp
