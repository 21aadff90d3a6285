// vehiclesrc: a vehicle's camera by URI; connects again by itself.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(vehiclesrc)
