// A camera given as a gst-launch fragment: made, its values set, its ends found.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/elements/source_uri.hpp"
#include "plugins/glib/ref.hpp"

#include <gst/gst.h>

#include <vector>

namespace masthead {

/// Adds the fragment `uri.text` with its `values` to `pipeline` and gives the source pads of the elements
/// named video, klv and audio; one of them is there at least. A value goes into its property and nowhere
/// else: text into properties of type string only. Error: invalid_argument, a sentence. Thread: the one that
/// owns `pipeline`.
[[nodiscard]] Result<std::vector<Ref<GstPad>>> add_launch_source(GstElement* pipeline, const SourceUri& uri);

} // namespace masthead
