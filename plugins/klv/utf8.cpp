#include "plugins/klv/values.hpp"

namespace masthead::klv {

namespace {

/// What may follow a lead byte (Unicode 15, table 3-7): number of continuation bytes and the range of the
/// first.
struct Lead {
    int following;
    unsigned char low;
    unsigned char high;
};

Lead lead_of(unsigned char byte) noexcept {
    if (byte >= 0xC2 && byte <= 0xDF) {
        return {1, 0x80, 0xBF};
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        return {2, static_cast<unsigned char>(byte == 0xE0 ? 0xA0 : 0x80),
                static_cast<unsigned char>(byte == 0xED ? 0x9F : 0xBF)};
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        return {3, static_cast<unsigned char>(byte == 0xF0 ? 0x90 : 0x80),
                static_cast<unsigned char>(byte == 0xF4 ? 0x8F : 0xBF)};
    }
    return {0, 0, 0};
}

} // namespace

std::string valid_utf8(ByteSpan value) {
    const std::string_view text = as_text(value);
    std::string valid;
    valid.reserve(text.size());
    std::size_t i = 0;
    while (i < text.size()) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            valid += text[i++];
            continue;
        }
        const Lead lead = lead_of(byte);
        const std::size_t start = i++;
        int left = lead.following;
        for (unsigned char low = lead.low, high = lead.high; left > 0 && i < text.size(); ++i, --left) {
            const auto next = static_cast<unsigned char>(text[i]);
            if (next < low || next > high) {
                break;
            }
            low = 0x80;
            high = 0xBF;
        }
        if (lead.following == 0 || left > 0) {
            valid += "\xEF\xBF\xBD";
        } else {
            valid += text.substr(start, i - start);
        }
    }
    return valid;
}

} // namespace masthead::klv
