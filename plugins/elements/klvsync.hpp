// klvsync: ties KLV telemetry to the very frame it belongs to.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(klvsync)
