#include "plugins/klv/access_unit.hpp"

#include "plugins/klv/key.hpp"

namespace masthead::klv {

namespace {

constexpr unsigned kReservedBits = 0x0F;
constexpr std::uint8_t kWholeRandomAccess =
    0xDF; // fragment 11, no decoder configuration, random access, reserved ones

} // namespace

std::vector<ByteSpan> klv_parts(ByteSpan payload) {
    if (payload.empty()) {
        return {};
    }
    if (begins_like_a_key(payload)) {
        return {payload};
    }
    std::vector<ByteSpan> parts;
    ByteReader reader(payload);
    while (!reader.done()) {
        const auto header = reader.take(kAuCellHeaderSize);
        if (!header || (std::to_integer<unsigned>((*header)[2]) & kReservedBits) != kReservedBits) {
            return {payload};
        }
        const auto size = *ByteReader(header->last(2)).uint_be(2);
        if (size > reader.remaining()) {
            // A cell cut short by a lost TS packet: what is there of its key shows that it was one.
            if (parts.empty() && !(reader.remaining() > 0 && begins_like_a_key(reader.rest()))) {
                return {payload};
            }
            parts.push_back(reader.rest());
            return parts;
        }
        parts.push_back(*reader.take(static_cast<std::size_t>(size)));
    }
    return parts;
}

Result<Bytes> encode_au_cell_header(std::uint8_t sequence, std::size_t klv_size) {
    if (klv_size > 0xFFFF) {
        return fail(Code::too_large,
                    "KLV: " + std::to_string(klv_size) + " bytes do not fit one access unit cell (65535)");
    }
    ByteWriter writer;
    writer.u8(0);
    writer.u8(sequence);
    writer.u8(kWholeRandomAccess);
    writer.uint_be(klv_size, 2);
    return writer.release();
}

} // namespace masthead::klv
