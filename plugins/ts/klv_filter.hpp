// Rewrites a transport stream so that any demuxer finds all its KLV, whole, in one plain asynchronous stream
// a programme. Everything else goes through untouched.
#pragma once

#include "plugins/klv/stamped_packets.hpp"
#include "plugins/ts/framer.hpp"
#include "plugins/ts/pes.hpp"
#include "plugins/ts/section.hpp"
#include "plugins/ts/start_gate.hpp"
#include "plugins/ts/tables.hpp"

#include <map>

namespace masthead::ts {

/// What came of one KLV PID since the start.
struct KlvStream {
    Pid pid = kNullPid;
    KlvCarriage carriage = KlvCarriage::asynchronous;
    std::uint64_t packets = 0;     // KLV packets that went on
    std::uint64_t without_pts = 0; // PES packets that had none
    std::uint64_t losses = 0;      // as PesReader's
    std::uint64_t resyncs = 0;     // bytes that are no KLV were skipped
    std::uint64_t too_large = 0;   // packets that fit no PES packet: left out
    friend bool operator==(const KlvStream&, const KlvStream&) = default;
};

/// KLV of stream type 0x15 (AU cells, stream id 0xFC) and 0x06 + KLVA, in any number of PIDs: each PID is put
/// together by itself, and each packet leaves in a PES packet of its own (0xBD, with PTS), in the order in
/// which they were complete, all of a programme in its first KLV PID. The PMT names that one alone, as 0x06 +
/// KLVA. KLV in a PES packet without PTS gets the middle between the decoding times of the video frames it
/// stands between; before any video the PCR; before any of both it is left out. KLV that comes before its
/// frame leaves behind the packet in which the next frame begins: a demuxer then reads both PTS by the same
/// PCR, which matters where the clock jumps. PCRs that stood in KLV packets stay. Bytes that are no packets,
/// packets that are damaged and tables of wrong CRC never change what is known. 16 programmes and 16 KLV PIDs
/// at most; the rest goes through untouched. Thread: any one at a time.
class KlvFilter {
  public:
    /// Appends to `out` what `bytes` became.
    void feed(ByteSpan bytes, Bytes& out);
    /// The end of the stream, or of its continuity: what is kept is given out.
    void finish(Bytes& out);

    /// What comes next does not follow what came last.
    void interrupted();

    /// In the order of the PIDs.
    [[nodiscard]] std::vector<KlvStream> streams() const;
    /// Goes up when tables say something new about KLV.
    [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }

  private:
    /// What is known of one programme, by the PID of its PMT.
    struct Program {
        std::uint16_t number = 0;
        SectionReader sections;
        StartGate gate;
        std::uint8_t continuity = 15;
        Bytes section; // as it came
        std::vector<Pid> klv;
        std::optional<Pid> video;
        std::optional<Ticks> pts; // of the frame that began last
        std::optional<Ticks> dts;
        Ticks frame_ticks = 0;   // between the newest two
        std::vector<Bytes> held; // PES packets of KLV whose frame is yet to begin
    };
    struct Input {
        KlvStream seen;
        PesReader reader;
        klv::StampedPackets packets;
    };

    void take(ByteSpan bytes, Bytes& out);
    [[nodiscard]] bool admits(const Packet& packet);
    void take_pat(const Packet& packet);
    void take_pmt(Program& program, const Packet& packet, Bytes& out);
    void learn(Program& program, const ProgramMap& map);
    [[nodiscard]] static Result<Bytes> rewritten(const Program& program, ProgramMap map);
    void take_klv(Input& input, const Packet& packet, Bytes& out);
    void take_pes(Input& input, const Pes& pes, Bytes& out);
    void emit(Input& input, ByteSpan packet, Ticks pts, Bytes& out);
    [[nodiscard]] static bool waits_for_its_frame(const Program& program, Ticks pts);
    void release(Program& program, Bytes& out);
    void watch_video(const Packet& packet, Bytes& out);
    [[nodiscard]] std::optional<Ticks> time_here(Pid klv) const;
    void forget_unused();

    Framer framer_;
    SectionReader pat_;
    Bytes pat_section_; // the newest
    std::map<Pid, Program> programs_;
    std::map<Pid, Input> inputs_;
    std::map<Pid, std::uint8_t> continuity_; // of the PIDs that KLV leaves in
    std::uint64_t changes_ = 0;
};

} // namespace masthead::ts
