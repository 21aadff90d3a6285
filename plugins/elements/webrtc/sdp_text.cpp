#include "plugins/elements/webrtc/sdp_text.hpp"

#include "plugins/elements/webrtc/sdp_check.hpp"

#include <algorithm>
#include <charconv>

namespace masthead::sdp {

namespace {

bool is_alnum(char c) noexcept { return g_ascii_isalnum(c); }

template <typename Allowed>
bool all_of(std::string_view text, std::size_t min, std::size_t max, Allowed allowed) noexcept {
    return text.size() >= min && text.size() <= max && std::all_of(text.begin(), text.end(), allowed);
}

template <typename Source, typename Count, typename Get>
std::vector<std::string_view> collect(const Source* source, const char* name, Count count, Get get) {
    std::vector<std::string_view> found;
    for (guint i = 0; i < count(source); ++i) {
        const GstSDPAttribute* attribute = get(source, i);
        if (text(attribute->key) == name) {
            found.push_back(text(attribute->value));
        }
    }
    return found;
}

} // namespace

Result<Message> parse(std::string_view source) {
    if (source.size() > kMaxSdpBytes) {
        return fail(Code::too_large,
                    "the session description is longer than " + std::to_string(kMaxSdpBytes) + " bytes");
    }
    const bool printable = std::all_of(source.begin(), source.end(), [](char c) {
        return (c >= 0x20 && c < 0x7F) || c == '\r' || c == '\n';
    });
    if (!printable || !source.starts_with("v=0")) {
        return fail(Code::malformed, "the session description must be printable ASCII that begins with v=0");
    }
    GstSDPMessage* raw = nullptr;
    if (gst_sdp_message_new(&raw) != GST_SDP_OK) {
        return fail(Code::internal, "no memory for a session description");
    }
    Message message(raw);
    // The parser reads up to the buffer's end but for its last line wants a terminator, so it gets a copy
    // with one.
    const std::string copy = std::string(source) + "\r\n";
    if (gst_sdp_message_parse_buffer(reinterpret_cast<const guint8*>(copy.data()),
                                     static_cast<guint>(copy.size()), message.get()) != GST_SDP_OK) {
        return fail(Code::malformed, "the session description cannot be parsed");
    }
    return message;
}

std::string shown(std::string_view part) {
    constexpr std::size_t kMost = 40;
    return std::string(part.substr(0, kMost)) + (part.size() > kMost ? "..." : "");
}

std::vector<std::string_view> values(const GstSDPMessage* message, const char* name) {
    return collect(message, name, gst_sdp_message_attributes_len, gst_sdp_message_get_attribute);
}

std::vector<std::string_view> values(const GstSDPMedia* media, const char* name) {
    return collect(media, name, gst_sdp_media_attributes_len, gst_sdp_media_get_attribute);
}

std::string_view first_word(std::string_view source) noexcept { return source.substr(0, source.find(' ')); }

std::string_view after_first_word(std::string_view source) noexcept {
    const auto space = source.find(' ');
    return space == std::string_view::npos ? std::string_view() : source.substr(space + 1);
}

bool same_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view parameter(std::string_view format, std::string_view name) noexcept {
    while (!format.empty()) {
        const auto end = format.find(';');
        std::string_view item = format.substr(0, end);
        format = end == std::string_view::npos ? std::string_view() : format.substr(end + 1);
        item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
        const auto equals = item.find('=');
        if (equals != std::string_view::npos && item.substr(0, equals) == name) {
            return item.substr(equals + 1);
        }
    }
    return {};
}

bool is_token(std::string_view source, std::size_t min, std::size_t max) noexcept {
    return all_of(source, min, max, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_ice_text(std::string_view source, std::size_t min, std::size_t max) noexcept {
    return all_of(source, min, max, [](char c) { return is_alnum(c) || c == '+' || c == '/'; });
}

std::optional<std::uint64_t> number(std::string_view source, std::uint64_t min, std::uint64_t max) noexcept {
    std::uint64_t value = 0;
    const char* end = source.data() + source.size();
    const auto [stop, error] = std::from_chars(source.data(), end, value);
    if (source.empty() || error != std::errc() || stop != end || value < min || value > max) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::string> sha256_fingerprint(std::string_view value) {
    constexpr std::size_t kDigestText = 32 * 3 - 1;
    const std::string_view digest = after_first_word(value);
    if (!same_ignoring_case(first_word(value), "sha-256") || digest.size() != kDigestText) {
        return std::nullopt;
    }
    std::string upper;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const bool separator = i % 3 == 2;
        if (separator ? digest[i] != ':' : !g_ascii_isxdigit(digest[i])) {
            return std::nullopt;
        }
        upper += g_ascii_toupper(digest[i]);
    }
    return upper;
}

} // namespace masthead::sdp
