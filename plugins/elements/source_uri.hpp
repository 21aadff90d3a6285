// Where a vehicle's camera is found: by URI, which kind of source that names, and how it may be shown to
// people; or as a gst-launch fragment.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace masthead {

enum class SourceKind : std::uint8_t { rtsp, ts_udp, ts_rtp, ts_srt, file, launch, whip };

/// Set on an element of a fragment once it is made.
struct LaunchValue {
    std::string element;
    std::string property;
    std::string value;
};

struct SourceUri {
    SourceKind kind = SourceKind::rtsp;
    std::string text;  // as given: the URI or the fragment
    std::string shown; // without user, password and query
    std::string host;  // udp and rtp: address to bind to or group to join
    std::uint16_t port = 0;
    std::string path;                // file
    std::vector<LaunchValue> values; // launch
};

/// rtsp:// rtsps:// udp://ADDRESS:PORT rtp://ADDRESS:PORT srt://HOST:PORT file:///PATH whip:. Error:
/// invalid_argument saying what is wrong, without the password: such a URI never names a camera, whereas a
/// host that is not known may be switched on later.
[[nodiscard]] Result<SourceUri> parse_source_uri(const std::string& text);

} // namespace masthead
