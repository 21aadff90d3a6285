// One ICE candidate as a peer writes it (RFC 8839 5.1), parsed into numbers and addresses.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace masthead {

struct IceCandidate {
    std::string foundation;
    std::uint32_t priority = 0;
    std::string address; // canonical IP text; the name itself for mDNS
    std::uint16_t port = 0;
    std::string type;    // host, srflx, prflx, relay
    bool usable = false; // UDP to an IP address; else well-formed but of no use to us
};

/// Nothing for "" (end of candidates). Host names other than one-label .local names are refused, as are
/// unspecified, multicast and broadcast addresses. Errors: too_large, malformed, invalid_argument.
[[nodiscard]] Result<std::optional<IceCandidate>> parse_candidate(std::string_view text);

/// "candidate:..." without the peer's related address and extensions.
[[nodiscard]] std::string to_text(const IceCandidate& candidate);

} // namespace masthead
