#include "plugins/elements/webrtc/sdp_check.hpp"

#include "plugins/elements/webrtc/ice_candidate.hpp"
#include "plugins/elements/webrtc/sdp_section.hpp"

#include <algorithm>
#include <vector>

namespace masthead {

namespace {

using namespace sdp;

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

/// The only direction that the section has; "" when there is none or more than one.
std::string_view direction_of(const GstSDPMedia* media) {
    std::vector<std::string_view> directions;
    for (const char* name : {"sendrecv", "sendonly", "recvonly", "inactive"}) {
        for (std::size_t i = 0; i < sdp::values(media, name).size(); ++i) {
            directions.emplace_back(name);
        }
    }
    return directions.size() == 1 ? directions[0] : std::string_view();
}

Result<void> check_media(const GstSDPMedia* offered, const GstSDPMedia* answered, Section& section) {
    const std::string kind = name_of(offered);
    const auto offered_formats = formats_of(offered);
    const auto formats = formats_of(answered);
    if (formats.empty() || formats[0] != offered_formats[0]) {
        return fail(Code::unsupported, "the answer does not take our " + kind + " (payload type " +
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
    if (direction_of(answered) != "recvonly") {
        return wrong("must mark the " + kind + " a=recvonly, once");
    }
    if (sdp::values(answered, "rtcp-mux").size() != 1) {
        return wrong("must have a=rtcp-mux for the " + kind);
    }
    section.reduced_size_rtcp = !sdp::values(answered, "rtcp-rsize").empty();
    return {};
}

bool is_audio(const GstSDPMedia* media) { return sdp::text(gst_sdp_media_get_media(media)) == "audio"; }

/// As the whole of the offer's were taken.
Result<void> take_all(const GstSDPMedia* offered, Section& section) {
    for (const std::string& number : formats_of(offered)) {
        auto payload = payload_of(offered, number);
        if (!payload) {
            return fail(Code::internal, "our own offer cannot be used: " + payload.error().message);
        }
        section.payloads.push_back(std::move(*payload));
    }
    return {};
}

Result<void> check_media_line(const GstSDPMedia* offered, const GstSDPMedia* answered) {
    if (sdp::text(gst_sdp_media_get_media(offered)) != sdp::text(gst_sdp_media_get_media(answered)) ||
        sdp::text(gst_sdp_media_get_proto(offered)) != sdp::text(gst_sdp_media_get_proto(answered))) {
        return wrong("does not repeat the offer's m= lines in their order");
    }
    if (gst_sdp_media_get_port(answered) == 0 && !is_audio(offered)) {
        return fail(Code::unsupported, "the answer refuses the " + name_of(offered) +
                                           " (port 0): this browser cannot show the stream");
    }
    if (gst_sdp_media_get_port(answered) > 65535 || gst_sdp_media_get_num_ports(answered) > 1) {
        return wrong("has a bad port in its m=" + name_of(answered) + " line");
    }
    return {};
}

/// What of an answered section is checked, and whether the peer takes it.
struct Checked {
    Section section;
    bool in_bundle = true;
    bool taken = true;
};

Result<void> read_transport(const GstSDPMessage* answer, const GstSDPMedia* answered, Section& section) {
    auto transport = transport_of(answer, answered);
    if (!transport) {
        return tl::unexpected(transport.error());
    }
    section.transport = std::move(*transport);
    if (section.transport.setup == "actpass") {
        return fail(Code::unsupported,
                    "this is an offer (a=setup:actpass); the server makes the offers here");
    }
    auto candidates = candidates_of(answered);
    if (!candidates) {
        return tl::unexpected(candidates.error());
    }
    section.candidates = std::move(*candidates);
    return {};
}

Result<Checked> check_section(const GstSDPMedia* offered, const GstSDPMessage* answer, guint index) {
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
    Checked checked;
    Section& section = checked.section;
    section.mid = std::move(*mid);
    section.audio = is_audio(offered);
    checked.in_bundle = gst_sdp_media_get_port(answered) != 0;
    checked.taken = checked.in_bundle && !(section.audio && direction_of(answered) == "inactive");
    if (auto transport = checked.in_bundle ? read_transport(answer, answered, section) : Result<void>();
        !transport) {
        return tl::unexpected(transport.error());
    }
    const bool data = sdp::text(gst_sdp_media_get_media(offered)) == "application";
    if (auto media = data            ? read_data_channel(answered, section)
                     : checked.taken ? check_media(offered, answered, section)
                                     : take_all(offered, section);
        !media) {
        return tl::unexpected(media.error());
    }
    return checked;
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
    CheckedAnswer result;
    std::vector<Section> sections;
    std::vector<std::string> mids;
    for (guint i = 0; i < count; ++i) {
        auto checked = check_section(gst_sdp_message_get_media(ours->get(), i), theirs->get(), i);
        if (!checked) {
            return tl::unexpected(checked.error());
        }
        Section& section = checked->section;
        if (!checked->in_bundle) {
            if (i == 0) {
                return fail(Code::internal, "our own offer does not begin with the video");
            }
            section.transport = sections[0].transport;
        } else if (i > 0 && section.transport != sections[0].transport) {
            return wrong("has different transports in one BUNDLE group");
        } else {
            mids.push_back(section.mid);
        }
        result.takes_audio = result.takes_audio || (section.audio && checked->taken);
        sections.push_back(std::move(section));
    }
    if (auto bundle = check_bundle(theirs->get(), mids); !bundle) {
        return tl::unexpected(bundle.error());
    }
    result.sdp = answer_text(sections);
    result.fingerprint_sha256 = sections[0].transport.fingerprint;
    return result;
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
