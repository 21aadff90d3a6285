// Importer: a video file from elsewhere, and a telemetry log, become a recording like any other.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"
#include "server/recording/progress.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace masthead::recording_tool {

struct ImportJob {
    std::filesystem::path file;
    std::filesystem::path log;               // of telemetry; empty: none
    std::optional<Utc> start;                // of the first frame
    std::chrono::microseconds log_offset{0}; // is added to the times of the log
    std::filesystem::path recordings;
    std::string vehicle;
    std::string camera;
};

struct ImportReport {
    std::vector<std::string> files; // VEHICLE/CAMERA/DAY/TIME.ts
    Utc from;
    Utc to;
    std::string container; // "MP4"
    std::string codec;     // "H.264"
    std::uint64_t frames = 0;
    std::uint64_t with_klv = 0; // frames
    std::string time_source;    // how the capture times are known
    std::vector<std::string> warnings;
};

/// Reads the file twice: to know its times, and to record it. Nothing is left of an import that fails. `stop`
/// is asked for each frame. Needs GStreamer initialized. Errors: as read_video() and read_log();
/// invalid_argument (nothing says when it was recorded), conflict (the log and the video, or the camera's
/// other recordings), unavailable (the disk; stopped).
[[nodiscard]] Result<ImportReport> import_file(const ImportJob& job, Progress& progress,
                                               const std::function<bool()>& stop);

} // namespace masthead::recording_tool
