// The two tables that say what is in a transport stream: PAT and PMT (ISO/IEC 13818-1, 2.4.4), and which of
// its streams are KLV (MISB ST 1402).
#pragma once

#include "plugins/ts/packet.hpp"

#include <optional>
#include <vector>

namespace masthead::ts {

/// One section of the PAT.
struct ProgramList {
    struct Program {
        std::uint16_t number = 0; // never 0, which is the network's own table
        Pid pmt_pid = kNullPid;
    };
    std::vector<Program> programs;
    bool whole = true; // the PAT has no other section
};

/// `section` has a right CRC. Errors: malformed (another table, lengths that do not fit), conflict (not in
/// force yet).
[[nodiscard]] Result<ProgramList> parse_pat(ByteSpan section);

/// A PAT of one section with its CRC, version 0.
[[nodiscard]] Bytes write_pat(std::uint16_t transport_stream_id,
                              const std::vector<ProgramList::Program>& programs);

struct ElementaryStream {
    std::uint8_t type = 0; // stream_type
    Pid pid = kNullPid;
    Bytes descriptors;
};

struct ProgramMap {
    std::uint16_t number = 0;
    std::uint8_t version = 0; // 0..31
    Pid pcr_pid = kNullPid;
    Bytes descriptors;
    std::vector<ElementaryStream> streams;
};

/// As parse_pat().
[[nodiscard]] Result<ProgramMap> parse_pmt(ByteSpan section);
/// The section with its CRC, in force. Error: too_large (over 4093 bytes behind its length).
[[nodiscard]] Result<Bytes> write_pmt(const ProgramMap& map);

enum class KlvCarriage : std::uint8_t { synchronous, asynchronous };

/// How `stream` carries KLV; nothing: it is something else. Stream type 0x15 (metadata in PES packets) is
/// taken for KLV unless its descriptors name another format; 0x06 (private) only with the registration KLVA.
[[nodiscard]] std::optional<KlvCarriage> klv_carriage(const ElementaryStream& stream);
inline constexpr std::uint8_t kH264Type = 0x1B; // stream types
inline constexpr std::uint8_t kH265Type = 0x24;
[[nodiscard]] bool is_video(const ElementaryStream& stream) noexcept;

/// Asynchronous KLV as any reader knows it: stream type 0x06, registration KLVA.
[[nodiscard]] ElementaryStream asynchronous_klv(Pid pid);
/// Synchronous KLV as ST 1402 wants it: stream type 0x15, metadata and metadata STD descriptors.
[[nodiscard]] ElementaryStream synchronous_klv(Pid pid);

} // namespace masthead::ts
