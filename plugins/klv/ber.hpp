// BER lengths and BER-OID numbers (ST 336, ST 0107): how KLV says how long a value is and which tag it has.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <cstdint>

namespace masthead::klv {

/// Reads a BER length, short or long form (minimal or not). Errors: malformed (0x80 indefinite, more than 8
/// length bytes), truncated. Does not say whether that many bytes follow.
[[nodiscard]] Result<std::uint64_t> read_ber_length(ByteReader& reader);
/// Writes the shortest form.
void write_ber_length(ByteWriter& writer, std::uint64_t length);

/// Reads a BER-OID number. Errors: malformed (a leading 0x80, more than 5 bytes, over 32 bits), truncated.
[[nodiscard]] Result<std::uint32_t> read_ber_oid(ByteReader& reader);
void write_ber_oid(ByteWriter& writer, std::uint32_t number);

} // namespace masthead::klv
