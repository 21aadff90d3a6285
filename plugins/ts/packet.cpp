#include "plugins/ts/packet.hpp"

#include <algorithm>

namespace masthead::ts {

namespace {

constexpr std::size_t kHeaderSize = 4;
constexpr std::size_t kMaxPayload = kPacketSize - kHeaderSize;
constexpr std::size_t kPcrSize = 6; // 33 bits base, 6 reserved, 9 extension
constexpr unsigned kHasAdaptation = 0x20;
constexpr unsigned kHasPayload = 0x10;
constexpr std::byte kStuffing{0xFF};

unsigned at(ByteSpan bytes, std::size_t index) { return std::to_integer<unsigned>(bytes[index]); }

void write_header(ByteWriter& out, Pid pid, bool starts_unit, unsigned control, std::uint8_t continuity) {
    out.u8(std::to_integer<std::uint8_t>(kSyncByte));
    out.uint_be((starts_unit ? 0x4000U : 0U) | pid, 2);
    out.u8(static_cast<std::uint8_t>(control | (continuity & 0x0FU)));
}

/// An adaptation field of `size` bytes in all, with nothing in it but `content`.
void write_adaptation(ByteWriter& out, std::size_t size, ByteSpan content) {
    if (size == 0) {
        return;
    }
    out.u8(static_cast<std::uint8_t>(size - 1));
    if (size == 1) {
        return;
    }
    if (content.empty()) {
        out.u8(0);
    } else {
        out.append(content);
    }
    const std::size_t written = 1 + std::max<std::size_t>(content.size(), 1);
    out.append(Bytes(size - written, kStuffing));
}

void append(Bytes& out, const ByteWriter& packet) {
    out.insert(out.end(), packet.view().begin(), packet.view().end());
}

} // namespace

std::optional<Packet> read_packet(ByteSpan bytes) noexcept {
    if (bytes.size() != kPacketSize || bytes[0] != kSyncByte) {
        return std::nullopt;
    }
    Packet packet;
    packet.damaged = (at(bytes, 1) & 0x80U) != 0;
    packet.starts_unit = (at(bytes, 1) & 0x40U) != 0;
    packet.pid = static_cast<Pid>((at(bytes, 1) & 0x1FU) << 8 | at(bytes, 2));
    const unsigned control = at(bytes, 3);
    packet.scrambled = (control & 0xC0U) != 0;
    packet.continuity = static_cast<std::uint8_t>(control & 0x0FU);
    std::size_t payload = kHeaderSize;
    if ((control & kHasAdaptation) != 0) {
        const std::size_t size = at(bytes, kHeaderSize);
        payload += 1 + size;
        if (payload > kPacketSize) {
            return std::nullopt;
        }
        packet.adaptation = bytes.subspan(kHeaderSize + 1, size);
        const unsigned flags = size > 0 ? at(packet.adaptation, 0) : 0;
        packet.discontinuity = (flags & 0x80U) != 0;
        if ((flags & 0x10U) != 0 && size > kPcrSize) {
            std::uint64_t base = 0;
            for (std::size_t i = 1; i < kPcrSize; ++i) {
                base = base << 8 | at(packet.adaptation, i);
            }
            packet.pcr = base >> 7;
        }
    }
    if ((control & kHasPayload) != 0) {
        packet.payload = bytes.subspan(payload);
    }
    return packet;
}

void write_unit(Bytes& out, Pid pid, std::uint8_t& continuity, ByteSpan unit) {
    for (bool first = true; !unit.empty(); first = false) {
        continuity = static_cast<std::uint8_t>((continuity + 1) & 0x0F);
        const std::size_t size = std::min(unit.size(), kMaxPayload);
        ByteWriter packet;
        write_header(packet, pid, first, kHasPayload | (size < kMaxPayload ? kHasAdaptation : 0), continuity);
        write_adaptation(packet, kMaxPayload - size, {});
        packet.append(unit.first(size));
        append(out, packet);
        unit = unit.subspan(size);
    }
}

void write_without_payload(Bytes& out, const Packet& packet, std::uint8_t continuity) {
    ByteWriter written;
    write_header(written, packet.pid, false, kHasAdaptation, continuity);
    write_adaptation(written, kMaxPayload, packet.adaptation);
    append(out, written);
}

} // namespace masthead::ts
