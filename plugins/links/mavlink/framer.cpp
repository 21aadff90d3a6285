// Finds MAVLink packets in a stream of bytes.
#include "plugins/links/mavlink/framer.hpp"

namespace masthead::mavlink {

namespace {

/// A packet whose id is unknown has no checksum that could be judged, so that its length may be garbage's. It
/// is believed when a packet follows again, or when it ends with its datagram.
Reading judge_unknown(ByteSpan rest, bool whole_datagram) {
    if (rest.empty()) {
        return whole_datagram ? Reading::unknown : Reading::incomplete;
    }
    return rest[0] == std::byte{0xFE} || rest[0] == std::byte{0xFD} ? Reading::unknown : Reading::malformed;
}

} // namespace

std::size_t Framer::consume(ByteSpan bytes, bool whole_datagram, LinkCounters& counters, const Take& take) {
    std::size_t position = 0;
    while (position < bytes.size()) {
        const ByteSpan rest = bytes.subspan(position);
        ReadPacket packet = read_packet(rest);
        if (packet.reading == Reading::unknown) {
            packet.reading = judge_unknown(rest.subspan(packet.size), whole_datagram);
        }
        if (packet.reading == Reading::incomplete) {
            break;
        }
        switch (packet.reading) {
        case Reading::message:
            packet_ = rest.first(packet.size);
            take(packet.message);
            packet_ = {};
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
    append(bytes, false, counters, take);
}

void Framer::push_datagram(ByteSpan bytes, LinkCounters& counters, const Take& take) {
    if (!unfinished_.empty() && read_packet(bytes).reading == Reading::message) {
        ++counters.malformed;
        unfinished_.clear();
    }
    skipping_ = skipping_ && !unfinished_.empty(); // garbage ends with its datagram
    append(bytes, true, counters, take);
}

void Framer::append(ByteSpan bytes, bool whole_datagram, LinkCounters& counters, const Take& take) {
    if (unfinished_.empty()) {
        const std::size_t used = consume(bytes, whole_datagram, counters, take);
        unfinished_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(used), bytes.end());
        return;
    }
    unfinished_.insert(unfinished_.end(), bytes.begin(), bytes.end());
    const std::size_t used = consume(unfinished_, whole_datagram, counters, take);
    unfinished_.erase(unfinished_.begin(), unfinished_.begin() + static_cast<std::ptrdiff_t>(used));
}

} // namespace masthead::mavlink
