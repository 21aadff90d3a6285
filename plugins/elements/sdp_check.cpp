#include "plugins/elements/sdp_check.hpp"

#include "plugins/elements/viewer/ice_candidate.hpp"
#include "plugins/elements/viewer/sdp_text.hpp"

#include <gst/sdp/sdp.h>

#include <algorithm>
#include <array>
#include <vector>

namespace masthead {

namespace {

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
    std::vector<Payload> payloads;
    std::string sctp_port;
    std::optional<std::string> max_message_size;
    bool reduced_size_rtcp = false;
    Transport transport;
    std::vector<std::string> candidates;
};

tl::unexpected<Error> wrong(std::string message) {
    return fail(Code::invalid_argument, "the answer " + std::move(message));
}

std::string name_of(const GstSDPMedia* media) {
    return sdp::shown(sdp::text(gst_sdp_media_get_media(media)));
}

Result<std::string> mid_of(const GstSDPMedia* media) {
    const auto mids = sdp::values(media, "mid");
    if (mids.size() != 1 || !sdp::is_token(mids[0], 1, 32)) {
        return wrong("needs exactly one a=mid in its m=" + name_of(media) + " section");
    }
    return std::string(mids[0]);
}

/// The attribute of a media section or, where it has none, of the session: RFC 8839 and 8122 allow both.
Result<std::string> transport_value(const GstSDPMessage* message, const GstSDPMedia* media,
                                    const char* name) {
    auto found = sdp::values(media, name);
    if (found.empty()) {
        found = sdp::values(message, name);
    }
    if (found.size() != 1) {
        return wrong(std::string(found.empty() ? "lacks a=" : "has more than one a=") + name +
                     " in its m=" + name_of(media) + " section");
    }
    return std::string(found[0]);
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
    if (!sdp::is_ice_text(ufrag, 4, 256) || !sdp::is_ice_text(password, 22, 256)) {
        return wrong("has ICE credentials that RFC 8839 does not allow");
    }
    auto digest = sdp::sha256_fingerprint(fingerprint);
    if (!digest) {
        return wrong("needs a sha-256 fingerprint: 32 bytes in hexadecimal with colons between");
    }
    if (setup == "actpass") {
        return fail(Code::unsupported,
                    "this is an offer (a=setup:actpass); the server makes the offers here");
    }
    if (setup != "active" && setup != "passive") {
        return wrong("has an a=setup that is neither active nor passive");
    }
    return Transport{std::move(ufrag), std::move(password), std::move(*digest), std::move(setup)};
}

Result<void> check_bundle(const GstSDPMessage* message, const std::vector<std::string>& mids) {
    const auto groups = sdp::values(message, "group");
    std::string wanted = "BUNDLE";
    for (const std::string& mid : mids) {
        wanted += ' ' + mid;
    }
    if (groups.size() != 1 || groups[0] != wanted) {
        return wrong("must have exactly one group line, 'a=group:" + wanted + "'");
    }
    return {};
}

/// What the offer says of one payload type: the answer may take it whole or leave it.
Result<Payload> payload_of(const GstSDPMedia* media, std::string_view number) {
    Payload payload{std::string(number), {}, {}, {}};
    for (const auto value : sdp::values(media, "rtpmap")) {
        if (sdp::first_word(value) == number) {
            payload.codec = sdp::after_first_word(value);
        }
    }
    for (const auto value : sdp::values(media, "fmtp")) {
        if (sdp::first_word(value) == number) {
            payload.format = sdp::after_first_word(value);
        }
    }
    for (const auto value : sdp::values(media, "rtcp-fb")) {
        if (sdp::first_word(value) == number) {
            payload.feedback.emplace_back(sdp::after_first_word(value));
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
        formats.emplace_back(sdp::text(gst_sdp_media_get_format(media, i)));
    }
    return formats;
}

Result<Payload> check_payload(const GstSDPMedia* offered, const GstSDPMedia* answered,
                              const std::string& number) {
    auto ours = payload_of(offered, number);
    const auto theirs = payload_of(answered, number);
    if (!theirs) {
        return tl::unexpected(theirs.error());
    }
    if (!ours || !sdp::same_ignoring_case(ours->codec, theirs->codec)) {
        return wrong("gives payload type " + number + " another codec than the offer");
    }
    if (sdp::same_ignoring_case(ours->codec, "H264/90000") &&
        sdp::parameter(theirs->format, "packetization-mode") != "1") {
        return wrong("must take H.264 with packetization-mode=1");
    }
    std::erase_if(ours->feedback, [&](const std::string& kind) {
        return std::find(theirs->feedback.begin(), theirs->feedback.end(), kind) == theirs->feedback.end();
    });
    return ours;
}

Result<void> check_video(const GstSDPMedia* offered, const GstSDPMedia* answered, Section& section) {
    const auto offered_formats = formats_of(offered);
    const auto formats = formats_of(answered);
    if (formats.empty() || formats[0] != offered_formats[0]) {
        return fail(Code::unsupported, "the answer does not take our H.264 (payload type " +
                                           offered_formats[0] + "): this browser cannot show the stream");
    }
    for (const std::string& number : formats) {
        if (std::count(formats.begin(), formats.end(), number) != 1 ||
            std::count(offered_formats.begin(), offered_formats.end(), number) != 1) {
            return wrong("lists payload type " + sdp::shown(number) +
                         " twice or without having been offered it");
        }
        auto payload = check_payload(offered, answered, number);
        if (!payload) {
            return tl::unexpected(payload.error());
        }
        section.payloads.push_back(std::move(*payload));
    }
    std::vector<std::string_view> directions;
    for (const char* name : {"sendrecv", "sendonly", "recvonly", "inactive"}) {
        for (std::size_t i = 0; i < sdp::values(answered, name).size(); ++i) {
            directions.emplace_back(name);
        }
    }
    if (directions.size() != 1 || directions[0] != "recvonly") {
        return wrong("must mark the video a=recvonly, once");
    }
    if (sdp::values(answered, "rtcp-mux").size() != 1) {
        return wrong("must have a=rtcp-mux for the video");
    }
    section.reduced_size_rtcp = !sdp::values(answered, "rtcp-rsize").empty();
    return {};
}

Result<void> check_data(const GstSDPMedia* answered, Section& section) {
    const auto ports = sdp::values(answered, "sctp-port");
    if (ports.size() != 1 || !sdp::number(ports[0], 1, 65535)) {
        return wrong("needs exactly one a=sctp-port between 1 and 65535");
    }
    section.sctp_port = ports[0];
    const auto sizes = sdp::values(answered, "max-message-size");
    if (sizes.size() > 1 || (sizes.size() == 1 && !sdp::number(sizes[0], 0, 0xFFFF'FFFF))) {
        return wrong("has a bad a=max-message-size");
    }
    if (!sizes.empty()) {
        section.max_message_size = std::string(sizes[0]);
    }
    return {};
}

Result<void> check_media_line(const GstSDPMedia* offered, const GstSDPMedia* answered) {
    if (sdp::text(gst_sdp_media_get_media(offered)) != sdp::text(gst_sdp_media_get_media(answered)) ||
        sdp::text(gst_sdp_media_get_proto(offered)) != sdp::text(gst_sdp_media_get_proto(answered))) {
        return wrong("does not repeat the offer's m= lines in their order");
    }
    if (gst_sdp_media_get_port(answered) == 0) {
        return fail(Code::unsupported, "the answer refuses the " + name_of(offered) +
                                           " (port 0): this browser cannot show the stream");
    }
    if (gst_sdp_media_get_port(answered) > 65535 || gst_sdp_media_get_num_ports(answered) > 1) {
        return wrong("has a bad port in its m=" + name_of(answered) + " line");
    }
    return {};
}

Result<std::vector<std::string>> candidates_of(const GstSDPMedia* media) {
    std::vector<std::string> checked;
    for (const auto value : sdp::values(media, "candidate")) {
        auto candidate = check_candidate("candidate:" + std::string(value));
        if (!candidate) {
            return tl::unexpected(candidate.error());
        }
        if (*candidate) {
            checked.push_back(std::move(**candidate));
        }
        if (checked.size() > kMaxCandidates) {
            return fail(Code::too_large, "the answer has more candidates than a peer needs");
        }
    }
    return checked;
}

Result<Section> check_section(const GstSDPMedia* offered, const GstSDPMessage* answer, guint index) {
    const GstSDPMedia* answered = gst_sdp_message_get_media(answer, index);
    if (auto line = check_media_line(offered, answered); !line) {
        return tl::unexpected(line.error());
    }
    const auto offered_mid = mid_of(offered);
    auto mid = mid_of(answered);
    if (!mid) {
        return tl::unexpected(mid.error());
    }
    if (!offered_mid || *mid != *offered_mid) {
        return wrong("gives the m=" + name_of(offered) + " section another mid than the offer");
    }
    Section section;
    section.mid = std::move(*mid);
    auto transport = transport_of(answer, answered);
    if (!transport) {
        return tl::unexpected(transport.error());
    }
    section.transport = std::move(*transport);
    const bool video = sdp::text(gst_sdp_media_get_media(offered)) == "video";
    if (auto media = video ? check_video(offered, answered, section) : check_data(answered, section);
        !media) {
        return tl::unexpected(media.error());
    }
    auto candidates = candidates_of(answered);
    if (!candidates) {
        return tl::unexpected(candidates.error());
    }
    section.candidates = std::move(*candidates);
    return section;
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
    out = "m=video 9 UDP/TLS/RTP/SAVPF";
    for (const Payload& payload : section.payloads) {
        out += ' ' + payload.number;
    }
    out += "\r\n" + nowhere + "a=rtcp-mux\r\na=recvonly\r\n";
    out += section.reduced_size_rtcp ? "a=rtcp-rsize\r\n" : "";
    for (const Payload& payload : section.payloads) {
        out += "a=rtpmap:" + payload.number + ' ' + payload.codec + "\r\n";
        out += payload.format.empty() ? "" : "a=fmtp:" + payload.number + ' ' + payload.format + "\r\n";
        for (const std::string& kind : payload.feedback) {
            out += "a=rtcp-fb:" + payload.number + ' ' + kind + "\r\n";
        }
    }
    return out;
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

} // namespace

Result<CheckedAnswer> check_answer(std::string_view offer, std::string_view answer) {
    const auto ours = sdp::parse(offer);
    if (!ours) {
        return fail(Code::internal, "our own offer cannot be read: " + ours.error().message);
    }
    const auto theirs = sdp::parse(answer);
    if (!theirs) {
        return tl::unexpected(theirs.error());
    }
    const guint count = gst_sdp_message_medias_len(ours->get());
    if (gst_sdp_message_medias_len(theirs->get()) != count) {
        return wrong("has " + std::to_string(gst_sdp_message_medias_len(theirs->get())) +
                     " m= lines, the offer has " + std::to_string(count));
    }
    std::vector<Section> sections;
    std::vector<std::string> mids;
    for (guint i = 0; i < count; ++i) {
        auto section = check_section(gst_sdp_message_get_media(ours->get(), i), theirs->get(), i);
        if (!section) {
            return tl::unexpected(section.error());
        }
        if (i > 0 && section->transport != sections[0].transport) {
            return wrong("has different transports in one BUNDLE group");
        }
        mids.push_back(section->mid);
        sections.push_back(std::move(*section));
    }
    if (auto bundle = check_bundle(theirs->get(), mids); !bundle) {
        return tl::unexpected(bundle.error());
    }
    return CheckedAnswer{answer_text(sections), sections[0].transport.fingerprint};
}

Result<std::optional<std::string>> check_candidate(std::string_view candidate) {
    auto parsed = parse_candidate(candidate);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    if (!*parsed || !(*parsed)->usable) {
        return std::nullopt;
    }
    return to_text(**parsed);
}

} // namespace masthead
