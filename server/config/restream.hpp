// Where a camera's video goes besides browsers: MPEG-TS with its KLV by UDP, SRT and RTSP, and onto the disk.
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

/// What is recorded, and for how long it is kept.
struct Record {
    std::string rendition;     // of the recipe; empty: the camera's own video
    int file_minutes = 10;     // 1..1440
    int file_megabytes = 1024; // 1..1048576
    int keep_days = 30;        // 0..36500; 0: for ever
    int keep_gigabytes = 0;    // 0..1048576; 0: no limit
};

/// Recordings on disk; made from a recipe's Record by who knows the folder.
struct RecordingFolder {
    std::string path; // the camera's own
    int file_minutes = 10;
    int file_megabytes = 1024;
};

using OutputTarget = std::variant<UdpTarget, SrtTarget, RtspMount, RecordingFolder>;

struct Restream {
    std::string name;
    std::string rendition; // of the recipe; empty: the camera's own video
    OutputTarget target;
};

} // namespace masthead
