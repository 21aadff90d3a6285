// Any bytes as a transport stream: as they are, and with sync bytes and CRCs mended so that mutations reach
// tables and KLV. However the bytes are cut, the same comes out; what comes out goes through again unharmed.
#include "plugins/ts/klv_filter.hpp"

#include <algorithm>
#include <cstdlib>

using namespace masthead;

namespace {

/// A broken promise; abort() is what libFuzzer and the replay take as a finding.
void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

Bytes filtered(ByteSpan bytes, std::size_t size) {
    ts::KlvFilter filter;
    Bytes out;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        filter.feed(bytes.subspan(at, std::min(size, bytes.size() - at)), out);
    }
    filter.finish(out);
    require(filter.streams().size() <= 16);
    return out;
}

/// A section that begins and ends in its packet gets the CRC it should have.
void mend(Bytes& bytes) {
    for (std::size_t at = 0; at + ts::kPacketSize <= bytes.size(); at += ts::kPacketSize) {
        bytes[at] = ts::kSyncByte;
        const std::size_t section = at + 5;
        const std::size_t size = (std::to_integer<std::size_t>(bytes[section + 1]) & 0x0F) << 8 |
                                 std::to_integer<std::size_t>(bytes[section + 2]);
        if (std::to_integer<unsigned>(bytes[section]) > 2 || size < 9 ||
            section + 3 + size > at + ts::kPacketSize) {
            continue;
        }
        ByteWriter crc;
        crc.uint_be(ts::crc32(ByteSpan(bytes).subspan(section, size - 1)), 4);
        std::ranges::copy(crc.view(), bytes.begin() + static_cast<std::ptrdiff_t>(section + size - 1));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteSpan given = std::as_bytes(std::span(data, size));
    (void)filtered(given, 1316);
    Bytes mended(given.begin(), given.end());
    mend(mended);
    const Bytes out = filtered(mended, mended.size() + 1);
    require(out == filtered(mended, 61));
    (void)filtered(out, 188);
    (void)ts::parse_pes_header(given);
    (void)ts::parse_pat(given);
    (void)ts::parse_pmt(given);
    return 0;
}
