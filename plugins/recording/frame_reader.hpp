// From the bytes of a recording back to what its index says of each frame.
#pragma once

#include "plugins/recording/gop_tally.hpp"
#include "plugins/ts/framer.hpp"
#include "plugins/ts/section.hpp"

#include <functional>

namespace masthead::recording {

/// Reads what FrameWriter wrote. Bytes that are damaged cost the frames they belong to. Thread: any one at a
/// time.
class FrameReader {
  public:
    using Yield = std::function<void(const FrameFacts&)>;
    /// `yield` is called where a frame's video begins.
    void feed(ByteSpan bytes, const Yield& yield);

    /// Nothing: no tables came yet.
    [[nodiscard]] std::optional<Codec> codec() const noexcept { return codec_; }
    /// How many of the bytes so far are of use: whole packets, without a last frame that is cut short.
    [[nodiscard]] std::uint64_t whole() const noexcept;

  private:
    void take(ByteSpan bytes, const Yield& yield);
    void take_tables(const ts::Packet& packet);
    void take_video(const ts::Packet& packet, const Yield& yield);

    ts::Framer framer_;
    ts::SectionReader tables_;
    ts::PesReader klv_reader_;
    std::uint64_t offset_ = 0;           // of the next packet
    std::optional<std::uint64_t> group_; // where what stands before the next frame's video begins
    std::optional<Codec> codec_;
    Bytes klv_; // of the frame to come
    std::optional<ts::Ticks> klv_pts_;
    std::uint64_t frame_ = 0; // offset of the newest frame
    std::size_t left_ = 0;    // bytes of the newest frame that are still to come, where it says its length
};

} // namespace masthead::recording
