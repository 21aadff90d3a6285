#include "plugins/klv/checksum.hpp"

namespace masthead::klv {

std::uint16_t checksum(ByteSpan bytes) noexcept {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        sum += std::to_integer<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
    }
    return static_cast<std::uint16_t>(sum & 0xFFFFU);
}

} // namespace masthead::klv
