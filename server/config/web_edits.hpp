// What people who edit by the web may not: they sit in a browser, not at the server's folder.
#pragma once

#include "plugins/bytes/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace masthead {

struct WebEditRules {
    std::vector<std::string> schemes{"rtsp", "rtsps", "udp", "srt", "rtp"}; // of URIs
    std::vector<std::string> hosts{"*"}; // of URIs: names or addresses, "*" stands for any part
};

/// Stands for a camera that is not known yet; of an address that no network has (RFC 5737).
inline constexpr const char* kSampleUri = "rtsp://192.0.2.1/stream";

/// Whether `uri` is of an allowed scheme and host. Error: forbidden, with what is allowed. Thread-safe.
[[nodiscard]] Result<void> check_web_uri(std::string_view uri, const WebEditRules& rules);

} // namespace masthead
