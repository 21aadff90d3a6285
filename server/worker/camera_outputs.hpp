// What a camera's pipeline does with its frames: viewers, encodings, taps for outputs. Private to
// server/worker.
#pragma once

#include "server/worker/camera_pipeline.hpp"
#include "server/worker/pipeline_builder.hpp"

#include <vector>

namespace masthead::worker {

/// Live streams never hold up their source: past two seconds (and what klvsync may wait) the oldest goes. A
/// file waits.
GstElement* add_queue(Builder& build, const std::string& name, const Recipe& recipe);

/// Those that an output names.
[[nodiscard]] std::vector<Rendition> used_renditions(const Recipe& recipe);

/// Everything behind `sync`, a klvsync; the encoders of renditions are added by start_renditions().
void build_outputs(Builder& build, const Recipe& recipe, CameraPipelineSettings settings, GstElement* sync,
                   CameraPipeline& camera);

/// Once the source's pad `camera` knows its codec. Runs on a streaming thread, before the first frame.
void start_renditions(GstElement* pipeline, const std::vector<Rendition>& renditions, GstPad* camera);

} // namespace masthead::worker
