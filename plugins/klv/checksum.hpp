// The running sum of ST 0601 item 1.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <cstdint>

namespace masthead::klv {

/// 16-bit wrapping sum; bytes at even offsets count as high bytes. `bytes` runs from the packet's first key
/// byte through the length byte of item 1.
[[nodiscard]] std::uint16_t checksum(ByteSpan bytes) noexcept;

} // namespace masthead::klv
