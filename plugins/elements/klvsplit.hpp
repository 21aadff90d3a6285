// klvsplit: the KLV that frames carry, as a stream of its own beside them.
#pragma once

#include <gst/gst.h>

GST_ELEMENT_REGISTER_DECLARE(klvsplit)
