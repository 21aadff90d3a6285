// A clip's video as MP4, not encoded anew.
#pragma once

#include "server/recording/clip.hpp"

#include <memory>
#include <vector>

namespace masthead::recording_tool {

/// One file for each stretch: a gap, another codec and other parameter sets (a size, a profile) begin
/// another, for an MP4 has one of each. Needs GStreamer initialized. Errors: unavailable (the disk, or an
/// element is missing), too_large (more than 200 stretches).
class Mp4Files : public FrameReceiver {
  public:
    /// Files are FOLDER/NAME-2026-11-22T14-03-22Z.mp4, by their first frame.
    Mp4Files(std::filesystem::path folder, std::string name);
    ~Mp4Files() override;
    [[nodiscard]] Result<void> take(const ClipFrame& frame) override;
    [[nodiscard]] Result<void> finish() override;
    /// In the order of time.
    [[nodiscard]] const std::vector<std::filesystem::path>& files() const noexcept { return files_; }

  private:
    class Muxer;
    [[nodiscard]] Result<void> begin(const ClipFrame& frame);

    std::filesystem::path folder_;
    std::string name_;
    std::vector<std::filesystem::path> files_;
    std::unique_ptr<Muxer> muxer_;
    Bytes parameter_sets_; // of the open file
};

/// SPS and PPS (and VPS) of an access unit in byte-stream form, one behind the other; empty where it has
/// none.
[[nodiscard]] Bytes parameter_sets_of(ByteSpan access_unit, recording::Codec codec);

/// "2026-11-22T14-03-22Z"
[[nodiscard]] std::string file_time(Utc time);

/// What GStreamer is told of such video: byte-stream, one access unit a buffer.
[[nodiscard]] const char* caps_of(recording::Codec codec);

} // namespace masthead::recording_tool
