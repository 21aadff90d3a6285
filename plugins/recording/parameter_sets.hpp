// What H.264 and H.265 parameter sets say of a stream, as MP4 wants to know it (ISO/IEC 14496-15).
#pragma once

#include "plugins/recording/frame_writer.hpp"

#include <vector>

namespace masthead::recording {

/// NAL units of a byte-stream access unit, without start codes. Borrows the bytes.
[[nodiscard]] std::vector<ByteSpan> nal_units(ByteSpan access_unit);
[[nodiscard]] unsigned nal_type(ByteSpan unit, Codec codec);

/// The delimiter, which MP4 has none of.
[[nodiscard]] bool is_delimiter(ByteSpan unit, Codec codec);

struct StreamFormat {
    unsigned width = 0;
    unsigned height = 0;
    Bytes configuration; // what stands in the box avcC or hvcC
};

/// Out of a key frame. Error: malformed (a parameter set is missing, or cannot be read).
[[nodiscard]] Result<StreamFormat> stream_format(ByteSpan key_frame, Codec codec);

} // namespace masthead::recording
