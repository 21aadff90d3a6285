// A frame's meta as the header of its message (schema/frame_message.json).
#pragma once

#include "plugins/elements/meta/frame_meta.hpp"
#include "plugins/klv/frame_message.hpp"

#include <cstddef>

namespace masthead {

/// What `meta` says but for its KLV: klv_bytes, rtp_timestamp, seq and the key frame flag are left 0.
[[nodiscard]] FrameMessageHeader header_of(const MastheadFrameMeta& meta);

} // namespace masthead
