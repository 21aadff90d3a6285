// Factory of the klvtsfilter element.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(klvtsfilter)
