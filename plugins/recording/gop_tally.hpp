// From frames in the order of a file to the lines of its index. The same for a file that is being written and
// for one that is read again, so that both indexes are equal.
#pragma once

#include "plugins/recording/index.hpp"

namespace masthead::recording {

/// What the index wants to know of a frame. The KLV is borrowed for the call.
struct FrameFacts {
    std::uint64_t offset = 0; // of the first packet that belongs to it (the PAT of a key frame)
    ts::Ticks pts = 0;
    bool key = false;
    std::optional<Utc> time; // capture time; nothing: the file does not say
    ByteSpan klv;
};

/// Lines come when a GOP is over; a GOP's track points come before it. Frames before the first key frame are
/// left out. Thread: any one at a time.
class GopTally {
  public:
    /// Appends the lines of the GOP that ends with this frame, if one does.
    void take(const FrameFacts& frame, std::string& lines);
    /// The open GOP, if there is one, ends at `offset`: its lines.
    void finish(std::uint64_t offset, std::string& lines);

  private:
    void note_track(const FrameFacts& frame, Utc time);

    std::optional<Gop> open_;
    ts::Ticks last_ = 0;                 // newest PTS of the open GOP, from its key frame's on
    ts::Ticks interval_ = 0;             // between frames
    std::optional<std::int64_t> second_; // of the last track point
    std::string track_;                  // lines of the open GOP
};

} // namespace masthead::recording
