#include "plugins/elements/frame_header.hpp"

namespace masthead {

FrameMessageHeader header_of(const MastheadFrameMeta& meta) {
    FrameMessageHeader header;
    header.time_method = static_cast<FrameTimeMethod>(meta.time_method);
    header.value_method =
        meta.klv ? static_cast<FrameValueMethod>(meta.value_method) : FrameValueMethod::none;
    header.flags = static_cast<std::uint8_t>(meta.flags & ~kFrameKeyFrame);
    header.utc_us = meta.utc_us;
    header.time_error_us = meta.time_error_us;
    header.age_ms = meta.age_ms;
    header.position_error_m = meta.position_error_m;
    header.altitude_error_m = meta.altitude_error_m;
    header.angle_error_deg = meta.angle_error_deg;
    header.speed_error_mps = meta.speed_error_mps;
    return header;
}

} // namespace masthead
