// From frames to the MPEG-TS of a recording: video and its KLV, frame by frame.
#pragma once

#include "plugins/klv/frame_message.hpp"
#include "plugins/klv/time.hpp"
#include "plugins/ts/pes.hpp"

#include <cstdint>
#include <optional>

namespace masthead::recording {

using Codec = klv::VideoCodec;

inline constexpr ts::Pid kPmtPid = 0x1000;
inline constexpr ts::Pid kVideoPid = 0x100;
inline constexpr ts::Pid kKlvPid = 0x101;

/// Spans are borrowed for the call.
struct Frame {
    ts::Ticks pts = 0;
    std::optional<ts::Ticks> dts; // where it differs
    bool key = false;
    FrameMessageHeader header; // rtp_timestamp, key flag and klv_bytes are filled in when it is written
    ByteSpan access_unit;      // byte-stream
    ByteSpan klv;              // one ST 0601 packet, or empty
};

/// What the first transport packet of a frame carries in its adaptation field: a private data field of tag
/// 0xDF (ETSI TS 101 154, D.2: registered by the identifier that follows), "MSTH", and the header of the
/// frame's message (schema/frame_message.json), so that replay has what live viewing has.
[[nodiscard]] Bytes frame_mark(const FrameMessageHeader& header);
/// Nothing: `private_data` has no such field, or one that is not understood.
[[nodiscard]] std::optional<FrameMessageHeader> read_frame_mark(ByteSpan private_data);

/// Appends frames as packets: PAT and PMT before each key frame; KLV as synchronous metadata (ST 1402: stream
/// type 0x15, one AU cell a PES packet) right before its frame and with its PTS; PCR on the video, at least
/// every 100 ms. An access unit delimiter is put in where there is none, for transport streams must have it
/// (ISO/IEC 13818-1, 2.14.1). Continuity counters go on over files. Thread: any one at a time.
class FrameWriter {
  public:
    explicit FrameWriter(Codec codec);
    /// The first frame of a file is a key frame. KLV over 60000 bytes is left out and counted.
    void write(const Frame& frame, Bytes& out);
    [[nodiscard]] std::uint64_t klv_left_out() const noexcept { return klv_left_out_; }

  private:
    void write_tables(Bytes& out);
    void write_klv(const Frame& frame, Bytes& out);

    Codec codec_;
    Bytes pat_;
    Bytes pmt_;
    std::uint8_t pat_continuity_ = 15;
    std::uint8_t pmt_continuity_ = 15;
    std::uint8_t video_continuity_ = 15;
    std::uint8_t klv_continuity_ = 15;
    std::uint8_t cell_ = 0;
    std::optional<ts::Ticks> clock_; // the newest PCR
    std::uint64_t klv_left_out_ = 0;
};

} // namespace masthead::recording
