// klvparse: any KLV bytes in, whole checked packets out, one a buffer.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(klvparse)
