#include "plugins/klv/key.hpp"

#include "plugins/klv/ber.hpp"
#include "plugins/klv/local_set.hpp"

#include <algorithm>

namespace masthead::klv {

namespace {

constexpr std::size_t kPrefixSize = 4;
constexpr std::size_t kRegistryVersionAt = 7;

} // namespace

bool is_st0601_key(ByteSpan bytes) noexcept {
    const ByteSpan key = st0601_key();
    if (bytes.size() < kKeySize) {
        return false;
    }
    for (std::size_t i = 0; i < kKeySize; ++i) {
        if (i != kRegistryVersionAt && bytes[i] != key[i]) {
            return false;
        }
    }
    return true;
}

bool begins_like_a_key(ByteSpan bytes) noexcept {
    const std::size_t size = std::min(bytes.size(), kPrefixSize);
    return std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), st0601_key().begin());
}

Result<PacketExtent> packet_extent(ByteSpan bytes) {
    if (!begins_like_a_key(bytes)) {
        return fail(Code::malformed, "KLV: the bytes begin with no SMPTE key (06 0E 2B 34)");
    }
    ByteReader reader(bytes);
    if (const auto key = reader.skip(kKeySize); !key) {
        return tl::unexpected(key.error());
    }
    const auto length = read_ber_length(reader);
    if (!length) {
        return tl::unexpected(length.error());
    }
    if (*length > kMaxPacketSize - reader.position()) {
        return fail(Code::too_large, "KLV: a packet of " + std::to_string(*length) + " bytes; at most " +
                                         std::to_string(kMaxPacketSize) + " are taken");
    }
    return PacketExtent{reader.position(), reader.position() + static_cast<std::size_t>(*length)};
}

} // namespace masthead::klv
