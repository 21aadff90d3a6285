// Reads and writes MAVLink packets by the generated table.
#include "plugins/links/mavlink/codec.hpp"

#include <algorithm>

namespace masthead::mavlink {

namespace {

constexpr std::uint8_t kMagicV1 = 0xFE;
constexpr std::uint8_t kMagicV2 = 0xFD;
constexpr std::size_t kHeaderV1 = 6;
constexpr std::size_t kHeaderV2 = 10;
constexpr std::size_t kChecksumSize = 2;
constexpr std::uint8_t kFlagSigned = 0x01; // the only incompatibility flag there is

std::uint8_t at(ByteSpan bytes, std::size_t index) { return std::to_integer<std::uint8_t>(bytes[index]); }

struct Layout {
    Version version;
    std::size_t header;
    std::size_t payload;
    std::size_t size; // of the whole packet
};

/// Nothing of the payload is looked at; `bytes` holds at least a header.
Layout layout_of(ByteSpan bytes) {
    const std::size_t payload = at(bytes, 1);
    if (at(bytes, 0) == kMagicV1) {
        return {Version::v1, kHeaderV1, payload, kHeaderV1 + payload + kChecksumSize};
    }
    const std::size_t signature = (at(bytes, 2) & kFlagSigned) != 0 ? kSignatureSize : 0;
    return {Version::v2, kHeaderV2, payload, kHeaderV2 + payload + kChecksumSize + signature};
}

Message message_of(ByteSpan bytes, const Layout& layout) {
    Message message;
    message.version = layout.version;
    const std::size_t ids = layout.version == Version::v1 ? 2 : 4;
    message.sequence = at(bytes, ids);
    message.system = at(bytes, ids + 1);
    message.component = at(bytes, ids + 2);
    message.id = at(bytes, ids + 3);
    if (layout.version == Version::v2) {
        message.id |= static_cast<std::uint32_t>(at(bytes, ids + 4)) << 8 |
                      static_cast<std::uint32_t>(at(bytes, ids + 5)) << 16;
    }
    return message;
}

std::uint16_t accumulate(std::uint16_t crc, std::uint8_t byte) {
    auto mixed = static_cast<std::uint8_t>(byte ^ (crc & 0xFF));
    mixed = static_cast<std::uint8_t>(mixed ^ (mixed << 4));
    return static_cast<std::uint16_t>((crc >> 8) ^ (mixed << 8) ^ (mixed << 3) ^ (mixed >> 4));
}

Bytes write(const Message& message, Version version, std::uint8_t incompatibility_flags) {
    const MessageRow* row = message_row(message.id);
    assert(row != nullptr);
    const bool v1 = version == Version::v1;
    assert(!v1 || message.id <= 255);
    std::size_t length = v1 ? row->base_length : row->max_length;
    while (!v1 && length > 1 && message.payload[length - 1] == std::byte{0}) {
        --length;
    }
    ByteWriter writer;
    writer.u8(v1 ? kMagicV1 : kMagicV2);
    writer.u8(static_cast<std::uint8_t>(length));
    if (!v1) {
        writer.u8(incompatibility_flags);
        writer.u8(0); // no compatibility flags
    }
    writer.u8(message.sequence);
    writer.u8(message.system);
    writer.u8(message.component);
    writer.uint_le(message.id, v1 ? 1 : 3);
    writer.append(ByteSpan(message.payload).first(length));
    writer.uint_le(checksum(writer.view().subspan(1), row->crc_extra), kChecksumSize);
    return writer.release();
}

} // namespace

std::uint16_t checksum(ByteSpan bytes, std::uint8_t crc_extra) noexcept {
    std::uint16_t crc = 0xFFFF;
    for (const std::byte byte : bytes) {
        crc = accumulate(crc, std::to_integer<std::uint8_t>(byte));
    }
    return accumulate(crc, crc_extra);
}

const MessageRow* message_row(std::uint32_t id) noexcept {
    const auto rows = message_rows();
    const auto found = std::ranges::lower_bound(rows, id, {}, &MessageRow::id);
    return found != rows.end() && found->id == id ? &*found : nullptr;
}

bool announces_signature(ByteSpan packet) noexcept {
    return packet.size() >= kHeaderV2 + kChecksumSize + kSignatureSize && at(packet, 0) == kMagicV2 &&
           (at(packet, 2) & kFlagSigned) != 0;
}

ReadPacket read_packet(ByteSpan bytes) noexcept {
    if (bytes.empty()) {
        return {.reading = Reading::incomplete};
    }
    const std::uint8_t magic = at(bytes, 0);
    if (magic != kMagicV1 && magic != kMagicV2) {
        return {.reading = Reading::malformed};
    }
    if (magic == kMagicV2 && bytes.size() > 2 && (at(bytes, 2) & ~kFlagSigned) != 0) {
        return {.reading = Reading::malformed}; // the packet says that we cannot understand it
    }
    if (bytes.size() < (magic == kMagicV1 ? kHeaderV1 : kHeaderV2)) {
        return {.reading = Reading::incomplete};
    }
    const Layout layout = layout_of(bytes);
    if (bytes.size() < layout.size) {
        return {.reading = Reading::incomplete};
    }
    ReadPacket packet{.size = layout.size, .message = message_of(bytes, layout)};
    const MessageRow* row = message_row(packet.message.id);
    if (row == nullptr) {
        packet.reading = Reading::unknown;
        return packet;
    }
    const std::size_t checked = layout.header + layout.payload;
    const auto sent = static_cast<std::uint16_t>(at(bytes, checked) | at(bytes, checked + 1) << 8);
    if (checksum(bytes.subspan(1, checked - 1), row->crc_extra) != sent) {
        packet.reading = Reading::bad_checksum;
        return packet;
    }
    if (layout.version == Version::v1 && layout.payload < row->base_length) {
        return {.reading = Reading::malformed}; // v1 never cuts zeros: a short payload is another message
    }
    const std::size_t known = std::min<std::size_t>(layout.payload, row->max_length);
    std::ranges::copy(bytes.subspan(layout.header, known), packet.message.payload.begin());
    packet.reading = Reading::message;
    return packet;
}

Bytes write_packet(const Message& message) { return write(message, message.version, 0); }

Bytes write_packet_to_be_signed(const Message& message) { return write(message, Version::v2, kFlagSigned); }

std::string text_of(const Message& message, Field<char> field) {
    std::string text;
    for (std::size_t i = 0; i < field.count && message.get(field, i) != '\0'; ++i) {
        text += message.get(field, i);
    }
    return text;
}

} // namespace masthead::mavlink
