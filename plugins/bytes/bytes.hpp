// Bounds-checked reading and writing of bytes. Nothing here can read or write outside its span.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace masthead {

using ByteSpan = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

[[nodiscard]] inline ByteSpan as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteSpan bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
/// Lower-case hexadecimal, no separators.
[[nodiscard]] std::string to_hex(ByteSpan bytes);
/// Even number of hexadecimal digits, either case. Error: malformed.
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);

/// Reads forward through a borrowed span. Every read checks the bounds; a read past the end gives
/// Code::truncated and does not move. Thread: any one at a time.
class ByteReader {
  public:
    explicit ByteReader(ByteSpan bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    [[nodiscard]] std::size_t remaining() const noexcept { return bytes_.size() - position_; }
    [[nodiscard]] bool done() const noexcept { return remaining() == 0; }
    /// What has not been read yet.
    [[nodiscard]] ByteSpan rest() const noexcept { return bytes_.subspan(position_); }

    [[nodiscard]] Result<std::uint8_t> u8();
    /// Unsigned integer of `size` bytes (1..8), most significant byte first.
    [[nodiscard]] Result<std::uint64_t> uint_be(std::size_t size);
    /// Unsigned integer of `size` bytes (1..8), least significant byte first.
    [[nodiscard]] Result<std::uint64_t> uint_le(std::size_t size);
    /// Borrows the next `size` bytes.
    [[nodiscard]] Result<ByteSpan> take(std::size_t size);
    [[nodiscard]] Result<void> skip(std::size_t size);

  private:
    ByteSpan bytes_;
    std::size_t position_ = 0;
};

/// Appends to a growing buffer.
class ByteWriter {
  public:
    void u8(std::uint8_t value) { bytes_.push_back(std::byte{value}); }
    /// The low `size` bytes (1..8) of `value`, most significant first.
    void uint_be(std::uint64_t value, std::size_t size);
    /// The low `size` bytes (1..8) of `value`, least significant first.
    void uint_le(std::uint64_t value, std::size_t size);
    void append(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
    [[nodiscard]] ByteSpan view() const noexcept { return bytes_; }
    /// Gives the bytes away; the writer is empty afterwards.
    [[nodiscard]] Bytes release() noexcept { return std::exchange(bytes_, {}); }

  private:
    Bytes bytes_;
};

} // namespace masthead
