// From the bytes of a recording back to its frames: FrameWriter, the other way.
#pragma once

#include "plugins/recording/frame_reader.hpp"

namespace masthead::recording {

/// Gives whole frames in the order of the file. One whose bytes are damaged or missing is left out, and so is
/// one over 64 MiB. Its header's utc_us is 0 where the file does not say the capture time. Thread: any one at
/// a time.
class FrameUnpacker {
  public:
    /// The frame's spans are borrowed for the call.
    using Yield = std::function<void(const Frame&)>;
    void feed(ByteSpan bytes, const Yield& yield);
    /// The last frame ends here; what comes next need not follow.
    void finish(const Yield& yield);

    /// Nothing: no tables came yet.
    [[nodiscard]] std::optional<Codec> codec() const noexcept { return reader_.codec(); }

  private:
    void take(ByteSpan bytes, const Yield& yield);
    void begin(const ts::Packet& packet, const FrameFacts& facts);
    void append(ByteSpan payload);
    void emit(const Yield& yield);

    ts::Framer framer_;
    FrameReader reader_;
    std::optional<Frame> open_;       // its bytes stand in unit_ and klv_
    std::optional<std::size_t> size_; // of the open one's access unit, where it says that
    std::optional<std::uint8_t> continuity_;
    Bytes unit_;
    Bytes klv_;
};

} // namespace masthead::recording
