#include "server/auth/turn.hpp"

#include "plugins/glib/ref.hpp"

#include <vector>

namespace masthead::auth {

TurnCredentials turn_credentials(std::string_view secret, const std::string& user, Utc now) {
    constexpr std::int64_t kSecond = 1'000'000;
    const std::int64_t end = now.us / kSecond + std::chrono::seconds(kTurnLifetime).count();
    TurnCredentials credentials{.username = std::to_string(end) + ":" + user, .password = {}};
    const std::string hex = take_string(g_compute_hmac_for_string(
        G_CHECKSUM_SHA1, reinterpret_cast<const guchar*>(secret.data()), secret.size(),
        credentials.username.data(), static_cast<gssize>(credentials.username.size())));
    std::vector<guchar> digest;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        digest.push_back(
            static_cast<guchar>(g_ascii_xdigit_value(hex[i]) << 4 | g_ascii_xdigit_value(hex[i + 1])));
    }
    credentials.password = take_string(g_base64_encode(digest.data(), digest.size()));
    return credentials;
}

} // namespace masthead::auth
