// Cells <-> frame counter, capture time and CRC.
#include "simulator/barcode.hpp"

#include <algorithm>
#include <array>

namespace masthead::sim {

namespace {

constexpr std::size_t kBytes = kBarcodeColumns * kBarcodeRows / 8;
constexpr std::size_t kCrcBytes = 2;
using Packed = std::array<std::uint8_t, kBytes>;

void put(Packed& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    }
}
std::uint64_t get(const Packed& bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        value = value << 8 | bytes[at + i];
    }
    return value;
}

/// The middle of a cell, where a codec's ringing does least harm.
bool is_white(const LumaPlane<const std::uint8_t>& plane, int x0, int y0, int cell_px) {
    const int inset = cell_px / 4;
    int sum = 0;
    int count = 0;
    for (int y = y0 + inset; y < y0 + cell_px - inset; ++y) {
        for (int x = x0 + inset; x < x0 + cell_px - inset; ++x) {
            sum += plane.bytes[static_cast<std::size_t>(y) * plane.stride + x];
            ++count;
        }
    }
    return 2 * sum > (kBarcodeBlack + kBarcodeWhite) * count;
}

} // namespace

std::uint16_t crc16(std::span<const std::uint8_t> bytes) {
    std::uint32_t crc = 0xffff;
    for (const std::uint8_t byte : bytes) {
        crc ^= static_cast<std::uint32_t>(byte) << 8;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1;
        }
        crc &= 0xffff;
    }
    return static_cast<std::uint16_t>(crc);
}

void draw_barcode(const LumaPlane<std::uint8_t>& plane, const Barcode& barcode, int cell_px) {
    Packed bytes{};
    put(bytes, 0, barcode.frame, 4);
    put(bytes, 4, static_cast<std::uint64_t>(barcode.time.us), 8);
    put(bytes, kBytes - kCrcBytes, crc16(std::span(bytes).first(kBytes - kCrcBytes)), kCrcBytes);
    const auto fill = [&](int x, int y, int width, int height, std::uint8_t luma) {
        for (int row = y; row < y + height; ++row) {
            std::fill_n(plane.bytes.begin() + static_cast<std::ptrdiff_t>(row) * plane.stride + x, width,
                        luma);
        }
    };
    fill(0, 0, barcode_width_px(cell_px), barcode_height_px(cell_px), kBarcodeBlack);
    for (int i = 0; i < kBarcodeColumns * kBarcodeRows; ++i) {
        if (bytes[static_cast<std::size_t>(i / 8)] >> (7 - i % 8) & 1) {
            fill((i % kBarcodeColumns + kBarcodeQuietCells) * cell_px,
                 (i / kBarcodeColumns + kBarcodeQuietCells) * cell_px, cell_px, cell_px, kBarcodeWhite);
        }
    }
}

std::optional<Barcode> read_barcode(const LumaPlane<const std::uint8_t>& plane, int cell_px) {
    if (plane.width < barcode_width_px(cell_px) || plane.height < barcode_height_px(cell_px) ||
        plane.stride < plane.width ||
        plane.bytes.size() < static_cast<std::size_t>(plane.stride) * (plane.height - 1) + plane.width) {
        return std::nullopt;
    }
    Packed bytes{};
    for (int i = 0; i < kBarcodeColumns * kBarcodeRows; ++i) {
        const int x = (i % kBarcodeColumns + kBarcodeQuietCells) * cell_px;
        const int y = (i / kBarcodeColumns + kBarcodeQuietCells) * cell_px;
        auto& byte = bytes[static_cast<std::size_t>(i / 8)];
        byte = static_cast<std::uint8_t>(byte << 1 | (is_white(plane, x, y, cell_px) ? 1 : 0));
    }
    if (get(bytes, kBytes - kCrcBytes, kCrcBytes) != crc16(std::span(bytes).first(kBytes - kCrcBytes))) {
        return std::nullopt;
    }
    return Barcode{static_cast<std::uint32_t>(get(bytes, 0, 4)),
                   Utc{static_cast<std::int64_t>(get(bytes, 4, 8))}};
}

} // namespace masthead::sim
