#include "plugins/bytes/bytes.hpp"

#include <cassert>

namespace masthead {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return -1;
}

} // namespace

const char* to_string(Code code) noexcept {
    switch (code) {
    case Code::invalid_argument: return "invalid_argument";
    case Code::malformed: return "malformed";
    case Code::truncated: return "truncated";
    case Code::not_found: return "not_found";
    case Code::already_exists: return "already_exists";
    case Code::unauthenticated: return "unauthenticated";
    case Code::forbidden: return "forbidden";
    case Code::conflict: return "conflict";
    case Code::too_large: return "too_large";
    case Code::unavailable: return "unavailable";
    case Code::expired: return "expired";
    case Code::unsupported: return "unsupported";
    case Code::internal: return "internal";
    }
    return "internal";
}

std::string to_hex(ByteSpan bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        text += kHexDigits[std::to_integer<unsigned>(byte) >> 4];
        text += kHexDigits[std::to_integer<unsigned>(byte) & 0xF];
    }
    return text;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return fail(Code::malformed, "hexadecimal text has an odd number of digits");
    }
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return fail(Code::malformed, "not a hexadecimal digit at position " + std::to_string(i));
        }
        bytes.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return bytes;
}

Result<std::uint8_t> ByteReader::u8() {
    const auto value = uint_be(1);
    if (!value) {
        return tl::unexpected(value.error());
    }
    return static_cast<std::uint8_t>(*value);
}

Result<std::uint64_t> ByteReader::uint_be(std::size_t size) {
    assert(size >= 1 && size <= 8);
    const auto bytes = take(size);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    std::uint64_t value = 0;
    for (const std::byte byte : *bytes) {
        value = value << 8 | std::to_integer<std::uint64_t>(byte);
    }
    return value;
}

Result<std::uint64_t> ByteReader::uint_le(std::size_t size) {
    assert(size >= 1 && size <= 8);
    const auto bytes = take(size);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) {
        value = value << 8 | std::to_integer<std::uint64_t>((*bytes)[i]);
    }
    return value;
}

Result<ByteSpan> ByteReader::take(std::size_t size) {
    if (size > remaining()) {
        return fail(Code::truncated, std::to_string(size) + " bytes wanted at offset " +
                                         std::to_string(position_) + ", " + std::to_string(remaining()) +
                                         " there");
    }
    const ByteSpan bytes = bytes_.subspan(position_, size);
    position_ += size;
    return bytes;
}

Result<void> ByteReader::skip(std::size_t size) {
    const auto bytes = take(size);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    return {};
}

void ByteWriter::uint_be(std::uint64_t value, std::size_t size) {
    assert(size >= 1 && size <= 8);
    for (std::size_t i = size; i-- > 0;) {
        u8(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

void ByteWriter::uint_le(std::uint64_t value, std::size_t size) {
    assert(size >= 1 && size <= 8);
    for (std::size_t i = 0; i < size; ++i) {
        u8(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

} // namespace masthead
