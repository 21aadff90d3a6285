#include "plugins/ts/pes.hpp"

#include <algorithm>
#include <array>

namespace masthead::ts {

namespace {

constexpr std::size_t kFixedSize = 6; // start code, stream id, length
constexpr std::size_t kFlagsEnd = 9;  // of the flags and the header's own length
constexpr std::uint8_t kTicksSize = 5;
constexpr std::size_t kLongest = 320 * 1024;

/// These have no flags: program stream map, padding, private stream 2, ECM, EMM, DSM-CC, H.222.1 E,
/// directory.
constexpr std::array<std::uint8_t, 8> kBare{0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF};

/// Five bytes with marker bits in between.
std::optional<Ticks> read_ticks(ByteReader& reader) {
    constexpr std::uint64_t kMarkers = 1ULL << 32 | 1ULL << 16 | 1ULL;
    const auto bits = reader.uint_be(kTicksSize);
    if (!bits || (*bits & kMarkers) != kMarkers) {
        return std::nullopt;
    }
    return (*bits >> 33 & 0x7U) << 30 | (*bits >> 17 & 0x7FFFU) << 15 | (*bits >> 1 & 0x7FFFU);
}

/// `prefix`: 2 for a PTS alone, 3 for one with a DTS, 1 for a DTS.
void write_ticks(ByteWriter& out, Ticks ticks, std::uint64_t prefix) {
    const std::uint64_t bits = prefix << 36 | 1ULL << 32 | (ticks >> 30 & 0x7U) << 33 |
                               (ticks >> 15 & 0x7FFFU) << 17 | 0x10000U | (ticks & 0x7FFFU) << 1 | 1U;
    out.uint_be(bits, kTicksSize);
}

} // namespace

Result<PesHeader> parse_pes_header(ByteSpan bytes) {
    if (bytes.size() < kFixedSize) {
        return fail(Code::truncated, "a PES header begins");
    }
    ByteReader reader(bytes);
    if (*reader.uint_be(3) != 1) {
        return fail(Code::malformed, "no PES packet begins here");
    }
    PesHeader header;
    header.stream_id = *reader.u8();
    const std::size_t length = *reader.uint_be(2);
    header.size = kFixedSize;
    if (std::ranges::find(kBare, header.stream_id) == kBare.end()) {
        if (bytes.size() < kFlagsEnd) {
            return fail(Code::truncated, "a PES header begins");
        }
        const unsigned marker = *reader.u8();
        const unsigned flags = *reader.u8();
        const std::size_t more = *reader.u8();
        if ((marker & 0xC0U) != 0x80U) {
            return fail(Code::malformed, "an MPEG-2 PES header is wanted");
        }
        header.size = kFlagsEnd + more;
        if (bytes.size() < header.size) {
            return fail(Code::truncated, "a PES header begins");
        }
        ByteReader fields(bytes.subspan(kFlagsEnd, more));
        header.pts = (flags & 0x80U) != 0 ? read_ticks(fields) : std::nullopt;
        header.dts = (flags & 0xC0U) == 0xC0U ? read_ticks(fields) : header.pts;
        header.plain = (flags & 0x3FU) == 0 && header.pts.has_value() == header.dts.has_value();
    }
    if (length != 0) {
        if (length + kFixedSize < header.size) {
            return fail(Code::malformed, "a PES packet is shorter than its header");
        }
        header.payload_size = length + kFixedSize - header.size;
    }
    return header;
}

void PesReader::lose() {
    ++losses_;
    kept_.clear();
    in_step_ = false;
    after_loss_ = true;
}

/// Whether the packet is to be read.
bool PesReader::take_counter(const Packet& packet) {
    const ByteSpan payload = *packet.payload;
    const auto last = continuity_;
    continuity_ = packet.continuity;
    if (packet.discontinuity || !last) {
        return true;
    }
    if (packet.continuity == *last && std::ranges::equal(payload, last_payload_)) {
        return false; // sent twice
    }
    if (packet.continuity != ((*last + 1) & 0x0F)) {
        lose();
    }
    return true;
}

void PesReader::feed(const Packet& packet, const Yield& yield) {
    if (packet.damaged || (packet.scrambled && packet.payload)) {
        continuity_.reset();
        lose();
        return;
    }
    if (!packet.payload || !take_counter(packet)) {
        return;
    }
    last_payload_.assign(packet.payload->begin(), packet.payload->end());
    if (packet.starts_unit) {
        drain(yield, true);
        kept_.clear();
        in_step_ = true;
    }
    if (!in_step_) {
        return;
    }
    kept_.insert(kept_.end(), packet.payload->begin(), packet.payload->end());
    drain(yield, false);
}

void PesReader::drain(const Yield& yield, bool ended) {
    if (!in_step_ || kept_.empty()) {
        return;
    }
    const auto header = parse_pes_header(kept_);
    if (!header) {
        if (ended || header.error().code != Code::truncated) {
            lose();
        }
        return;
    }
    const ByteSpan payload = ByteSpan(kept_).subspan(header->size);
    const std::size_t wanted = header->payload_size.value_or(kLongest);
    if (payload.size() < wanted && !ended) {
        return;
    }
    const bool cut = header->payload_size ? payload.size() < wanted : payload.size() >= kLongest;
    yield({*header, payload.first(std::min(payload.size(), wanted)), std::exchange(after_loss_, false)});
    kept_.clear();
    in_step_ = false; // until the next one starts
    if (cut) {
        lose();
    }
}

void PesReader::finish(const Yield& yield) {
    drain(yield, true);
    kept_.clear();
    in_step_ = false;
    continuity_.reset();
}

Bytes write_pes(std::uint8_t stream_id, Ticks pts, std::optional<Ticks> dts, ByteSpan payload) {
    const std::uint8_t more = dts ? 2 * kTicksSize : kTicksSize;
    const std::size_t length = kFlagsEnd - kFixedSize + more + payload.size();
    ByteWriter out;
    out.uint_be(1, 3);
    out.u8(stream_id);
    out.uint_be(length <= 0xFFFF ? length : 0, 2);
    out.u8(0x84); // the payload begins with a unit
    out.u8(dts ? 0xC0 : 0x80);
    out.u8(more);
    write_ticks(out, pts, dts ? 3 : 2);
    if (dts) {
        write_ticks(out, *dts, 1);
    }
    out.append(payload);
    return out.release();
}

} // namespace masthead::ts
