// A recipe made into elements: vehiclesrc ! queue ! klvsync ! queue ! tee ! viewersink, with the KLV roads,
// sound, encoders and taps for outputs beside it.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/telemetry/sample.hpp"
#include "server/config/recipe.hpp"
#include "server/worker/embedded_items.hpp"
#include "server/worker/frame_tap.hpp"
#include "server/worker/rendition_gate.hpp"

#include <functional>
#include <memory>
#include <string>

namespace masthead::worker {

struct CameraPipeline {
    Ref<GstElement> pipeline;
    Ref<GstElement> source;                         // the vehiclesrc
    std::map<std::string, Ref<GstElement>> viewers; // the viewersinks by rendition, "" for the camera's own
    std::map<std::string, std::shared_ptr<RenditionGate>> gates; // by rendition; see gate_renditions()
    Ref<GstElement> link_klv;       // the appsrc for KLV made from a link; empty when the recipe takes none
    std::vector<Restream> restream; // the outputs that its taps are for
    std::shared_ptr<EmbeddedItems> items; // what the stream itself says (with telemetry source both)
};

struct CameraPipelineSettings {
    std::string ice_addresses; // comma separated
    std::string ice_ports;     // FIRST-LAST; empty: any
    bool ice_tcp = false;      // of viewers
    /// What a frame's KLV says, at most 10 times a second; called on a streaming thread.
    std::function<void(const Sample&)> frame_telemetry;
    FrameTaps taps; // those of the recipe's outputs; frames of one that is not here go nowhere
};

/// The pipeline is in state NULL. Errors: unavailable (an element is not installed), internal (one lacks a
/// property or pad).
[[nodiscard]] Result<CameraPipeline> build_camera_pipeline(const Recipe& recipe,
                                                           CameraPipelineSettings settings);

/// Puts `gates` before the decoders of renditions that nobody but viewers takes. Once, before the pipeline
/// runs, and after whoever counts what leaves its queues, or they take for lost what a gate keeps.
void gate_renditions(const Recipe& recipe, CameraPipeline& camera);

/// Whether an error comes from the elements of the sound, whose trouble is not the video's.
[[nodiscard]] bool is_of_sound(GstMessage* message);
/// Makes the sound's elements anew after one of their errors. Thread: one that changes the pipeline's state.
void restart_sound(const CameraPipeline& camera);

/// Gives the camera what a link said, timed for its running pipeline; nothing when `sample` has no KLV item.
/// Never blocks: past 256 packets the oldest go. Thread: any one at a time.
void push_link_sample(const CameraPipeline& camera, const Sample& sample);

} // namespace masthead::worker
