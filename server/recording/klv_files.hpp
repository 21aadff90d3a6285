// A clip's metadata as files of text: a line for each frame, with or without metadata.
#pragma once

#include "server/recording/clip.hpp"
#include "server/recording/klv_items.hpp"
#include "server/recording/output_file.hpp"

#include <set>

namespace masthead::recording_tool {

/// {"time":...,"pts":...,"file":"DAY/TIME.ts","items":{...}}: what the schema RecordedFrame of openapi.yaml
/// says of a frame, but for vehicle and camera, which `more` may put in ("\"vehicle\":..." with a comma
/// behind).
[[nodiscard]] std::string frame_json(const ClipFrame& frame, std::string_view more);

/// JSON lines.
class KlvJsonFile : public FrameReceiver {
  public:
    explicit KlvJsonFile(const std::filesystem::path& path) : file_(path) {}
    [[nodiscard]] Result<void> take(const ClipFrame& frame) override;
    [[nodiscard]] Result<void> finish() override { return file_.close(); }

  private:
    OutputFile file_;
};

/// Hears which items a clip has, to know the columns of its CSV.
class ItemSurvey : public FrameReceiver {
  public:
    [[nodiscard]] Result<void> take(const ClipFrame& frame) override;
    [[nodiscard]] Result<void> finish() override { return {}; }
    [[nodiscard]] const std::set<klv::Tag>& tags() const noexcept { return tags_; }

  private:
    std::set<klv::Tag> tags_;
};

/// CSV (RFC 4180) with a header line: frame, utc, time_us, pts, file, then a column for each item.
class KlvCsvFile : public FrameReceiver {
  public:
    KlvCsvFile(const std::filesystem::path& path, std::set<klv::Tag> tags)
        : file_(path), tags_(std::move(tags)) {}
    [[nodiscard]] Result<void> take(const ClipFrame& frame) override;
    [[nodiscard]] Result<void> finish() override;

  private:
    [[nodiscard]] Result<void> write_header();
    OutputFile file_;
    std::set<klv::Tag> tags_;
    bool begun_ = false;
};

} // namespace masthead::recording_tool
