// Finds the packets in a stream of bytes, however it was cut up.
#pragma once

#include "plugins/ts/packet.hpp"

#include <functional>

namespace masthead::ts {

/// In step, a packet is any 188 bytes that begin with the sync byte; out of step, only where the next one
/// follows, or nothing yet. Every byte is given back once and in order, in a packet or as bytes that are
/// none. Keeps less than two packets. Thread: any one at a time.
class Framer {
  public:
    struct Yield {
        std::function<void(ByteSpan)> packet; // 188 bytes
        std::function<void(ByteSpan)> other;  // bytes between packets
    };
    /// Spans are borrowed for the call.
    void feed(ByteSpan bytes, const Yield& yield);
    /// Gives back what is kept.
    void finish(const Yield& yield);

  private:
    /// Bytes used up.
    [[nodiscard]] std::size_t drain(ByteSpan bytes, const Yield& yield);

    Bytes kept_;
    bool in_step_ = false;
};

} // namespace masthead::ts
