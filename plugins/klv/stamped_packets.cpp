#include "plugins/klv/stamped_packets.hpp"

#include "plugins/klv/access_unit.hpp"

namespace masthead::klv {

void StampedPackets::feed(ByteSpan payload, Stamp stamp, const Yield& yield) {
    chunks_.push_back({fed_, stamp});
    for (const ByteSpan part : klv_parts(payload)) {
        fed_ += part.size();
        splitter_.feed(part, [&](ByteSpan packet) {
            const Stamp begun = stamp_at(yielded_ + splitter_.skipped_bytes());
            yielded_ += packet.size();
            yield(packet, begun);
        });
    }
    (void)stamp_at(yielded_ + splitter_.skipped_bytes()); // forgets payloads that nothing waits for
}

void StampedPackets::reset() {
    splitter_.reset();
    chunks_.clear();
}

StampedPackets::Stamp StampedPackets::stamp_at(std::uint64_t offset) {
    while (chunks_.size() > 1 && chunks_[1].offset <= offset) {
        chunks_.pop_front();
    }
    return chunks_.empty() ? std::nullopt : chunks_.front().stamp;
}

} // namespace masthead::klv
