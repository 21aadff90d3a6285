#include "plugins/elements/webrtc/ice_candidate.hpp"

#include "plugins/elements/webrtc/sdp_check.hpp"
#include "plugins/elements/webrtc/sdp_text.hpp"
#include "plugins/glib/ref.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace masthead {

namespace {

constexpr std::size_t kLeastWords = 8; // foundation component transport priority address port "typ" type

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(Code::malformed, "the candidate's " + std::string(what));
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        words.push_back(sdp::first_word(text));
        text = sdp::after_first_word(text);
    }
    return words;
}

bool is_mdns_name(std::string_view name) {
    constexpr std::string_view kSuffix = ".local";
    if (!name.ends_with(kSuffix)) {
        return false;
    }
    name.remove_suffix(kSuffix.size());
    return sdp::is_token(name, 1, 63) && name.find_first_of("._") == std::string_view::npos;
}

/// Canonical text of an address that a datagram may be sent to.
Result<std::string> unicast_address(std::string_view text) {
    const auto ip = Ref<GInetAddress>::adopt(text.find('%') == std::string_view::npos
                                                 ? g_inet_address_new_from_string(std::string(text).c_str())
                                                 : nullptr);
    if (!ip) {
        return fail(
            Code::invalid_argument,
            "the candidate's address must be an IP address or a .local name; host names are not resolved");
    }
    std::string canonical = take_string(g_inet_address_to_string(ip.get()));
    if (g_inet_address_get_is_any(ip.get()) || g_inet_address_get_is_multicast(ip.get()) ||
        canonical == "255.255.255.255") {
        return fail(Code::invalid_argument, "the candidate's address is no unicast address");
    }
    return canonical;
}

Result<void> fill_address(std::string_view text, IceCandidate& candidate) {
    if (is_mdns_name(text)) {
        candidate.address = text;
        candidate.usable = false;
        return {};
    }
    auto address = unicast_address(text);
    if (!address) {
        return tl::unexpected(address.error());
    }
    candidate.address = std::move(*address);
    return {};
}

} // namespace

Result<std::optional<IceCandidate>> parse_candidate(std::string_view text) {
    if (text.size() > kMaxCandidateBytes) {
        return fail(Code::too_large,
                    "the candidate is longer than " + std::to_string(kMaxCandidateBytes) + " bytes");
    }
    if (text.starts_with("a=")) {
        text.remove_prefix(2);
    }
    if (text.empty()) {
        return std::nullopt;
    }
    constexpr std::string_view kStart = "candidate:";
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    if (!printable || !text.starts_with(kStart)) {
        return malformed("text must be one printable line that begins with 'candidate:'");
    }
    const auto words = words_of(text.substr(kStart.size()));
    if (words.size() < kLeastWords || words.size() % 2 != 0 || words[6] != "typ") {
        return malformed(
            "words do not follow RFC 8839: foundation component transport priority address port typ type");
    }
    IceCandidate candidate;
    candidate.foundation = words[0];
    candidate.type = words[7];
    const auto priority = sdp::number(words[3], 1, 0x7FFF'FFFF);
    const auto port = sdp::number(words[5], 1, 65535);
    constexpr std::array<std::string_view, 4> kTypes{"host", "srflx", "prflx", "relay"};
    if (!sdp::is_ice_text(words[0], 1, 32) || !priority || !port ||
        std::find(kTypes.begin(), kTypes.end(), words[7]) == kTypes.end()) {
        return malformed("foundation, priority, port or type is out of range");
    }
    if (words[1] != "1") {
        return fail(Code::invalid_argument, "the candidate's component must be 1: RTCP shares the port here");
    }
    const bool udp = sdp::same_ignoring_case(words[2], "udp");
    if (!udp && !sdp::same_ignoring_case(words[2], "tcp")) {
        return fail(Code::invalid_argument, "the candidate's transport must be udp");
    }
    candidate.priority = static_cast<std::uint32_t>(*priority);
    candidate.port = static_cast<std::uint16_t>(*port);
    candidate.usable = udp;
    if (auto address = fill_address(words[4], candidate); !address) {
        return tl::unexpected(address.error());
    }
    return candidate;
}

std::string to_text(const IceCandidate& candidate) {
    return "candidate:" + candidate.foundation + " 1 UDP " + std::to_string(candidate.priority) + ' ' +
           candidate.address + ' ' + std::to_string(candidate.port) + " typ " + candidate.type;
}

} // namespace masthead
