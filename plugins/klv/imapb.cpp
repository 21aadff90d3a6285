#include "plugins/klv/imapb.hpp"

#include <algorithm>
#include <cmath>

namespace masthead::klv {

namespace {

/// ST 1201 clause 7: forward and reverse scale and the offset that puts zero on a code.
struct Scale {
    double forward;
    double reverse;
    double zero_offset;
    int bits; // of the item
};

Scale scale_of(const Imapb& map) noexcept {
    const int range_power = static_cast<int>(std::ceil(std::log2(map.max - map.min)));
    const int bits = static_cast<int>(8 * map.length);
    const double forward = std::ldexp(1.0, bits - 1 - range_power);
    const bool spans_zero = map.min < 0 && map.max > 0;
    const double zero_offset = spans_zero ? forward * map.min - std::floor(forward * map.min) : 0.0;
    return {forward, std::ldexp(1.0, range_power - (bits - 1)), zero_offset, bits};
}

/// `top` is the item's first byte.
ImapbSpecial special_of(unsigned top) noexcept {
    switch (top >> 3) {
    case 0b11001: return ImapbSpecial::positive_infinity;
    case 0b11101: return ImapbSpecial::negative_infinity;
    case 0b11010:
    case 0b11110:
    case 0b11011:
    case 0b11111: return ImapbSpecial::not_a_number;
    case 0b11100:
        return top == 0xE0   ? ImapbSpecial::below_minimum
               : top == 0xE1 ? ImapbSpecial::above_maximum
                             : ImapbSpecial::other;
    default: return ImapbSpecial::other;
    }
}

} // namespace

double imapb_resolution(const Imapb& map) noexcept { return scale_of(map).reverse; }

std::uint64_t imapb_encode(const Imapb& map, double value) noexcept {
    const Scale scale = scale_of(map);
    if (value < map.min || value > map.max) {
        return (value < map.min ? 0xE0ULL : 0xE1ULL) << (scale.bits - 8);
    }
    // At 7 and 8 bytes a double's rounding could reach past the top code.
    const double top = std::ldexp(1.0, scale.bits - 1);
    const double code = std::floor(scale.forward * (value - map.min) + scale.zero_offset);
    return static_cast<std::uint64_t>(std::clamp(code, 0.0, top));
}

ImapbValue imapb_decode(const Imapb& map, std::uint64_t code) noexcept {
    const Scale scale = scale_of(map);
    const std::uint64_t top = 1ULL << (scale.bits - 1);
    if (code > top) {
        return {std::nullopt, special_of(static_cast<unsigned>(code >> (scale.bits - 8)))};
    }
    const double value = scale.reverse * (static_cast<double>(code) - scale.zero_offset) + map.min;
    if (value > map.max + scale.reverse) {
        return {std::nullopt, ImapbSpecial::other};
    }
    // The offset that puts zero on a code may also put the lowest code just below the minimum.
    return {std::clamp(value, map.min, map.max), ImapbSpecial::none};
}

} // namespace masthead::klv
