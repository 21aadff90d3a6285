// PSI sections (ISO/IEC 13818-1, 2.4.4): out of packets, checked, and into packets.
#pragma once

#include "plugins/ts/packet.hpp"

#include <functional>

namespace masthead::ts {

/// CRC-32/MPEG-2; over a whole section with its CRC it is 0.
[[nodiscard]] std::uint32_t crc32(ByteSpan bytes) noexcept;

/// Puts the sections of one PID together. Keeps less than 4 KiB + one packet. Thread: any one at a time.
class SectionReader {
  public:
    /// Calls `yield` with each whole section whose CRC is right; borrowed for the call.
    void feed(const Packet& packet, const std::function<void(ByteSpan section)>& yield);

  private:
    void drain(const std::function<void(ByteSpan)>& yield);

    Bytes kept_;
    bool in_step_ = false;
    std::optional<std::uint8_t> continuity_;
};

/// Appends the packets of a section.
void write_section(Bytes& out, Pid pid, std::uint8_t& continuity, ByteSpan section);

} // namespace masthead::ts
