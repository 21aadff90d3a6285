// A running pipeline as elements and links, with what flows through it.
#pragma once

#include "plugins/glib/ref.hpp"

#include <string>

namespace masthead::worker {

/// JSON object: `elements` and `links` of CameraGraph (openapi.yaml). What flows is counted from the first
/// time that it is asked for. Thread: any one at a time; never waits for the pipeline.
[[nodiscard]] std::string graph_json(GstBin* pipeline);

} // namespace masthead::worker
