// The frames of a recording with all their bytes: what FrameWriter was given.
#pragma once

#include "plugins/recording/frame_writer.hpp"

#include <optional>
#include <vector>

namespace masthead::recording {

struct WholeFrame {
    ts::Ticks pts = 0;
    std::optional<ts::Ticks> dts; // where it differs
    bool key = false;
    std::optional<FrameMessageHeader> header; // nothing: the bytes do not say
    Bytes access_unit;                        // byte-stream
    Bytes klv;                                // empty: none
};

/// In the order of the bytes, which begin with a GOP and end with one. Frames whose bytes are damaged are
/// left out.
[[nodiscard]] std::vector<WholeFrame> frames_in(ByteSpan gops);

} // namespace masthead::recording
