// The machine-readable block in a picture's upper left corner: frame counter, capture time, CRC. The geometry
// stands in schema/barcode.json too, for readers in other languages; a test compares the two.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace masthead::sim {

inline constexpr int kBarcodeColumns = 16; // data cells
inline constexpr int kBarcodeRows = 7;
inline constexpr int kBarcodeQuietCells = 1; // black border on each side
inline constexpr int kBarcodeCellPx = 8;     // by default; even, at least 6
inline constexpr std::uint8_t kBarcodeBlack = 16;
inline constexpr std::uint8_t kBarcodeWhite = 235;

struct Barcode {
    std::uint32_t frame = 0;
    Utc time;
    friend bool operator==(const Barcode&, const Barcode&) = default;
};

/// A luma plane, borrowed. `stride` in bytes, at least `width`.
template <typename Byte>
struct LumaPlane {
    std::span<Byte> bytes;
    int width = 0;
    int height = 0;
    int stride = 0;
};

/// Pixels that the block takes, border included.
[[nodiscard]] constexpr int barcode_width_px(int cell_px) {
    return (kBarcodeColumns + 2 * kBarcodeQuietCells) * cell_px;
}
[[nodiscard]] constexpr int barcode_height_px(int cell_px) {
    return (kBarcodeRows + 2 * kBarcodeQuietCells) * cell_px;
}

/// CRC-16/CCITT-FALSE.
[[nodiscard]] std::uint16_t crc16(std::span<const std::uint8_t> bytes);

/// Paints the block; the plane must hold it.
void draw_barcode(const LumaPlane<std::uint8_t>& plane, const Barcode& barcode, int cell_px = kBarcodeCellPx);
/// Nothing when the plane is too small or the CRC is wrong.
[[nodiscard]] std::optional<Barcode> read_barcode(const LumaPlane<const std::uint8_t>& plane,
                                                  int cell_px = kBarcodeCellPx);

} // namespace masthead::sim
