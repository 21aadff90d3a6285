#include "plugins/ts/framer.hpp"

#include <algorithm>

namespace masthead::ts {

namespace {

enum class Looks : std::uint8_t { packet, other, unsure };

Looks look(ByteSpan bytes, bool in_step) {
    if (bytes.front() != kSyncByte) {
        return Looks::other;
    }
    if (bytes.size() < kPacketSize) {
        return Looks::unsure;
    }
    const bool alone = bytes.size() == kPacketSize;
    return in_step || alone || bytes[kPacketSize] == kSyncByte ? Looks::packet : Looks::other;
}

} // namespace

std::size_t Framer::drain(ByteSpan bytes, const Yield& yield) {
    std::size_t used = 0;
    while (used < bytes.size()) {
        const ByteSpan rest = bytes.subspan(used);
        const Looks looks = look(rest, in_step_);
        if (looks == Looks::unsure) {
            break;
        }
        in_step_ = looks == Looks::packet;
        if (in_step_) {
            yield.packet(rest.first(kPacketSize));
            used += kPacketSize;
            continue;
        }
        const auto next = std::find(rest.begin() + 1, rest.end(), kSyncByte);
        const auto size = static_cast<std::size_t>(next - rest.begin());
        yield.other(rest.first(size));
        used += size;
    }
    return used;
}

void Framer::feed(ByteSpan bytes, const Yield& yield) {
    if (kept_.empty()) {
        bytes = bytes.subspan(drain(bytes, yield));
        kept_.assign(bytes.begin(), bytes.end());
        return;
    }
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    const std::size_t used = drain(kept_, yield);
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(used));
}

void Framer::finish(const Yield& yield) {
    if (!kept_.empty()) {
        yield.other(kept_);
    }
    kept_.clear();
    in_step_ = false;
}

} // namespace masthead::ts
