// Recorder: frames into files: a new one when the old is long or large enough, or time jumps, each with its
// index beside it.
#pragma once

#include "plugins/recording/gop_tally.hpp"

#include <filesystem>
#include <string>

namespace masthead::recording {

struct RecorderSettings {
    std::filesystem::path folder; // the camera's own; made when it is not there
    Codec codec = Codec::h264;
    ts::Ticks longest = 600 * 90'000; // of a file; it ends with the first GOP past it
    std::uint64_t largest = 1ULL << 30;
};

/// A file is one stretch of time: a gap of two seconds, and a clock that jumps by one against the frames' own
/// times, begin another. Append-only. A GOP's bytes reach the disk (fdatasync) before its line stands in the
/// index, so that after a crash or power loss at most the newest GOP is missing. The file is locked (flock)
/// while it is written. Blocks on the disk. Thread: any one at a time.
class Recorder {
  public:
    explicit Recorder(RecorderSettings settings);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// `frame.header.utc_us` is its capture time and is never 0. Frames before a key frame are left out.
    /// Errors: unavailable (cannot be written; the sentence says which file and why). The file is given up
    /// then, at its last whole GOP; the next key frame begins a new one.
    [[nodiscard]] Result<void> take(const Frame& frame);
    /// Ends the file. Error: as take().
    [[nodiscard]] Result<void> finish();

    /// The open file, or the last one; empty before the first.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return path_; }
    /// Of its index, so far.
    [[nodiscard]] std::uint64_t index_bytes() const noexcept { return index_bytes_; }
    /// Of all files.
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  private:
    class Handle;
    [[nodiscard]] Result<void> open(Utc start);
    [[nodiscard]] bool is_over(const Frame& key_frame) const;
    [[nodiscard]] Result<void> flush();
    [[nodiscard]] Result<void> commit(const std::string& lines);
    void give_up();
    [[nodiscard]] tl::unexpected<Error> broken(const std::string& what) const;

    RecorderSettings settings_;
    FrameWriter writer_;
    GopTally tally_;
    std::unique_ptr<Handle> recording_;
    std::unique_ptr<Handle> index_;
    std::filesystem::path path_;
    Bytes waiting_;           // not written yet
    std::uint64_t size_ = 0;  // of the file, with what waits
    std::uint64_t whole_ = 0; // of its GOPs that the index knows
    ts::Ticks began_ = 0;     // PTS of the file's first frame
    ts::Ticks last_pts_ = 0;  // of the newest frame
    Utc last_time_;
    std::uint64_t index_bytes_ = 0;
    std::uint64_t frames_ = 0;
    std::uint64_t bytes_ = 0;
};

} // namespace masthead::recording
