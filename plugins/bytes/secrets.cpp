#include "plugins/bytes/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace masthead {

namespace {

constexpr std::array<std::string_view, 6> kSecretOptions{"password", "passphrase", "pass",
                                                         "token",    "secret",     "key"};

bool same_letters(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// "?name=value" -> "?name=***" for the names above.
void hide_options(std::string& text) {
    for (auto mark = text.find_first_of("?&"); mark != std::string::npos;
         mark = text.find_first_of("?&", mark + 1)) {
        const auto equals = text.find('=', mark);
        if (equals == std::string::npos) {
            return;
        }
        const auto name = std::string_view(text).substr(mark + 1, equals - mark - 1);
        if (std::ranges::any_of(kSecretOptions, [&](std::string_view s) { return same_letters(s, name); })) {
            const auto end = std::min(text.find_first_of("&# ", equals), text.size());
            text.replace(equals + 1, end - equals - 1, "***");
        }
    }
}

} // namespace

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
    hide_options(out);
    return out;
}

} // namespace masthead
