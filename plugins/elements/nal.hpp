// NAL units of one H.264/H.265 access unit: walking them up to the picture, SEI messages, emulation
// prevention.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/klv/time.hpp"

#include <gst/gst.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace masthead::nal {

/// How a stream's access units are framed.
struct Format {
    klv::VideoCodec codec = klv::VideoCodec::h264;
    unsigned length_size = 0; // bytes of the length before each NAL unit, 1..4; 0 = byte-stream (start codes)
};

/// Format of `video/x-h264` or `video/x-h265` caps: stream-format, and the length size in codec_data.
/// Errors: unsupported (other media type or stream-format), malformed (codec_data missing or too short).
[[nodiscard]] Result<Format> format_of(const GstCaps* caps);

struct Unit {
    std::size_t start = 0; // offset of the start code or length in the access unit
    ByteSpan bytes; // header and payload, still with emulation prevention; the slices of the picture reach to
                    // the end
    unsigned type = 0; // nal_unit_type
};

[[nodiscard]] bool is_slice(const Unit& unit, klv::VideoCodec codec) noexcept;
[[nodiscard]] bool is_sei(const Unit& unit, klv::VideoCodec codec) noexcept;

/// Walks an access unit. Stops at its end, at a length that does not fit, or after the first slice, whose
/// bytes it does not search (they are most of the access unit). Borrows the bytes.
class Walker {
  public:
    Walker(ByteSpan access_unit, Format format) noexcept;
    [[nodiscard]] std::optional<Unit> next();

  private:
    [[nodiscard]] std::optional<Unit> next_by_start_code();
    [[nodiscard]] std::optional<Unit> next_by_length();

    ByteSpan bytes_;
    Format format_;
    std::size_t position_ = 0;
};

/// Offset at which an SEI may be put in: before the first slice, after delimiter and parameter sets. Nothing
/// when there is no slice.
[[nodiscard]] std::optional<std::size_t> sei_position(ByteSpan access_unit, Format format);

/// The MISP time of the access unit's SEI (ST 0604), or nothing.
[[nodiscard]] std::optional<klv::SeiTime> find_misp_time(ByteSpan access_unit, Format format);

/// Whether an H.264 access unit begins with a B slice (slice_type, clause 7.4.3). Always false for H.265,
/// where a B slice says nothing about the order of frames.
[[nodiscard]] bool begins_with_b_slice(ByteSpan access_unit, Format format);

/// A whole SEI NAL unit with its start code or length that carries one user_data_unregistered message of
/// `payload` (at most 254 bytes).
[[nodiscard]] Bytes make_sei(ByteSpan payload, Format format);

/// `bytes` with emulation prevention bytes put in (00 00 0x -> 00 00 03 0x).
[[nodiscard]] Bytes escaped(ByteSpan bytes);
/// The reverse.
[[nodiscard]] Bytes unescaped(ByteSpan bytes);

} // namespace masthead::nal
