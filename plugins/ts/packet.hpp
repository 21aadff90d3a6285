// One packet of an MPEG transport stream (ISO/IEC 13818-1, 2.4.3), read and written.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <cstdint>
#include <optional>

namespace masthead::ts {

using Pid = std::uint16_t; // 13 bits

inline constexpr std::size_t kPacketSize = 188;
inline constexpr std::byte kSyncByte{0x47};
inline constexpr Pid kPatPid = 0;
inline constexpr Pid kFirstFreePid = 0x10; // those below are the standard's own
inline constexpr Pid kNullPid = 0x1FFF;

/// Spans borrow from the bytes it was read from.
struct Packet {
    Pid pid = kNullPid;
    bool damaged = false;             // transport_error_indicator
    bool starts_unit = false;         // a section or PES packet begins in it
    bool scrambled = false;           // the payload cannot be read
    bool discontinuity = false;       // its continuity counter may jump
    bool random_access = false;       // decoding may begin with the unit that begins in it
    std::uint8_t continuity = 0;      // 0..15
    std::optional<std::uint64_t> pcr; // its 33-bit base, 90 kHz
    ByteSpan adaptation;              // behind its length byte; empty: none
    ByteSpan private_data;            // the adaptation field's transport_private_data
    std::optional<ByteSpan> payload;
};

/// Nothing: `bytes` are not the 188 bytes of a packet, or its adaptation field overruns it.
[[nodiscard]] std::optional<Packet> read_packet(ByteSpan bytes) noexcept;

/// What the adaptation field of a unit's first packet says (2.4.3.4).
struct UnitStart {
    bool random_access = false;
    std::optional<std::uint64_t> pcr; // 33-bit base, 90 kHz
    ByteSpan private_data;            // at most 160 bytes; empty: none
};

/// Appends `unit` (a PES packet, or what a section's packets carry) cut up into packets, the last one filled
/// with stuffing. `continuity`: of the PID's last packet; becomes that of the new last one.
void write_unit(Bytes& out, Pid pid, std::uint8_t& continuity, ByteSpan unit, const UnitStart& start = {});

/// Appends a packet with the adaptation field of `packet` (its clock) and no payload.
void write_without_payload(Bytes& out, const Packet& packet, std::uint8_t continuity);

} // namespace masthead::ts
