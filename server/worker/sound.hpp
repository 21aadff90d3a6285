// A camera's sound on its way to viewers: encoded as Opus, or passed on where it is Opus, beside the video
// and never in its way. Private to server/worker.
#pragma once

#include "server/worker/camera_pipeline.hpp"
#include "server/worker/pipeline_builder.hpp"

namespace masthead::worker {

/// Whether a camera's sound is of use to anyone.
[[nodiscard]] bool wants_sound(const Recipe& recipe);

/// What is there whatever the camera sends: a queue that lets go of the oldest, and a tee to the viewers of
/// all renditions. After their viewersinks.
void build_sound(Builder& build, const Recipe& recipe, const CameraPipeline& camera);

/// Once the source's pad `camera` knows what the sound is. False when it is not wanted. A kind that is not
/// known is an error of the sound's. Runs on a streaming thread, before the first sound.
[[nodiscard]] bool start_sound(GstElement* pipeline, GstPad* camera);

} // namespace masthead::worker
