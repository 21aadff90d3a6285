// mispsei: puts a frame's capture time into H.264/H.265 as MISB ST 0604 SEI, without re-encoding.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(mispsei)
