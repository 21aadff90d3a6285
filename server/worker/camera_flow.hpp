// What comes from a camera and what its pipeline lets go of, counted beside the pipeline.
#pragma once

#include "plugins/glib/ref.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace masthead::worker {

/// Thread: any one at a time; frames are counted on GStreamer's threads.
class CameraFlow {
  public:
    struct Totals {
        std::uint64_t frames = 0;
        std::uint64_t bytes = 0;
        std::uint64_t dropped_frames = 0; // by queues, because what is behind them was too slow
    };

    CameraFlow();
    ~CameraFlow();
    CameraFlow(const CameraFlow&) = delete;
    CameraFlow& operator=(const CameraFlow&) = delete;

    /// Counts on in another pipeline of the same camera (camera_pipeline.hpp), which does not run yet.
    void watch(GstBin* pipeline);
    [[nodiscard]] Totals totals() const;
    /// What a queue of such a pipeline let go of; nothing for other elements.
    [[nodiscard]] static std::optional<std::uint64_t> dropped_by(GstElement* element);

  private:
    struct Counts;
    class Queue;
    std::shared_ptr<Counts> counts_;
};

} // namespace masthead::worker
