// What people who edit by the web may not: they sit in a browser, not at the server's folder.
#pragma once

#include "plugins/bytes/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace masthead {

struct WebEditRules {
    std::vector<std::string> schemes{"rtsp", "rtsps", "udp", "srt", "rtp", "whip"}; // of URIs
    std::vector<std::string> hosts{"*"}; // of URIs: names or addresses, "*" stands for any part
    std::vector<std::string> secrets{"file:/run/secrets/*",
                                     "env:MASTHEAD_SECRET_*"}; // as a parameter names them
};

/// Stands for a camera that is not known yet; of an address that no network has (RFC 5737).
inline constexpr const char* kSampleUri = "rtsp://192.0.2.1/stream";
/// Stands for a secret that is not known yet: an empty text.
inline constexpr const char* kSampleSecret = "file:/dev/null";

/// Whether `uri` is of an allowed scheme and host. Error: forbidden, with what is allowed. Thread-safe.
[[nodiscard]] Result<void> check_web_uri(std::string_view uri, const WebEditRules& rules);

/// Whether `text` names a place ("file:/..." or "env:...") where a secret may be. Any other text is allowed.
/// Error: forbidden. Thread-safe.
[[nodiscard]] Result<void> check_web_secret(std::string_view text, const WebEditRules& rules);

} // namespace masthead
