// A video file from elsewhere, read from end to end: its frames as a recording takes them, and its KLV.
#pragma once

#include "plugins/klv/time.hpp"
#include "plugins/recording/frame_writer.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace masthead::recording_tool {

/// Borrowed for the call.
struct SourceFrame {
    recording::Frame frame; // its header and KLV are what the file itself says: of our own recordings alone
    std::int64_t ticks = 0; // its place on the file's one time line, 90 kHz: frame.pts without the wrap
    std::optional<klv::SeiTime> sei;
};

struct SourceKlv {
    ByteSpan bytes;         // a whole packet
    std::int64_t ticks = 0; // its place, as that of frames
};

struct SourceReaders {
    std::function<Result<void>(const SourceFrame&)> frame; // in decoding order
    std::function<void(const SourceKlv&)> klv;             // nothing: it is not looked at
};

struct SourceFacts {
    recording::Codec codec = recording::Codec::h264;
    std::string container;           // "MPEG-TS", "MP4"
    std::optional<Utc> created = {}; // what an MP4 says of itself
    std::uint64_t frames = 0;
    std::uint64_t without_time = 0; // frames left out
    bool klv_has_pts = true;        // false: the places of most packets are those of frames near them
    std::string damage = {};        // what ended the reading early; empty: nothing did
};

/// Calls back on one thread at a time; waits until all is read. Errors: not_found, malformed (empty, cut off
/// so that nothing can be read, no video file), unsupported (a codec that is not taken; the sentence says
/// which), unavailable (a GStreamer element is missing), and what the readers give.
[[nodiscard]] Result<SourceFacts> read_video(const std::filesystem::path& file, const SourceReaders& readers);

} // namespace masthead::recording_tool
