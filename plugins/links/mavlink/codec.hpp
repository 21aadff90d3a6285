// MAVLink 1 and 2 packets <-> messages, by the table of schema/mavlink.json. No state, no I/O.
// Source: https://mavlink.io/en/guide/serialization.html
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace masthead::mavlink {

static_assert(std::endian::native == std::endian::little,
              "payloads are little endian and copied as they are");

inline constexpr std::size_t kMaxPayload = 255;
inline constexpr std::size_t kSignatureSize = 13;
inline constexpr std::size_t kMaxPacket = 280; // v2: 10 header, 255 payload, 2 checksum, 13 signature

enum class Version : std::uint8_t { v1 = 1, v2 = 2 };

enum class FieldType : std::uint8_t { u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, text };

struct FieldRow {
    std::string_view name;
    FieldType type;
    std::uint8_t count;  // 1, or the array's length
    std::uint8_t offset; // in the payload
    bool extension;      // v2 only, not part of CRC_EXTRA
};

struct MessageRow {
    std::uint32_t id;
    std::string_view name;
    std::uint8_t crc_extra;
    std::uint8_t base_length; // bytes without extensions: what v1 carries
    std::uint8_t max_length;  // bytes with extensions
    std::span<const FieldRow> fields;
};

/// Every message this codec knows, by rising id.
[[nodiscard]] std::span<const MessageRow> message_rows() noexcept;
/// The row of `id`, or nullptr.
[[nodiscard]] const MessageRow* message_row(std::uint32_t id) noexcept;

/// One field's place; the constants are in messages.hpp, one namespace a message (attitude::roll).
template <typename T>
struct Field {
    std::uint32_t message;
    std::uint8_t offset;
    std::uint8_t count;
};

/// A message as a value. Bytes past what was received are zero, which is what MAVLink 2 means by leaving them
/// out.
struct Message {
    std::uint32_t id = 0;
    std::uint8_t system = 0;
    std::uint8_t component = 0;
    std::uint8_t sequence = 0;
    Version version = Version::v2;
    std::array<std::byte, kMaxPayload> payload{};

    template <typename T>
    [[nodiscard]] T get(Field<T> field, std::size_t index = 0) const noexcept {
        assert(field.message == id && index < field.count);
        T value;
        std::memcpy(&value, payload.data() + field.offset + index * sizeof(T), sizeof(T));
        return value;
    }
    template <typename T>
    void set(Field<T> field, std::type_identity_t<T> value, std::size_t index = 0) noexcept {
        assert(field.message == id && index < field.count);
        std::memcpy(payload.data() + field.offset + index * sizeof(T), &value, sizeof(T));
    }
};

/// What the bytes at the start of a span are.
enum class Reading : std::uint8_t {
    message,    // known, checked
    unknown,    // a packet whose id the table does not have: its checksum cannot be judged
    incomplete, // may become a packet with more bytes
    bad_checksum,
    malformed, // not a packet's start, or a length or flag that cannot be
};

struct ReadPacket {
    Reading reading = Reading::malformed;
    std::size_t size = 0; // of the whole packet with signature; 0 for incomplete and malformed
    Message message;      // valid for Reading::message only
};

/// The whole packet is of v2 and ends with a signature.
[[nodiscard]] bool announces_signature(ByteSpan packet) noexcept;

/// Reads the packet that `bytes` begins with. Signatures are skipped, not verified (that is signing.hpp's). A
/// payload longer than the table's (a newer definition) is accepted, its surplus ignored.
[[nodiscard]] ReadPacket read_packet(ByteSpan bytes) noexcept;

/// The packet's bytes; `message.id` must be in the table. v1 leaves extensions out, v2 cuts trailing zeros
/// (never the first byte).
[[nodiscard]] Bytes write_packet(const Message& message);
/// The same in v2 whatever the message says, announcing a signature, which is to be appended.
[[nodiscard]] Bytes write_packet_to_be_signed(const Message& message);

/// X.25 checksum as MAVLink computes it, of `bytes` and then `crc_extra`.
[[nodiscard]] std::uint16_t checksum(ByteSpan bytes, std::uint8_t crc_extra) noexcept;

/// Characters up to the first NUL or the field's end.
[[nodiscard]] std::string text_of(const Message& message, Field<char> field);

} // namespace masthead::mavlink
