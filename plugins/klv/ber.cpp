#include "plugins/klv/ber.hpp"

namespace masthead::klv {

Result<std::uint64_t> read_ber_length(ByteReader& reader) {
    const auto first = reader.u8();
    if (!first) {
        return tl::unexpected(first.error());
    }
    if (*first < 0x80) {
        return *first;
    }
    const std::size_t count = *first & 0x7FU;
    if (count < 1 || count > 8) {
        return fail(Code::malformed, "BER length: indefinite, or of more than 8 bytes");
    }
    return reader.uint_be(count);
}

void write_ber_length(ByteWriter& writer, std::uint64_t length) {
    if (length < 0x80) {
        writer.u8(static_cast<std::uint8_t>(length));
        return;
    }
    std::size_t count = 1;
    while (count < 8 && length >> (8 * count) != 0) {
        ++count;
    }
    writer.u8(static_cast<std::uint8_t>(0x80 | count));
    writer.uint_be(length, count);
}

Result<std::uint32_t> read_ber_oid(ByteReader& reader) {
    std::uint64_t number = 0;
    for (int i = 0; i < 5; ++i) {
        const auto byte = reader.u8();
        if (!byte) {
            return tl::unexpected(byte.error());
        }
        if (i == 0 && *byte == 0x80) {
            return fail(Code::malformed, "BER-OID: a leading 0x80");
        }
        number = number << 7 | (*byte & 0x7FU);
        if ((*byte & 0x80U) == 0) {
            if (number > 0xFFFFFFFFU) {
                return fail(Code::malformed, "BER-OID: more than 32 bits");
            }
            return static_cast<std::uint32_t>(number);
        }
    }
    return fail(Code::malformed, "BER-OID: more than 5 bytes");
}

void write_ber_oid(ByteWriter& writer, std::uint32_t number) {
    int shift = 28;
    while (shift > 0 && number >> shift == 0) {
        shift -= 7;
    }
    for (; shift >= 0; shift -= 7) {
        writer.u8(static_cast<std::uint8_t>((number >> shift & 0x7FU) | (shift > 0 ? 0x80U : 0U)));
    }
}

} // namespace masthead::klv
