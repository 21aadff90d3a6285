// ST 1402: the 5-byte metadata AU cell headers that synchronous KLV (stream_type 0x15) wears inside a PES
// packet.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <vector>

namespace masthead::klv {

inline constexpr std::size_t kAuCellHeaderSize = 5;

/// The KLV bytes of one PES payload, without AU cell headers; what stands in several cells comes as several
/// parts, to be read one after the other (PacketSplitter joins fragments). Told by content, because streams
/// mislabel it: a payload that begins with a key is raw KLV; one that is a chain of cells is stripped;
/// anything else is given back as it is, for it may be the rest of a packet. Parts borrow from `payload`.
[[nodiscard]] std::vector<ByteSpan> klv_parts(ByteSpan payload);

/// The header of a cell that holds one whole KLV access unit; `sequence` goes up by one for each cell and
/// wraps. Error: too_large (over 65535 bytes).
[[nodiscard]] Result<Bytes> encode_au_cell_header(std::uint8_t sequence, std::size_t klv_size);

} // namespace masthead::klv
