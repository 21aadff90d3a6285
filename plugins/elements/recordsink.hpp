// recordsink: a camera's frames with their metadata into append-only MPEG-TS files, each with a GOP index.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(recordsink)
