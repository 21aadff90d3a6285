// Absolute capture times that other elements put on buffers (GstReferenceTimestampMeta).
#pragma once

#include "plugins/bytes/utc.hpp"

#include <gst/gst.h>

#include <optional>

namespace masthead {

/// UTC of the buffer's `timestamp/x-unix` or `timestamp/x-ntp` reference time, or nothing. rtspsrc attaches
/// the latter from RTCP sender reports (`add-reference-timestamp-meta`).
[[nodiscard]] std::optional<Utc> reference_time_of(GstBuffer* buffer);

} // namespace masthead
