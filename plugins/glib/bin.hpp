// What a bin holds, and what an element's pads are, as lists that own what they name.
#pragma once

#include "plugins/glib/ref.hpp"

#include <vector>

namespace masthead {

/// From the sinks to the sources. Thread: any.
[[nodiscard]] std::vector<Ref<GstElement>> children_of(GstBin* bin);
/// Those that this factory made, however deep. Thread: any.
[[nodiscard]] std::vector<Ref<GstElement>> made_by(const char* factory_name, GstElement* bin);
/// In the order of their making. Thread: any.
[[nodiscard]] std::vector<Ref<GstPad>> source_pads_of(GstElement* element);
[[nodiscard]] std::vector<Ref<GstPad>> sink_pads_of(GstElement* element);

} // namespace masthead
