// From PES payloads with time stamps to whole KLV packets with theirs.
#pragma once

#include "plugins/klv/packets.hpp"

#include <deque>
#include <optional>

namespace masthead::klv {

/// A packet has the stamp of the payload in which it began, none if that had none; the unit is the caller's.
/// Thread: any one at a time.
class StampedPackets {
  public:
    using Stamp = std::optional<std::uint64_t>;
    using Yield = std::function<void(ByteSpan packet, Stamp stamp)>;

    /// `payload` with or without AU cell headers, as klv_parts() takes it. `packet` is borrowed for the call.
    void feed(ByteSpan payload, Stamp stamp, const Yield& yield);
    /// Forgets an unfinished packet.
    void reset();

    /// As PacketSplitter's.
    [[nodiscard]] std::uint64_t resyncs() const noexcept { return splitter_.resyncs(); }

  private:
    /// Where in the stream of bytes a payload began.
    struct Chunk {
        std::uint64_t offset;
        Stamp stamp;
    };
    [[nodiscard]] Stamp stamp_at(std::uint64_t offset);

    PacketSplitter splitter_;
    std::deque<Chunk> chunks_;
    std::uint64_t fed_ = 0;     // bytes given to the splitter
    std::uint64_t yielded_ = 0; // bytes of packets it gave back
};

} // namespace masthead::klv
