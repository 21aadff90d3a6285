// Short-lived credentials for a TURN server, as coturn's `use-auth-secret` takes them (the "TURN REST API").
#pragma once

#include "plugins/bytes/utc.hpp"

#include <string>
#include <string_view>

namespace masthead::auth {

inline constexpr std::chrono::hours kTurnLifetime{12}; // a watch and its handover

struct TurnCredentials {
    std::string username; // "<end, seconds since 1970>:<user>"
    std::string password; // base64 of HMAC-SHA1 of the name under the shared secret
};

/// Thread-safe.
[[nodiscard]] TurnCredentials turn_credentials(std::string_view secret, const std::string& user, Utc now);

} // namespace masthead::auth
