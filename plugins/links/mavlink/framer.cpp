// Finds MAVLink packets in a stream of bytes.
#include "plugins/links/mavlink/framer.hpp"

namespace masthead::mavlink {

namespace {

/// A packet whose id is unknown has no checksum that could be judged, so that its length may be garbage's. It
/// is believed when what follows looks like a packet again.
bool followed_by_packet(ByteSpan rest) {
    return rest.empty() || rest[0] == std::byte{0xFE} || rest[0] == std::byte{0xFD};
}

} // namespace

std::size_t Framer::consume(ByteSpan bytes, LinkCounters& counters, const Take& take) {
    std::size_t position = 0;
    while (position < bytes.size()) {
        const ByteSpan rest = bytes.subspan(position);
        ReadPacket packet = read_packet(rest);
        if (packet.reading == Reading::incomplete) {
            break;
        }
        if (packet.reading == Reading::unknown && !followed_by_packet(rest.subspan(packet.size))) {
            packet.reading = Reading::malformed;
        }
        switch (packet.reading) {
        case Reading::message:
            take(packet.message);
            position += packet.size;
            skipping_ = false;
            continue;
        case Reading::unknown:
            ++counters.messages_unknown;
            position += packet.size;
            skipping_ = false;
            continue;
        case Reading::bad_checksum: counters.bad_checksum += skipping_ ? 0 : 1; break;
        default: counters.malformed += skipping_ ? 0 : 1;
        }
        // One byte on, not a packet on: the length that was read may have been garbage too.
        skipping_ = true;
        ++position;
    }
    return position;
}

void Framer::push(ByteSpan bytes, LinkCounters& counters, const Take& take) {
    if (unfinished_.empty()) {
        const std::size_t used = consume(bytes, counters, take);
        unfinished_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(used), bytes.end());
        return;
    }
    unfinished_.insert(unfinished_.end(), bytes.begin(), bytes.end());
    const std::size_t used = consume(unfinished_, counters, take);
    unfinished_.erase(unfinished_.begin(), unfinished_.begin() + static_cast<std::ptrdiff_t>(used));
}

void Framer::push_datagram(ByteSpan bytes, LinkCounters& counters, const Take& take) {
    if (!unfinished_.empty() && read_packet(bytes).reading == Reading::message) {
        ++counters.malformed;
        unfinished_.clear();
    }
    skipping_ = skipping_ && !unfinished_.empty(); // garbage ends with its datagram
    push(bytes, counters, take);
}

} // namespace masthead::mavlink
