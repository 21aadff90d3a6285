// SDP in small pieces: parsing within limits, attributes as views, and the token grammars of RFC 8839 and
// 8122.
#pragma once

#include "plugins/bytes/result.hpp"

#include <gst/sdp/sdp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::sdp {

struct FreeMessage {
    void operator()(GstSDPMessage* message) const noexcept { gst_sdp_message_free(message); }
};
using Message = std::unique_ptr<GstSDPMessage, FreeMessage>;

/// At most kMaxSdpBytes of printable ASCII in lines "x=...". Errors: too_large, malformed.
[[nodiscard]] Result<Message> parse(std::string_view text);

/// "" for nullptr.
[[nodiscard]] inline std::string_view text(const gchar* value) noexcept { return value ? value : ""; }
/// Part of a peer's text, short enough for an error message.
[[nodiscard]] std::string shown(std::string_view text);

/// All values of an attribute, in order, borrowed from the message; "" for one without a value.
[[nodiscard]] std::vector<std::string_view> values(const GstSDPMessage* message, const char* name);
[[nodiscard]] std::vector<std::string_view> values(const GstSDPMedia* media, const char* name);

[[nodiscard]] std::string_view first_word(std::string_view text) noexcept;
[[nodiscard]] std::string_view after_first_word(std::string_view text) noexcept;
[[nodiscard]] bool same_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// `name`'s value in "name=value;name=value"; "" when absent.
[[nodiscard]] std::string_view parameter(std::string_view format, std::string_view name) noexcept;

/// Letters, digits and "-_." only.
[[nodiscard]] bool is_token(std::string_view text, std::size_t min, std::size_t max) noexcept;
/// RFC 8839 ice-char: letters, digits, "+" and "/".
[[nodiscard]] bool is_ice_text(std::string_view text, std::size_t min, std::size_t max) noexcept;
/// Decimal digits only, within min..max.
[[nodiscard]] std::optional<std::uint64_t> number(std::string_view text, std::uint64_t min,
                                                  std::uint64_t max) noexcept;
/// "sha-256 ab:cd:..." (RFC 8122 5) to "AB:CD:..."; nothing for any other function or length.
[[nodiscard]] std::optional<std::string> sha256_fingerprint(std::string_view value);

} // namespace masthead::sdp
