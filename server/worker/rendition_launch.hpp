// A rendition as gst-launch text: decode, scale, encode.
#pragma once

#include "plugins/bytes/result.hpp"
#include "server/config/recipe.hpp"

namespace masthead::worker {

/// From parsed video of `media` (caps name: video/x-h264 or video/x-h265) to H.264 that browsers play; names,
/// numbers and nothing else go into the text. MastheadFrameMeta stays on its frame. No element in it waits
/// for data to change state; the decoder is named `decoder`. Errors: unsupported (another medium),
/// unavailable (none of its encoders is installed). Thread: any, after gst_init().
[[nodiscard]] Result<std::string> rendition_launch(const Rendition& rendition, std::string_view media);

} // namespace masthead::worker
