// The 16-byte key and the length that every KLV packet begins with (ST 336).
#pragma once

#include "plugins/bytes/bytes.hpp"

namespace masthead::klv {

inline constexpr std::size_t kKeySize = 16;
inline constexpr std::size_t kMaxPacketSize = 64 * 1024; // key to last byte; longer ones are refused

/// `bytes` (at least 16) begins with the key of an ST 0601 local set. Byte 8, the registry's version, may be
/// any.
[[nodiscard]] bool is_st0601_key(ByteSpan bytes) noexcept;

/// `bytes` begins with 06 0E 2B 34, as every SMPTE key does, or is a shorter part of it.
[[nodiscard]] bool begins_like_a_key(ByteSpan bytes) noexcept;

struct PacketExtent {
    std::size_t value_start; // bytes of key and length
    std::size_t size;        // of the whole packet
};

/// How long the packet is that `bytes` begins with, whether or not all of it is here. Errors: malformed (no
/// SMPTE key, bad length), truncated (key or length not all here), too_large (over kMaxPacketSize).
[[nodiscard]] Result<PacketExtent> packet_extent(ByteSpan bytes);

} // namespace masthead::klv
