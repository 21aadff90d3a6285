#include "plugins/klv/packets.hpp"

#include "plugins/klv/local_set.hpp"

#include <algorithm>
#include <optional>

namespace masthead::klv {

namespace {

/// Where the next key may begin after the first byte of `bytes`: a whole prefix, or a part of one at the very
/// end.
std::size_t next_start(ByteSpan bytes) noexcept {
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        if (begins_like_a_key(bytes.subspan(i))) {
            return i;
        }
    }
    return bytes.size();
}

/// First ST 0601 key in `bytes` at `from` or later.
std::optional<std::size_t> find_key(ByteSpan bytes, std::size_t from) noexcept {
    const std::byte first = st0601_key().front();
    for (std::size_t i = from; i + kKeySize <= bytes.size(); ++i) {
        if (bytes[i] == first && is_st0601_key(bytes.subspan(i))) {
            return i;
        }
    }
    return std::nullopt;
}

constexpr std::size_t kInnerKeyEnd = 2 * kKeySize - 1; // of one that begins at the last byte of a key

/// A key seems to begin within the one that `bytes` begins with, but is not all here.
bool inner_key_may_come(ByteSpan bytes) noexcept {
    for (std::size_t i = 1; i < kKeySize && i < bytes.size(); ++i) {
        if (i + kKeySize > bytes.size() && begins_like_a_key(bytes.subspan(i))) {
            return true;
        }
    }
    return false;
}

} // namespace

void PacketSplitter::feed(ByteSpan chunk, const std::function<void(ByteSpan)>& yield) {
    while (!chunk.empty()) {
        const std::size_t size = std::min(chunk.size(), kMaxPacketSize - pending_.size());
        pending_.insert(pending_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(size));
        chunk = chunk.subspan(size);
        drain(yield);
    }
}

void PacketSplitter::reset() {
    skip(rest().size());
    pending_.clear();
    start_ = 0;
    in_step_ = true;
}

void PacketSplitter::skip(std::size_t size) {
    if (size > 0) {
        resyncs_ += in_step_ ? 1 : 0;
        in_step_ = false;
        skipped_bytes_ += size;
        start_ += size;
    }
    scanned_ = 0;
}

void PacketSplitter::drain(const std::function<void(ByteSpan)>& yield) {
    while (!rest().empty()) {
        const auto extent = packet_extent(rest());
        if (!extent && extent.error().code == Code::truncated) {
            break;
        }
        if (!extent) {
            skip(next_start(rest()));
            continue;
        }
        const ByteSpan here = rest().first(std::min(extent->size, rest().size()));
        // A packet that carries a key of its own has lost its end. One that begins within the packet's key
        // may end behind the packet.
        const ByteSpan reach = rest().first(std::min(std::max(extent->size, kInnerKeyEnd), rest().size()));
        if (const auto inner = find_key(reach, std::max<std::size_t>(scanned_, 1))) {
            skip(*inner);
            continue;
        }
        if (extent->size > here.size() || inner_key_may_come(reach)) {
            scanned_ = reach.size() >= kKeySize ? reach.size() - kKeySize + 1 : 0;
            break;
        }
        in_step_ = true;
        ++packets_;
        yield(here);
        start_ += extent->size;
        scanned_ = 0;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
}

} // namespace masthead::klv
