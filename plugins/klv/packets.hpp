// From a stream of bytes to whole KLV packets: finds keys, joins what came in pieces, and gets back in step
// after loss.
#pragma once

#include "plugins/klv/key.hpp"

#include <cstdint>
#include <functional>

namespace masthead::klv {

/// Any SMPTE key (06 0E 2B 34) begins a packet. A second ST 0601 key inside a packet means that the first one
/// lost its end: it is dropped and the second one taken. How the stream was cut into chunks makes no
/// difference. Keeps at most kMaxPacketSize bytes. Thread: any one at a time.
class PacketSplitter {
  public:
    /// Calls `yield` for each packet that is whole now; the span is borrowed for the call. `yield` does not
    /// call back into this object.
    void feed(ByteSpan chunk, const std::function<void(ByteSpan packet)>& yield);
    /// Forgets an unfinished packet (discontinuity, flush, end of stream); its bytes count as skipped.
    void reset();

    /// Bytes waiting for the rest of their packet.
    [[nodiscard]] std::size_t pending() const noexcept { return pending_.size(); }
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }
    [[nodiscard]] std::uint64_t skipped_bytes() const noexcept { return skipped_bytes_; }
    /// How often bytes had to be skipped to find a key; a run of skipped bytes counts once.
    [[nodiscard]] std::uint64_t resyncs() const noexcept { return resyncs_; }

  private:
    void drain(const std::function<void(ByteSpan)>& yield);
    void skip(std::size_t size);
    [[nodiscard]] ByteSpan rest() const noexcept { return ByteSpan(pending_).subspan(start_); }

    Bytes pending_;
    std::size_t start_ = 0;   // of the first byte not used yet
    std::size_t scanned_ = 0; // from start_: no ST 0601 key begins before this, but for the one at start_
    bool in_step_ = true;
    std::uint64_t packets_ = 0;
    std::uint64_t skipped_bytes_ = 0;
    std::uint64_t resyncs_ = 0;
};

} // namespace masthead::klv
