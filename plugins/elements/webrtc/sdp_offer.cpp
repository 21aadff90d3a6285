#include "plugins/elements/webrtc/sdp_offer.hpp"

#include <algorithm>
#include <array>

namespace masthead {

using namespace sdp;

namespace {

constexpr guint kMaxLines = 16;
constexpr const char* kRtpProfile = "UDP/TLS/RTP/SAVPF";
constexpr const char* kDataProfile = "UDP/DTLS/SCTP";
constexpr const char* kOpus = "opus/48000/2"; // whatever is inside (RFC 7587 7)

Result<CheckedOffer::Line> line_of(const GstSDPMedia* media) {
    const auto kind = text(gst_sdp_media_get_media(media));
    const bool data = kind == "application";
    const auto formats = formats_of(media);
    if ((kind != "audio" && kind != "video" && !data) || formats.empty() ||
        text(gst_sdp_media_get_proto(media)) != (data ? kDataProfile : kRtpProfile) ||
        (data ? formats[0] != "webrtc-datachannel" : !number(formats[0], 0, 127))) {
        return wrong("has a line 'm=" + name_of(media) + "' that is no WebRTC audio, video or data channel");
    }
    auto mid = mid_of(media);
    if (!mid) {
        return tl::unexpected(mid.error());
    }
    return CheckedOffer::Line{std::string(kind), formats[0], *std::move(mid)};
}

bool is_offered(const GstSDPMedia* media) {
    return gst_sdp_media_get_port(media) != 0 || !values(media, "bundle-only").empty();
}

bool is_profile(std::string_view id) {
    return id.size() == 6 && std::ranges::all_of(id, [](char c) { return g_ascii_isxdigit(c) != 0; });
}

/// Constrained baseline is what browsers take our stream by, then baseline, then any other name for it.
int rank_of(std::string_view profile_level_id) {
    constexpr std::array<std::string_view, 2> kBest{"42e0", "42"};
    for (std::size_t i = 0; i < kBest.size(); ++i) {
        if (same_ignoring_case(profile_level_id.substr(0, kBest[i].size()), kBest[i])) {
            return static_cast<int>(i);
        }
    }
    return static_cast<int>(kBest.size());
}

/// False when the section has no H.264 for us.
bool find_h264(const GstSDPMedia* media, CheckedOffer& offer) {
    int best = 3;
    const auto formats = formats_of(media);
    for (const std::string& format : formats) {
        const auto payload = payload_of(media, format);
        const auto profile = payload ? parameter(payload->format, "profile-level-id") : std::string_view();
        if (!payload || !number(format, 0, 127) || !same_ignoring_case(payload->codec, "H264/90000") ||
            parameter(payload->format, "packetization-mode") != "1" || !is_profile(profile) ||
            rank_of(profile) >= best) {
            continue;
        }
        best = rank_of(profile);
        offer.payload_type = format;
        offer.profile_level_id = profile;
        offer.feedback.clear();
        for (const char* kind : {"nack", "nack pli", "ccm fir"}) {
            if (std::ranges::find(payload->feedback, kind) != payload->feedback.end()) {
                offer.feedback.emplace_back(kind);
            }
        }
    }
    for (const std::string& format : formats) {
        const auto payload = payload_of(media, format);
        if (payload && number(format, 0, 127) && same_ignoring_case(payload->codec, "rtx/90000") &&
            parameter(payload->format, "apt") == offer.payload_type && format != offer.payload_type) {
            offer.rtx_type = format;
        }
    }
    return best < 3;
}

bool goes_our_way(const GstSDPMedia* media, const CheckedOffer& offer) {
    const char* const other_way = offer.media.sends ? "recvonly" : "sendonly";
    return values(media, other_way).empty() && values(media, "inactive").empty();
}

bool in_bundle(const GstSDPMessage* message, const std::string& mid) {
    for (const auto group : values(message, "group")) {
        const std::string words = std::string(group) + ' ';
        if (words.starts_with("BUNDLE ") && words.find(' ' + mid + ' ') != std::string::npos) {
            return true;
        }
    }
    return false;
}

Result<void> read_video(const GstSDPMessage* message, const GstSDPMedia* media, CheckedOffer& offer) {
    auto transport = transport_of(message, media);
    if (!transport) {
        return tl::unexpected(transport.error());
    }
    if (values(media, "rtcp-mux").empty()) {
        return wrong("must have a=rtcp-mux for the video");
    }
    offer.media.transport = std::move(*transport);
    offer.media.reduced_size_rtcp = !values(media, "rtcp-rsize").empty();
    auto candidates = candidates_of(media);
    if (!candidates) {
        return tl::unexpected(candidates.error());
    }
    offer.media.candidates = std::move(*candidates);
    if (offer.media.sends) {
        offer.media.sources = sources_of(media);
    }
    return {};
}

/// The data channel is taken only over the video's transport.
Result<void> read_data(const GstSDPMessage* message, guint index, CheckedOffer& offer) {
    const GstSDPMedia* media = gst_sdp_message_get_media(message, index);
    auto transport = transport_of(message, media);
    if (!transport) {
        return tl::unexpected(transport.error());
    }
    if (!offer.bundle || !in_bundle(message, offer.lines[index].mid) || *transport != offer.media.transport) {
        return {};
    }
    offer.data_line = index;
    return read_data_channel(media, offer.media);
}

/// Taken when there is an Opus for us whose number means nothing else in the bundle, over the video's
/// transport.
void read_audio(const GstSDPMessage* message, guint index, CheckedOffer& offer) {
    const GstSDPMedia* media = gst_sdp_message_get_media(message, index);
    const auto transport = transport_of(message, media);
    if (!offer.bundle || !in_bundle(message, offer.lines[index].mid) || !transport ||
        *transport != offer.media.transport || !goes_our_way(media, offer) ||
        values(media, "rtcp-mux").empty()) {
        return;
    }
    for (const std::string& format : formats_of(media)) {
        const auto payload = payload_of(media, format);
        if (payload && number(format, 0, 127) && same_ignoring_case(payload->codec, kOpus) &&
            format != offer.payload_type && format != offer.rtx_type) {
            offer.audio_line = index;
            offer.audio_payload_type = format;
            return;
        }
    }
}

bool is_codec(std::string_view text) {
    const auto slash = text.find('/');
    return slash != std::string_view::npos && is_token(text.substr(0, slash), 1, 32) &&
           std::ranges::all_of(text.substr(slash), [](char c) { return g_ascii_isdigit(c) || c == '/'; }) &&
           text.size() <= 64;
}

void read_silent(const GstSDPMessage* message, CheckedOffer& offer) {
    const auto is_first = [&](const CheckedOffer::Line& line) {
        return std::ranges::any_of(values(message, "group"), [&](std::string_view group) {
            return (std::string(group) + ' ').starts_with("BUNDLE " + line.mid + ' ');
        });
    };
    const auto first = std::ranges::find_if(offer.lines, is_first);
    const auto index = static_cast<std::size_t>(first - offer.lines.begin());
    if (!offer.bundle || first == offer.lines.end() || first->kind == "application" ||
        index == offer.video_line) {
        return;
    }
    const GstSDPMedia* media = gst_sdp_message_get_media(message, static_cast<guint>(index));
    const auto transport = transport_of(message, media);
    const auto payload = payload_of(media, first->format);
    if (transport && *transport == offer.media.transport && payload && is_codec(payload->codec)) {
        offer.silent_line = index;
        offer.silent_codec = payload->codec;
    }
}

Result<void> read_lines(const GstSDPMessage* message, CheckedOffer& offer) {
    const guint count = gst_sdp_message_medias_len(message);
    if (count > kMaxLines) {
        return wrong("has more than " + std::to_string(kMaxLines) + " m= lines");
    }
    bool found = false;
    for (guint i = 0; i < count; ++i) {
        const GstSDPMedia* media = gst_sdp_message_get_media(message, i);
        auto line = line_of(media);
        if (!line) {
            return tl::unexpected(line.error());
        }
        if (std::ranges::find(offer.lines, line->mid, &CheckedOffer::Line::mid) != offer.lines.end()) {
            return wrong("names the mid " + line->mid + " twice");
        }
        if (!found && line->kind == "video" && is_offered(media) && goes_our_way(media, offer) &&
            find_h264(media, offer)) {
            found = true;
            offer.video_line = i;
            offer.bundle = in_bundle(message, line->mid);
            if (auto read = read_video(message, media, offer); !read) {
                return read;
            }
        }
        offer.lines.push_back(*std::move(line));
    }
    if (!found) {
        return fail(Code::unsupported,
                    offer.media.sends ? "the offer has no video to send as H.264 with packetization-mode=1: "
                                        "set the publisher to H.264"
                                      : "the offer has no video to receive that takes H.264 with "
                                        "packetization-mode=1: this player cannot show the stream");
    }
    return {};
}

/// Our own text, which webrtcbin made.
struct Ours {
    Message message;
    const GstSDPMedia* video = nullptr;
    const GstSDPMedia* audio = nullptr;
    const GstSDPMedia* data = nullptr;
    Transport transport;
};

Result<Ours> parse_ours(const std::string& text) {
    auto message = parse(text);
    if (!message) {
        return fail(Code::internal, "our own offer cannot be read: " + message.error().message);
    }
    Ours ours{std::move(*message), nullptr, nullptr, nullptr, {}};
    for (guint i = 0; i < gst_sdp_message_medias_len(ours.message.get()); ++i) {
        const GstSDPMedia* media = gst_sdp_message_get_media(ours.message.get(), i);
        const auto kind = sdp::text(gst_sdp_media_get_media(media));
        (kind == "video" ? ours.video : kind == "audio" ? ours.audio : ours.data) = media;
    }
    auto transport = ours.video ? transport_of(ours.message.get(), ours.video) : wrong("has no video");
    if (!transport) {
        return fail(Code::internal, "our own offer cannot be used: " + transport.error().message);
    }
    ours.transport = std::move(*transport);
    return ours;
}

/// What one of our sections sends; none in ours when it only receives.
std::string sources_text(const GstSDPMedia* media) {
    std::string out;
    for (const char* name : {"ssrc-group", "ssrc"}) {
        for (const auto value : values(media, name)) {
            if (value.find(" msid:") == std::string_view::npos) {
                out += std::string("a=") + name + ':' + std::string(value) + "\r\n";
            }
        }
    }
    return out;
}

std::string video_text(const Ours& ours, const CheckedOffer& offer) {
    const std::string& type = offer.payload_type;
    std::string out = std::string("m=video 9 ") + kRtpProfile + ' ' + type +
                      (offer.rtx_type ? ' ' + *offer.rtx_type : "") + "\r\nc=IN IP4 0.0.0.0\r\n";
    out += "a=rtcp-mux\r\n";
    out += offer.media.sends ? "a=recvonly\r\n" : "a=sendonly\r\na=msid:masthead video\r\n";
    out += offer.media.reduced_size_rtcp ? "a=rtcp-rsize\r\n" : "";
    out += "a=rtpmap:" + type + " H264/90000\r\n";
    out += "a=fmtp:" + type +
           " level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" + offer.profile_level_id +
           "\r\n";
    for (const std::string& kind : offer.feedback) {
        out += "a=rtcp-fb:" + type + ' ' + kind + "\r\n";
    }
    if (offer.rtx_type) {
        out += "a=rtpmap:" + *offer.rtx_type + " rtx/90000\r\na=fmtp:" + *offer.rtx_type + " apt=" + type +
               "\r\n";
    }
    return out + sources_text(ours.video);
}

std::string audio_text(const Ours& ours, const CheckedOffer& offer) {
    const std::string& type = offer.audio_payload_type;
    return std::string("m=audio 9 ") + kRtpProfile + ' ' + type +
           "\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=sendonly\r\na=msid:masthead audio\r\na=rtpmap:" + type +
           ' ' + kOpus + "\r\n" + sources_text(ours.audio);
}

std::string transport_text(const Ours& ours, const CheckedOffer& offer,
                           const std::vector<std::string>& candidates) {
    std::string out = "a=ice-ufrag:" + ours.transport.ufrag + "\r\na=ice-pwd:" + ours.transport.password +
                      "\r\na=fingerprint:sha-256 " + ours.transport.fingerprint +
                      "\r\na=setup:" + (offer.media.transport.setup == "active" ? "passive" : "active") +
                      "\r\n";
    for (const std::string& candidate : candidates) {
        out += "a=" + candidate + "\r\n";
    }
    return out + "a=end-of-candidates\r\n";
}

Result<CheckedOffer> check(std::string_view source, bool sends) {
    const auto message = parse(source);
    if (!message) {
        return tl::unexpected(message.error());
    }
    CheckedOffer offer;
    offer.media.sends = sends;
    if (auto read = read_lines(message->get(), offer); !read) {
        return tl::unexpected(read.error());
    }
    for (guint i = 0; i < offer.lines.size() && !sends; ++i) {
        const std::string& kind = offer.lines[i].kind;
        if (!is_offered(gst_sdp_message_get_media(message->get(), i))) {
            continue;
        }
        if (kind == "audio" && !offer.audio_line) {
            read_audio(message->get(), i, offer);
        }
        if (kind == "application" && !offer.data_line) {
            if (auto read = read_data(message->get(), i, offer); !read) {
                return tl::unexpected(read.error());
            }
        }
    }
    read_silent(message->get(), offer);
    auto& setup = offer.media.transport.setup;
    setup = setup == "actpass" ? "active" : setup;
    return offer;
}

} // namespace

Result<CheckedOffer> check_offer(std::string_view source) { return check(source, false); }

Result<CheckedOffer> check_publishers_offer(std::string_view source) { return check(source, true); }

std::string with_peers_numbers(const std::string& ours, const CheckedOffer& offer) {
    const auto parsed = parse_ours(ours);
    if (!parsed || !offer.rtx_type) {
        return ours;
    }
    const auto formats = formats_of(parsed->video);
    const auto old = std::ranges::find_if(formats, [&](const std::string& format) {
        const auto payload = payload_of(parsed->video, format);
        return payload && same_ignoring_case(payload->codec, "rtx/90000");
    });
    if (old == formats.end()) {
        return ours;
    }
    std::string out;
    bool in_video = false;
    for (std::size_t at = 0; at < ours.size();) {
        const std::size_t end = std::min(ours.find("\r\n", at), ours.size());
        std::string line = ours.substr(at, end - at);
        at = end + 2;
        in_video = line.starts_with("m=") ? line.starts_with("m=video ") : in_video;
        if (line.starts_with("m=video ")) {
            line = std::string("m=video 9 ") + kRtpProfile + ' ' + offer.payload_type + ' ' + *offer.rtx_type;
        }
        for (const char* name : {"a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"}) {
            if (in_video && line.starts_with(name + *old + ' ')) {
                line = name + *offer.rtx_type + line.substr(std::string_view(name).size() + old->size());
            }
        }
        out += line + "\r\n";
    }
    return out;
}

namespace {

/// What the peer would have said to one of our sections.
Result<Section> section_for(const GstSDPMedia* ours, const CheckedOffer& offer) {
    auto mid = mid_of(ours);
    if (!mid) {
        return tl::unexpected(mid.error());
    }
    const auto kind = text(gst_sdp_media_get_media(ours));
    Section section = offer.media;
    section.mid = *std::move(mid);
    section.audio = kind == "audio";
    for (const std::string& format : kind == "application" ? std::vector<std::string>() : formats_of(ours)) {
        auto payload = payload_of(ours, format);
        if (!payload) {
            return tl::unexpected(payload.error());
        }
        std::erase_if(payload->feedback, [&](const std::string& wanted) {
            return std::ranges::find(offer.feedback, wanted) == offer.feedback.end();
        });
        section.payloads.push_back(std::move(*payload));
    }
    return section;
}

} // namespace

Result<std::string> as_answer_to(const std::string& text, const CheckedOffer& offer) {
    const auto ours = parse_ours(text);
    if (!ours) {
        return tl::unexpected(ours.error());
    }
    std::vector<Section> sections;
    for (guint i = 0; i < gst_sdp_message_medias_len(ours->message.get()); ++i) {
        auto section = section_for(gst_sdp_message_get_media(ours->message.get(), i), offer);
        if (!section) {
            return fail(Code::internal, "our own offer cannot be used: " + section.error().message);
        }
        sections.push_back(*std::move(section));
    }
    return answer_text(sections);
}

Result<std::string> answer_for_peer(const std::string& text, const CheckedOffer& offer,
                                    const std::vector<std::string>& candidates) {
    const auto ours = parse_ours(text);
    if (!ours) {
        return tl::unexpected(ours.error());
    }
    std::string out = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
    std::string group;
    for (std::size_t i = 0; i < offer.lines.size(); ++i) {
        const bool taken = i == offer.video_line || i == offer.data_line || i == offer.silent_line ||
                           (ours->audio && i == offer.audio_line);
        group += taken ? ' ' + offer.lines[i].mid : "";
    }
    out += offer.bundle ? "a=group:BUNDLE" + group + "\r\n" : "";
    out += "a=msid-semantic: WMS masthead\r\n";
    for (std::size_t i = 0; i < offer.lines.size(); ++i) {
        const CheckedOffer::Line& line = offer.lines[i];
        if (i == offer.video_line) {
            out += video_text(*ours, offer) + transport_text(*ours, offer, candidates);
        } else if (i == offer.data_line) {
            out += std::string("m=application 9 ") + kDataProfile + " webrtc-datachannel\r\n";
            out += "c=IN IP4 0.0.0.0\r\na=sctp-port:5000\r\n" + transport_text(*ours, offer, candidates);
        } else if (ours->audio && i == offer.audio_line) {
            out += audio_text(*ours, offer) + transport_text(*ours, offer, candidates);
        } else if (i == offer.silent_line) {
            out += "m=" + line.kind + " 9 " + kRtpProfile + ' ' + line.format + "\r\nc=IN IP4 0.0.0.0\r\n";
            out += "a=inactive\r\na=rtcp-mux\r\na=rtpmap:" + line.format + ' ' + offer.silent_codec + "\r\n" +
                   transport_text(*ours, offer, candidates);
        } else {
            out += "m=" + line.kind + " 0 " + (line.kind == "application" ? kDataProfile : kRtpProfile) +
                   ' ' + line.format + "\r\nc=IN IP4 0.0.0.0\r\n" +
                   (line.kind == "application" ? "" : "a=inactive\r\n");
        }
        out += "a=mid:" + line.mid + "\r\n";
    }
    return out;
}

} // namespace masthead
