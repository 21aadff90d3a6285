// telemetrysrc: a telemetry link by URI, as KLV.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(telemetrysrc)
