// HLS playlists (RFC 8216) over the byte ranges of recorded files: a segment is a GOP.
#pragma once

#include "plugins/recording/index.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace masthead::archive {

struct PlaylistFile {
    std::string uri; // relative to the playlist
    std::vector<recording::Gop> gops;
    std::int64_t number = 0;    // of the camera's files
    std::int64_t first_gop = 0; // of the camera's GOPs
    bool missing = false;       // its bytes cannot be had: EXT-X-GAP
};

/// ts: byte ranges of the files. fmp4: what the server makes of each GOP when it is asked for.
enum class Container : std::uint8_t { ts, fmp4 };

/// Every GOP that [from, to) touches, in the order of `files`. A gap, a jump of the clock and the begin of
/// another run of the recorder are EXT-X-DISCONTINUITY; EXT-X-PROGRAM-DATE-TIME, the capture time, stands
/// where it differs by 1 ms or more from what durations say. Empty: there is nothing.
[[nodiscard]] std::string vod_playlist(const std::vector<PlaylistFile>& files, Utc from, Utc to,
                                       Container container = Container::ts);

/// The newest GOPs of about `window`, at least one, without an end. Numbers go on from one asking to the
/// next: each file begins with a discontinuity.
[[nodiscard]] std::string live_playlist(const std::vector<PlaylistFile>& files, std::chrono::seconds window);

} // namespace masthead::archive
