// viewersink: one H.264 stream to any number of browsers over WebRTC, each frame with its metadata.
#pragma once

#include <gst/gst.h>

namespace masthead {

gboolean register_viewersink(GstPlugin* plugin);

} // namespace masthead
