#include "plugins/ts/packet.hpp"

#include <algorithm>

namespace masthead::ts {

namespace {

constexpr std::size_t kHeaderSize = 4;
constexpr std::size_t kMaxPayload = kPacketSize - kHeaderSize;
constexpr std::size_t kPcrSize = 6; // 33 bits base, 6 reserved, 9 extension
constexpr unsigned kHasAdaptation = 0x20;
constexpr unsigned kHasPayload = 0x10;
// Flags of the adaptation field.
constexpr unsigned kDiscontinuity = 0x80;
constexpr unsigned kRandomAccess = 0x40;
constexpr unsigned kHasPcr = 0x10;
constexpr unsigned kHasOpcr = 0x08;
constexpr unsigned kHasSplicing = 0x04;
constexpr unsigned kHasPrivateData = 0x02;
constexpr std::byte kStuffing{0xFF};

unsigned at(ByteSpan bytes, std::size_t index) { return std::to_integer<unsigned>(bytes[index]); }

void write_header(Bytes& out, Pid pid, bool starts_unit, unsigned control, std::uint8_t continuity) {
    const unsigned start = (starts_unit ? 0x4000U : 0U) | pid;
    const std::byte header[kHeaderSize]{kSyncByte, std::byte(start >> 8), std::byte(start & 0xFFU),
                                        std::byte(control | (continuity & 0x0FU))};
    out.insert(out.end(), std::begin(header), std::end(header));
}

/// An adaptation field of `size` bytes in all, with nothing in it but `content`.
void write_adaptation(Bytes& out, std::size_t size, ByteSpan content) {
    if (size == 0) {
        return;
    }
    out.push_back(std::byte(size - 1));
    if (size == 1) {
        return;
    }
    if (content.empty()) {
        out.push_back(std::byte{0});
    } else {
        out.insert(out.end(), content.begin(), content.end());
    }
    out.insert(out.end(), size - 1 - std::max<std::size_t>(content.size(), 1), kStuffing);
}

/// Fields that overrun it are left out.
void read_adaptation(Packet& packet) noexcept {
    const ByteSpan field = packet.adaptation;
    const unsigned flags = field.empty() ? 0 : at(field, 0);
    packet.discontinuity = (flags & kDiscontinuity) != 0;
    packet.random_access = (flags & kRandomAccess) != 0;
    std::size_t place = 1;
    if ((flags & kHasPcr) != 0 && field.size() >= place + kPcrSize) {
        std::uint64_t base = 0;
        for (std::size_t i = 0; i < kPcrSize - 1; ++i) {
            base = base << 8 | at(field, place + i);
        }
        packet.pcr = base >> 7;
    }
    place += ((flags & kHasPcr) != 0 ? kPcrSize : 0) + ((flags & kHasOpcr) != 0 ? kPcrSize : 0) +
             ((flags & kHasSplicing) != 0 ? 1 : 0);
    if ((flags & kHasPrivateData) != 0 && field.size() > place && field.size() > place + at(field, place)) {
        packet.private_data = field.subspan(place + 1, at(field, place));
    }
}

/// Behind the length byte.
Bytes adaptation_of(const UnitStart& start) {
    ByteWriter field;
    field.u8(static_cast<std::uint8_t>((start.random_access ? kRandomAccess : 0U) |
                                       (start.pcr ? kHasPcr : 0U) |
                                       (start.private_data.empty() ? 0U : kHasPrivateData)));
    if (start.pcr) {
        field.uint_be(*start.pcr << 15 | 0x7E00U, kPcrSize); // no extension
    }
    if (!start.private_data.empty()) {
        field.u8(static_cast<std::uint8_t>(start.private_data.size()));
        field.append(start.private_data);
    }
    return field.size() > 1 || start.random_access ? field.release() : Bytes();
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
        read_adaptation(packet);
    }
    if ((control & kHasPayload) != 0) {
        packet.payload = bytes.subspan(payload);
    }
    return packet;
}

void write_unit(Bytes& out, Pid pid, std::uint8_t& continuity, ByteSpan unit, const UnitStart& start) {
    out.reserve(out.size() + (unit.size() / kMaxPayload + 2) * kPacketSize);
    Bytes content = adaptation_of(start);
    for (bool first = true; !unit.empty(); first = false) {
        continuity = static_cast<std::uint8_t>((continuity + 1) & 0x0F);
        const std::size_t room = kMaxPayload - (content.empty() ? 0 : 1 + content.size());
        const std::size_t size = std::min(unit.size(), room);
        write_header(out, pid, first, kHasPayload | (size < kMaxPayload ? kHasAdaptation : 0), continuity);
        write_adaptation(out, kMaxPayload - size, content);
        out.insert(out.end(), unit.begin(), unit.begin() + static_cast<std::ptrdiff_t>(size));
        unit = unit.subspan(size);
        content.clear();
    }
}

void write_without_payload(Bytes& out, const Packet& packet, std::uint8_t continuity) {
    write_header(out, packet.pid, false, kHasAdaptation, continuity);
    write_adaptation(out, kMaxPayload, packet.adaptation);
}

} // namespace masthead::ts
