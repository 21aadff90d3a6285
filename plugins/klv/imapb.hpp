// IMAPB (ST 1201): a real number on min..max in 1 to 8 bytes, with codes for what is no number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace masthead::klv {

struct Imapb {
    double min;
    double max;         // above min
    std::size_t length; // bytes, 1..8
};

enum class ImapbSpecial : std::uint8_t {
    none,
    positive_infinity,
    negative_infinity,
    not_a_number,  // quiet or signalling, either sign
    below_minimum, // 0xE0
    above_maximum, // 0xE1
    other,         // user defined, reserved, or a code past the maximum
};

struct ImapbValue {
    std::optional<double> number; // with special none, and only then
    ImapbSpecial special = ImapbSpecial::none;
};

/// The step between two codes.
[[nodiscard]] double imapb_resolution(const Imapb& map) noexcept;

/// `value` is finite. Zero maps to zero exactly where min < 0 < max. Outside min..max: the code for below or
/// above.
[[nodiscard]] std::uint64_t imapb_encode(const Imapb& map, double value) noexcept;

/// `code` is the item's bytes as a big-endian number. Up to one step past the maximum is rounding and gives
/// the maximum.
[[nodiscard]] ImapbValue imapb_decode(const Imapb& map, std::uint64_t code) noexcept;

} // namespace masthead::klv
