// Recorded frames as fragmented MP4 (ISO/IEC 14496-12) with each frame's KLV as an event message (MISB ST
// 1910), for players that take no transport streams.
#pragma once

#include "plugins/recording/parameter_sets.hpp"
#include "plugins/recording/whole_frames.hpp"

namespace masthead::recording {

/// What `emsg` boxes with KLV say they hold.
inline constexpr std::string_view kKlvScheme = "urn:misb:KLV:bin:1910.1";

/// ftyp and moov: one video track in ticks of the 90 kHz clock.
[[nodiscard]] Bytes init_segment(const StreamFormat& format, Codec codec);

/// emsg boxes (version 1, one for each frame with KLV, at its PTS), moof and mdat of a GOP that lasts
/// `ticks`. Media time is the recording's own. `frames` must not be empty.
[[nodiscard]] Bytes media_segment(const std::vector<WholeFrame>& frames, Codec codec, ts::Ticks ticks);

} // namespace masthead::recording
