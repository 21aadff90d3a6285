// PES packets (ISO/IEC 13818-1, 2.4.3.6): out of transport packets, and written.
#pragma once

#include "plugins/ts/packet.hpp"

#include <functional>

namespace masthead::ts {

using Ticks = std::uint64_t; // of the 90 kHz clock, 33 bits: wraps after 26.5 hours
inline constexpr Ticks kTicksWrap = Ticks{1} << 33;

struct PesHeader {
    std::uint8_t stream_id = 0;
    std::optional<Ticks> pts;
    std::optional<Ticks> dts;
    bool plain = true;                       // it says nothing but PTS and DTS
    std::size_t size = 0;                    // of the header itself
    std::optional<std::size_t> payload_size; // nothing: until the next one begins
};

/// Errors: truncated (more bytes are needed), malformed (no PES packet).
[[nodiscard]] Result<PesHeader> parse_pes_header(ByteSpan bytes);

/// What PesReader gives back. The payload is borrowed for the call.
struct Pes {
    PesHeader header;
    ByteSpan payload;        // shorter than the header says where its end did not come
    bool after_loss = false; // bytes went missing between the one before and this
};

/// Puts the PES packets of one PID together. Keeps at most 320 KiB. Thread: any one at a time.
class PesReader {
  public:
    using Yield = std::function<void(const Pes&)>;
    void feed(const Packet& packet, const Yield& yield);
    /// The last one of unknown size ends here.
    void finish(const Yield& yield);
    /// How often bytes were lost: gaps in the continuity counter, damaged or scrambled packets, bytes that
    /// are no PES packet, ends that did not come.
    [[nodiscard]] std::uint64_t losses() const noexcept { return losses_; }

  private:
    void lose();
    [[nodiscard]] bool take_counter(const Packet& packet);
    void drain(const Yield& yield, bool ended);

    Bytes kept_;
    bool in_step_ = false;
    bool after_loss_ = false;
    std::optional<std::uint8_t> continuity_;
    Bytes last_payload_; // to know it again when it is sent twice
    std::uint64_t losses_ = 0;
};

inline constexpr std::uint8_t kPrivateStream1 = 0xBD; // stream ids
inline constexpr std::uint8_t kMetadataStream = 0xFC;
inline constexpr std::uint8_t kVideoStream = 0xE0;

/// A PES packet whose payload begins with a unit of its own. Past kMaxPesPayload bytes, which only video may
/// have, its length is left open. `dts`: where it differs from `pts`.
inline constexpr std::size_t kMaxPesPayload = 0xFFFF - 8;
[[nodiscard]] Bytes write_pes(std::uint8_t stream_id, Ticks pts, std::optional<Ticks> dts, ByteSpan payload);

} // namespace masthead::ts
