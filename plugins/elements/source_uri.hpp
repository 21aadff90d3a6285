// The URI of a vehicle's camera: which kind of source it names, and how it may be shown to people.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstdint>
#include <string>

namespace masthead {

enum class SourceKind : std::uint8_t { rtsp, ts_udp, ts_rtp, ts_srt, file };

struct SourceUri {
    SourceKind kind = SourceKind::rtsp;
    std::string text;  // as given
    std::string shown; // without user, password and query
    std::string host;  // udp and rtp: address to bind to or group to join
    std::uint16_t port = 0;
    std::string path; // file
};

/// rtsp:// rtsps:// udp://ADDRESS:PORT rtp://ADDRESS:PORT srt://HOST:PORT file:///PATH. Error:
/// invalid_argument saying what is wrong, without the password: such a URI never names a camera, whereas a
/// host that is not known may be switched on later.
[[nodiscard]] Result<SourceUri> parse_source_uri(const std::string& text);

} // namespace masthead
