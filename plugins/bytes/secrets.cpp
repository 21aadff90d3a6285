#include "plugins/bytes/secrets.hpp"

#include <algorithm>
#include <regex>

namespace masthead {

std::string without_password(std::string_view text) {
    constexpr std::string_view kScheme = "://";
    std::string out(text);
    for (auto scheme = out.find(kScheme); scheme != std::string::npos; scheme = out.find(kScheme, scheme)) {
        scheme += kScheme.size();
        const auto end = std::min(out.find_first_of("/?# ", scheme), out.size());
        // The last @ ends the user part: a password may hold one that was not escaped.
        const auto at = out.rfind('@', end);
        const auto colon = out.find(':', scheme);
        if (at != std::string::npos && at < end && colon < at) {
            out.replace(colon + 1, at - colon - 1, "***");
        }
    }
    if (out.find('=') == std::string::npos) {
        return out;
    }
    static const std::regex secret("([?&](?:password|passphrase|pass|token|secret|key)=)[^&# ]*",
                                   std::regex::icase);
    return std::regex_replace(out, secret, "$1***");
}

} // namespace masthead
