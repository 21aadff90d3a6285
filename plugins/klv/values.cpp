#include "plugins/klv/values.hpp"

#include "plugins/klv/imapb.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace masthead::klv {

namespace {

bool is_integer(Wire wire) noexcept {
    return wire == Wire::uint_fixed || wire == Wire::sint_fixed || wire == Wire::uint_var ||
           wire == Wire::sint_var;
}

bool is_signed(Wire wire) noexcept {
    return wire == Wire::sint_fixed || wire == Wire::sint_var || wire == Wire::lin_signed;
}

bool is_numeric(Wire wire) noexcept { return wire != Wire::utf8 && wire != Wire::raw; }

bool fits(const Row& row, std::size_t length) noexcept {
    return length >= 1 && length <= 8 && length >= row.min_length && length <= row.max_length;
}

std::uint64_t unsigned_of(ByteSpan value) noexcept {
    std::uint64_t number = 0;
    for (const std::byte byte : value) {
        number = number << 8 | std::to_integer<std::uint64_t>(byte);
    }
    return number;
}

std::int64_t signed_of(ByteSpan value) noexcept {
    const unsigned unused = static_cast<unsigned>(64 - 8 * value.size());
    return static_cast<std::int64_t>(unsigned_of(value) << unused) >> unused;
}

Bytes bytes_of(std::uint64_t code, std::size_t length) {
    ByteWriter writer;
    writer.uint_be(code, length);
    return writer.release();
}

/// 2^bits - 1, for 1..64 bits.
std::uint64_t all_ones(std::size_t bits) noexcept { return ~0ULL >> (64 - bits); }

tl::unexpected<Error> outside(const Row& row, double value) {
    return fail(Code::invalid_argument, "item " + std::to_string(row.tag) + " (" + std::string(row.name) +
                                            "): " + std::to_string(value) + " is outside " +
                                            std::to_string(row.min) + ".." + std::to_string(row.max));
}

std::size_t length_for(const Row& row, std::int64_t value) noexcept {
    std::size_t length = row.write_length;
    const auto holds = [&](std::size_t bytes) {
        if (bytes >= 8) {
            return true;
        }
        const std::int64_t limit = std::int64_t{1} << (8 * bytes - (is_signed(row.wire) ? 1 : 0));
        return is_signed(row.wire) ? value >= -limit && value < limit : value < limit;
    };
    while (length < row.max_length && !holds(length)) {
        ++length;
    }
    return length;
}

Result<Bytes> encode_linear(const Row& row, double value, std::size_t length) {
    const double half_step = resolution_at(row, length) / 2;
    const bool inside = value >= row.min - half_step && value <= row.max + half_step;
    const double clamped = std::clamp(value, row.min, row.max);
    if (row.wire == Wire::lin_unsigned) {
        if (!inside) {
            return outside(row, value);
        }
        const auto steps = static_cast<double>(all_ones(8 * length));
        return bytes_of(
            static_cast<std::uint64_t>(std::llround((clamped - row.min) * steps / (row.max - row.min))),
            length);
    }
    if (!inside) {
        if (row.special != Special::out_of_range) {
            return outside(row, value);
        }
        return bytes_of(1ULL << (8 * length - 1), length);
    }
    const auto steps = static_cast<double>(all_ones(8 * length - 1));
    return bytes_of(static_cast<std::uint64_t>(std::llround(clamped * steps / row.max)), length);
}

} // namespace

double resolution_at(const Row& row, std::size_t length) noexcept {
    switch (row.wire) {
    case Wire::lin_unsigned: return (row.max - row.min) / static_cast<double>(all_ones(8 * length));
    case Wire::lin_signed: return row.max / static_cast<double>(all_ones(8 * length - 1));
    case Wire::imapb: return imapb_resolution({row.min, row.max, length});
    case Wire::utf8:
    case Wire::raw: return 0;
    default: return 1;
    }
}

std::optional<double> decode_number(const Row& row, ByteSpan value) noexcept {
    if (!is_numeric(row.wire) || !fits(row, value.size())) {
        return std::nullopt;
    }
    const std::size_t bits = 8 * value.size();
    switch (row.wire) {
    case Wire::lin_unsigned:
        return row.min + static_cast<double>(unsigned_of(value)) * (row.max - row.min) /
                             static_cast<double>(all_ones(bits));
    case Wire::lin_signed: {
        if (unsigned_of(value) == 1ULL << (bits - 1)) {
            return std::nullopt;
        }
        return static_cast<double>(signed_of(value)) * row.max / static_cast<double>(all_ones(bits - 1));
    }
    case Wire::imapb: return imapb_decode({row.min, row.max, value.size()}, unsigned_of(value)).number;
    default:
        return is_signed(row.wire) ? static_cast<double>(signed_of(value))
                                   : static_cast<double>(unsigned_of(value));
    }
}

std::optional<std::int64_t> decode_integer(const Row& row, ByteSpan value) noexcept {
    if (!is_integer(row.wire) || !fits(row, value.size())) {
        return std::nullopt;
    }
    if (is_signed(row.wire)) {
        return signed_of(value);
    }
    const std::uint64_t number = unsigned_of(value);
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
}

Result<Bytes> encode_number(const Row& row, double value, std::size_t length) {
    if (!is_numeric(row.wire) || !fits(row, length)) {
        return fail(Code::invalid_argument, "item " + std::to_string(row.tag) + " (" + std::string(row.name) +
                                                "): takes no number of " + std::to_string(length) + " bytes");
    }
    if (!std::isfinite(value)) {
        return fail(Code::invalid_argument, "item " + std::to_string(row.tag) + " (" + std::string(row.name) +
                                                "): a finite number is wanted");
    }
    if (row.wire == Wire::imapb) {
        return bytes_of(imapb_encode({row.min, row.max, length}, value), length);
    }
    if (!is_integer(row.wire)) {
        return encode_linear(row, value, length);
    }
    // 2^63 as a double: the first value that no int64 holds.
    constexpr double kTooLarge = 9223372036854775808.0;
    if (value < -kTooLarge || value >= kTooLarge) {
        return outside(row, value);
    }
    return encode_integer(row, std::llround(value));
}

Result<Bytes> encode_integer(const Row& row, std::int64_t value) {
    if (!is_integer(row.wire)) {
        return fail(Code::invalid_argument, "item " + std::to_string(row.tag) + " (" + std::string(row.name) +
                                                "): takes no whole number");
    }
    if (static_cast<double>(value) < row.min || static_cast<double>(value) > row.max) {
        return outside(row, static_cast<double>(value));
    }
    return bytes_of(static_cast<std::uint64_t>(value), length_for(row, value));
}

} // namespace masthead::klv
