#include "plugins/elements/webrtc/sdp_section.hpp"

#include "plugins/elements/webrtc/sdp_check.hpp"

#include <algorithm>
#include <array>

namespace masthead::sdp {

namespace {

/// The attribute of a media section or, where it has none, of the session: RFC 8839 and 8122 allow both.
Result<std::string> transport_value(const GstSDPMessage* message, const GstSDPMedia* media,
                                    const char* name) {
    auto found = values(media, name);
    if (found.empty()) {
        found = values(message, name);
    }
    if (found.size() != 1) {
        return wrong(std::string(found.empty() ? "lacks a=" : "has more than one a=") + name +
                     " in its m=" + name_of(media) + " section");
    }
    return std::string(found[0]);
}

std::string media_text(const Section& section) {
    const std::string nowhere = "c=IN IP4 0.0.0.0\r\n";
    std::string out;
    if (section.payloads.empty()) {
        out = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" + nowhere;
        out += "a=sctp-port:" + section.sctp_port + "\r\n";
        out += section.max_message_size ? "a=max-message-size:" + *section.max_message_size + "\r\n" : "";
        return out;
    }
    out = std::string("m=") + (section.audio ? "audio" : "video") + " 9 UDP/TLS/RTP/SAVPF";
    for (const Payload& payload : section.payloads) {
        out += ' ' + payload.number;
    }
    out += "\r\n" + nowhere + "a=rtcp-mux\r\n";
    out += section.sends ? "a=sendonly\r\n" : "a=recvonly\r\n";
    out += section.reduced_size_rtcp ? "a=rtcp-rsize\r\n" : "";
    for (const Payload& payload : section.payloads) {
        out += "a=rtpmap:" + payload.number + ' ' + payload.codec + "\r\n";
        out += payload.format.empty() ? "" : "a=fmtp:" + payload.number + ' ' + payload.format + "\r\n";
        for (const std::string& kind : payload.feedback) {
            out += "a=rtcp-fb:" + payload.number + ' ' + kind + "\r\n";
        }
    }
    for (const std::string& source : section.sources) {
        out += "a=" + source + "\r\n";
    }
    return out;
}

constexpr std::size_t kMaxSources = 4;
constexpr std::uint64_t kLastSource = 0xFFFF'FFFF;

} // namespace

tl::unexpected<Error> wrong(std::string message) {
    return fail(Code::invalid_argument, "the session description " + std::move(message));
}

std::string name_of(const GstSDPMedia* media) { return shown(text(gst_sdp_media_get_media(media))); }

Result<std::string> mid_of(const GstSDPMedia* media) {
    const auto mids = values(media, "mid");
    if (mids.size() != 1 || !is_token(mids[0], 1, 32)) {
        return wrong("needs exactly one a=mid in its m=" + name_of(media) + " section");
    }
    return std::string(mids[0]);
}

Result<Transport> transport_of(const GstSDPMessage* message, const GstSDPMedia* media) {
    std::array<std::string, 4> found;
    constexpr std::array kNames{"ice-ufrag", "ice-pwd", "fingerprint", "setup"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        auto value = transport_value(message, media, kNames[i]);
        if (!value) {
            return tl::unexpected(value.error());
        }
        found[i] = std::move(*value);
    }
    auto& [ufrag, password, fingerprint, setup] = found;
    if (!is_ice_text(ufrag, 4, 256) || !is_ice_text(password, 22, 256)) {
        return wrong("has ICE credentials that RFC 8839 does not allow");
    }
    auto digest = sha256_fingerprint(fingerprint);
    if (!digest) {
        return wrong("needs a sha-256 fingerprint: 32 bytes in hexadecimal with colons between");
    }
    if (setup != "active" && setup != "passive" && setup != "actpass") {
        return wrong("has an a=setup that is neither active, passive nor actpass");
    }
    return Transport{std::move(ufrag), std::move(password), std::move(*digest), std::move(setup)};
}

/// What the offer says of one payload type: the answer may take it whole or leave it.
Result<Payload> payload_of(const GstSDPMedia* media, std::string_view number) {
    Payload payload{std::string(number), {}, {}, {}};
    for (const auto value : values(media, "rtpmap")) {
        if (first_word(value) == number) {
            payload.codec = after_first_word(value);
        }
    }
    for (const auto value : values(media, "fmtp")) {
        if (first_word(value) == number) {
            payload.format = after_first_word(value);
        }
    }
    for (const auto value : values(media, "rtcp-fb")) {
        if (first_word(value) == number) {
            payload.feedback.emplace_back(after_first_word(value));
        }
    }
    if (payload.codec.empty()) {
        return wrong("lacks a=rtpmap for payload type " + payload.number);
    }
    return payload;
}

std::vector<std::string> formats_of(const GstSDPMedia* media) {
    std::vector<std::string> formats;
    for (guint i = 0; i < gst_sdp_media_formats_len(media); ++i) {
        formats.emplace_back(text(gst_sdp_media_get_format(media, i)));
    }
    return formats;
}

Result<std::vector<std::string>> candidates_of(const GstSDPMedia* media) {
    std::vector<std::string> checked;
    for (const auto value : values(media, "candidate")) {
        auto candidate = check_candidate("candidate:" + std::string(value));
        if (!candidate) {
            return tl::unexpected(candidate.error());
        }
        if (*candidate) {
            checked.push_back(std::move(**candidate));
        }
        if (checked.size() > kMaxCandidates) {
            return fail(Code::too_large, "the session description has more candidates than a peer needs");
        }
    }
    return checked;
}

std::vector<std::string> sources_of(const GstSDPMedia* media) {
    std::vector<std::string> known;
    for (const auto value : values(media, "ssrc")) {
        const std::string source(first_word(value));
        if (known.size() < kMaxSources && number(source, 1, kLastSource) &&
            std::ranges::find(known, source) == known.end()) {
            known.push_back(source);
        }
    }
    std::vector<std::string> sources;
    for (const auto value : values(media, "ssrc-group")) {
        const auto pair = after_first_word(value);
        const std::string video(first_word(pair));
        const std::string again(after_first_word(pair)); // retransmissions
        if (sources.empty() && first_word(value) == "FID" && std::ranges::find(known, video) != known.end() &&
            std::ranges::find(known, again) != known.end()) {
            sources.push_back("ssrc-group:FID " + video + ' ' + again);
        }
    }
    for (const std::string& source : known) {
        sources.push_back("ssrc:" + source + " cname:publisher");
    }
    return sources;
}

Result<void> read_data_channel(const GstSDPMedia* media, Section& section) {
    const auto ports = values(media, "sctp-port");
    if (ports.size() != 1 || !number(ports[0], 1, 65535)) {
        return wrong("needs exactly one a=sctp-port between 1 and 65535");
    }
    section.sctp_port = ports[0];
    const auto sizes = values(media, "max-message-size");
    if (sizes.size() > 1 || (sizes.size() == 1 && !number(sizes[0], 0, 0xFFFF'FFFF))) {
        return wrong("has a bad a=max-message-size");
    }
    if (!sizes.empty()) {
        section.max_message_size = std::string(sizes[0]);
    }
    return {};
}

std::string answer_text(const std::vector<Section>& sections) {
    std::string out =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-options:trickle\r\na=group:BUNDLE";
    for (const Section& section : sections) {
        out += ' ' + section.mid;
    }
    out += "\r\n";
    for (const Section& section : sections) {
        out += media_text(section);
        out += "a=mid:" + section.mid + "\r\n";
        out +=
            "a=ice-ufrag:" + section.transport.ufrag + "\r\na=ice-pwd:" + section.transport.password + "\r\n";
        out += "a=fingerprint:sha-256 " + section.transport.fingerprint + "\r\n";
        out += "a=setup:" + section.transport.setup + "\r\n";
        for (const std::string& candidate : section.candidates) {
            out += "a=" + candidate + "\r\n";
        }
    }
    return out;
}

} // namespace masthead::sdp
