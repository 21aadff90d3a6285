// Clip: what of a camera's recordings a time touches, and how it is read.
#pragma once

#include "plugins/recording/frame_writer.hpp"
#include "plugins/recording/gop_time.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace masthead::recording_tool {

/// GOPs of one file, one behind the other.
struct Piece {
    std::filesystem::path path;
    std::string file; // "DAY/TIME.ts"
    recording::Codec codec = recording::Codec::h264;
    std::vector<recording::Gop> gops;
    bool goes_on = false; // where the piece before ends

    [[nodiscard]] std::uint64_t offset() const { return gops.front().offset; }
    [[nodiscard]] std::uint64_t bytes() const { return gops.back().offset + gops.back().bytes - offset(); }
};

struct Clip {
    std::string vehicle;
    std::string camera;
    std::vector<Piece> pieces;
    Utc from; // of its first GOP, to the end of its last
    Utc to;
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
};

/// The index of a recorded file; one that has none is read through. Errors: not_found, malformed,
/// unsupported.
[[nodiscard]] Result<recording::Index> index_for(const std::filesystem::path& file);

/// Every GOP that [from, to) touches. `folder`: the camera's, ROOT/VEHICLE/CAMERA. Errors: not_found (nothing
/// was recorded then), unavailable (a file is missing beside its index), malformed.
[[nodiscard]] Result<Clip> find_clip(const std::filesystem::path& folder, Utc from, Utc to);

/// A frame of a clip. Borrowed for the call.
struct ClipFrame {
    const recording::Frame& frame;
    const Piece& piece;
    std::uint64_t number = 0; // in the clip
    Utc time;                 // of its capture
    bool goes_on = true;      // false: the first one behind a gap, or of all
};

/// Hears a clip's frames in their order.
class FrameReceiver {
  public:
    FrameReceiver() = default;
    virtual ~FrameReceiver() = default;
    FrameReceiver(const FrameReceiver&) = delete;
    FrameReceiver& operator=(const FrameReceiver&) = delete;
    [[nodiscard]] virtual Result<void> take(const ClipFrame& frame) = 0;
    /// No more come.
    [[nodiscard]] virtual Result<void> finish() = 0;
};

struct ClipReaders {
    std::function<Result<void>(ByteSpan)> bytes; // as they stand in the files; may be absent
    std::vector<FrameReceiver*> frames;
    std::function<void(std::uint64_t bytes)> progress; // read so far; may be absent
};

/// Reads the clip once, for all. Error: unavailable (a file that became shorter, or cannot be read), and what
/// the readers give.
[[nodiscard]] Result<void> read_clip(const Clip& clip, const ClipReaders& readers);

} // namespace masthead::recording_tool
