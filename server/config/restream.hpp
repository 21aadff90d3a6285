// Where a camera's video goes besides browsers: MPEG-TS with its KLV by UDP, SRT and RTSP.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace masthead {

struct UdpTarget {
    std::string host; // a name, an address, or a multicast group
    std::uint16_t port = 0;
    int ttl = 64;               // 1..255; 1 for a group unless told otherwise
    std::string interface_name; // of a group; empty: as the routes say
};

struct SrtTarget {
    bool listens = false;
    std::string host; // to call, or the address to listen at
    std::uint16_t port = 0;
    int latency_ms = 125;        // 20..8000
    std::string stream_id;       // of a caller
    std::string passphrase_file; // its first line; empty: none
    std::string passphrase_env;  // a variable's name; empty: none
};

struct RtspMount {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8554;
    std::string path = "/live"; // letters, digits and . _ - / after the first slash
    int max_clients = 8;        // 1..1000
};

struct Restream {
    std::string name;
    std::string rendition; // of the recipe; empty: the camera's own video
    std::variant<UdpTarget, SrtTarget, RtspMount> target;
};

} // namespace masthead
