// Framer: bytes as they come -> MAVLink messages, in step again after garbage.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/links/link.hpp"
#include "plugins/links/mavlink/codec.hpp"

#include <functional>

namespace masthead::mavlink {

/// Keeps at most one unfinished packet (280 bytes). Thread: any one at a time.
class Framer {
  public:
    using Take = std::function<void(const Message&)>;

    /// Hands every whole, checked message to `take`; counts what was unknown, wrong or no packet into
    /// `counters`.
    void push(ByteSpan bytes, LinkCounters& counters, const Take& take);
    /// The same for one datagram: packets normally begin with it, so that an unfinished one from before is
    /// given up when this datagram begins with a whole packet.
    void push_datagram(ByteSpan bytes, LinkCounters& counters, const Take& take);
    /// While `take` is called: the bytes of its message, with the signature.
    [[nodiscard]] ByteSpan packet() const noexcept { return packet_; }

  private:
    void append(ByteSpan bytes, bool whole_datagram, LinkCounters& counters, const Take& take);
    std::size_t consume(ByteSpan bytes, bool whole_datagram, LinkCounters& counters, const Take& take);

    Bytes unfinished_;
    ByteSpan packet_;
    bool skipping_ = false; // inside garbage that has been counted
};

} // namespace masthead::mavlink
