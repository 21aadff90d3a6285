#include "plugins/ts/section.hpp"

#include <array>

namespace masthead::ts {

namespace {

constexpr std::size_t kLengthEnd = 3; // of the bytes that say how long a section is
constexpr unsigned kStuffingTable = 0xFF;

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t crc = i << 24;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc << 1) ^ ((crc & 0x80000000U) != 0 ? 0x04C11DB7U : 0U);
        }
        table[i] = crc;
    }
    return table;
}();

} // namespace

std::uint32_t crc32(ByteSpan bytes) noexcept {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const std::byte byte : bytes) {
        crc = (crc << 8) ^ kCrcTable[(crc >> 24) ^ std::to_integer<std::uint32_t>(byte)];
    }
    return crc;
}

void SectionReader::feed(const Packet& packet, const std::function<void(ByteSpan)>& yield) {
    if (!packet.payload || packet.payload->empty() || packet.damaged || packet.scrambled) {
        return;
    }
    if (continuity_ == packet.continuity && !packet.starts_unit) {
        return; // sent twice; a section that is read twice does no harm
    }
    if (continuity_ && packet.continuity != ((*continuity_ + 1) & 0x0F)) {
        in_step_ = false;
    }
    continuity_ = packet.continuity;
    ByteSpan payload = *packet.payload;
    if (packet.starts_unit) {
        const auto before = std::to_integer<std::size_t>(payload[0]);
        payload = payload.subspan(1);
        if (before > payload.size()) {
            in_step_ = false;
            return;
        }
        if (in_step_) {
            kept_.insert(kept_.end(), payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(before));
            drain(yield);
        }
        payload = payload.subspan(before);
        kept_.clear();
        in_step_ = true;
    }
    if (in_step_) {
        kept_.insert(kept_.end(), payload.begin(), payload.end());
        drain(yield);
    }
}

void SectionReader::drain(const std::function<void(ByteSpan)>& yield) {
    ByteSpan rest = kept_;
    while (rest.size() >= kLengthEnd && std::to_integer<unsigned>(rest[0]) != kStuffingTable) {
        const std::size_t size = kLengthEnd + (*ByteReader(rest.subspan(1)).uint_be(2) & 0x0FFFU);
        if (size > rest.size()) {
            break;
        }
        if (crc32(rest.first(size)) == 0) {
            yield(rest.first(size));
        }
        rest = rest.subspan(size);
    }
    if (!rest.empty() && std::to_integer<unsigned>(rest[0]) == kStuffingTable) {
        in_step_ = false; // nothing but stuffing until the next unit starts
        rest = {};
    }
    kept_ = Bytes(rest.begin(), rest.end());
}

void write_section(Bytes& out, Pid pid, std::uint8_t& continuity, ByteSpan section) {
    Bytes unit{std::byte{0}}; // the section begins at once
    unit.insert(unit.end(), section.begin(), section.end());
    constexpr std::size_t kPayload = kPacketSize - 4;
    unit.resize((unit.size() + kPayload - 1) / kPayload * kPayload, std::byte{0xFF});
    write_unit(out, pid, continuity, unit);
}

} // namespace masthead::ts
