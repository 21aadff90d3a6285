// viewersink: one H.264 stream to any number of browsers over WebRTC, each frame with its metadata.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(viewersink)
