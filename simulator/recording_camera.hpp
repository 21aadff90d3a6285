// Records a simulated camera as fast as the machine can: frames of exact instants with their ST 0601 packets,
// straight into a recording's files.
#pragma once

#include "plugins/bytes/result.hpp"
#include "simulator/camera.hpp"

#include <string>

namespace masthead::sim {

struct RecordingOptions {
    std::string folder;     // the camera's own
    int file_seconds = 600; // how long a file is
};

/// `frames` frames from the scene's start on. Each has a packet as frame_klv() makes it. Errors: not_found
/// for a missing element, unavailable (cannot be written), internal (the encoder gave up).
[[nodiscard]] Result<void> record_camera(const RecordingOptions& options, const CameraScene& scene,
                                         std::int64_t frames);

} // namespace masthead::sim
