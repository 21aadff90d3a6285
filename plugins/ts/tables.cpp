#include "plugins/ts/tables.hpp"

#include "plugins/ts/section.hpp"

#include <algorithm>
#include <array>

namespace masthead::ts {

namespace {

constexpr std::uint8_t kPatTable = 0;
constexpr std::uint8_t kPmtTable = 2;
constexpr std::size_t kCrcSize = 4;
constexpr std::size_t kMaxSectionLength = 4093;
constexpr std::uint8_t kPrivatePes = 0x06;
constexpr std::uint8_t kMetadataPes = 0x15;
constexpr std::uint8_t kRegistration = 0x05; // descriptor tags
constexpr std::uint8_t kMetadata = 0x26;
constexpr std::uint8_t kMetadataStd = 0x27;
constexpr std::uint32_t kKlva = 0x4B4C5641;

tl::unexpected<Error> malformed(const char* what) { return fail(Code::malformed, what); }

Bytes section_of(std::uint8_t table, ByteSpan body) {
    ByteWriter section;
    section.u8(table);
    section.uint_be(0xB000U | (body.size() + kCrcSize), 2);
    section.append(body);
    section.uint_be(crc32(section.view()), kCrcSize);
    return section.release();
}

/// What the head that all tables share says.
struct Head {
    std::uint16_t id = 0;
    std::uint8_t version = 0;
    bool whole = true;
};

/// `reader` stands behind the head afterwards.
Result<Head> read_head(ByteReader& reader, std::uint8_t table) {
    const auto fixed = reader.take(8);
    if (!fixed || std::to_integer<unsigned>((*fixed)[0]) != table) {
        return malformed("another table stands where PAT or PMT is wanted");
    }
    const auto flags = std::to_integer<unsigned>((*fixed)[5]);
    if ((flags & 1U) == 0) {
        return fail(Code::conflict, "the table is not in force yet");
    }
    return Head{static_cast<std::uint16_t>(*ByteReader(fixed->subspan(3)).uint_be(2)),
                static_cast<std::uint8_t>(flags >> 1 & 0x1FU), (*fixed)[7] == std::byte{0}};
}

Pid pid_of(std::uint64_t bits) { return static_cast<Pid>(bits & 0x1FFFU); }

/// A 12-bit length and as many bytes.
Result<Bytes> read_descriptors(ByteReader& reader) {
    const auto size = reader.uint_be(2);
    const auto bytes = size ? reader.take(*size & 0x0FFFU) : Result<ByteSpan>(tl::unexpected(size.error()));
    if (!bytes) {
        return malformed("descriptors overrun their table");
    }
    return Bytes(bytes->begin(), bytes->end());
}

/// Format identifiers that a stream's descriptors name.
std::vector<std::uint64_t> formats_of(const ElementaryStream& stream) {
    std::vector<std::uint64_t> formats;
    ByteReader reader(stream.descriptors);
    while (!reader.done()) {
        const auto tag = reader.u8();
        const auto size = reader.u8();
        const auto content = size ? reader.take(*size) : Result<ByteSpan>(tl::unexpected(size.error()));
        if (!content) {
            break;
        }
        ByteReader fields(*content);
        if (*tag == kMetadata) { // ISO/IEC 13818-1, 2.6.60: application format, format
            const auto application = fields.uint_be(2);
            if (application == 0xFFFFU) {
                (void)fields.skip(4);
            }
            if (fields.u8() != 0xFFU) {
                continue;
            }
        }
        const auto format = *tag == kMetadata || *tag == kRegistration ? fields.uint_be(4) : 0;
        if (format && *format != 0) {
            formats.push_back(*format);
        }
    }
    return formats;
}

} // namespace

Result<ProgramList> parse_pat(ByteSpan section) {
    ByteReader reader(section);
    const auto head = read_head(reader, kPatTable);
    if (!head) {
        return tl::unexpected(head.error());
    }
    ProgramList list;
    list.whole = head->whole;
    while (reader.remaining() >= kCrcSize + 4) {
        const auto number = static_cast<std::uint16_t>(*reader.uint_be(2));
        const Pid pid = pid_of(*reader.uint_be(2));
        if (number != 0 && pid >= kFirstFreePid && pid < kNullPid) {
            list.programs.push_back({number, pid});
        }
    }
    return list;
}

Result<ProgramMap> parse_pmt(ByteSpan section) {
    ByteReader reader(section);
    const auto head = read_head(reader, kPmtTable);
    if (!head) {
        return tl::unexpected(head.error());
    }
    const auto pcr = reader.uint_be(2);
    auto descriptors = read_descriptors(reader);
    if (!pcr || !descriptors) {
        return malformed("a PMT is shorter than it says");
    }
    ProgramMap map{head->id, head->version, pid_of(*pcr), std::move(*descriptors), {}};
    while (reader.remaining() > kCrcSize) {
        const auto type = reader.u8();
        const auto pid = reader.uint_be(2);
        auto own = read_descriptors(reader);
        if (!type || !pid || !own || reader.remaining() < kCrcSize) {
            return malformed("a stream's entry overruns its PMT");
        }
        map.streams.push_back({*type, pid_of(*pid), std::move(*own)});
    }
    return map;
}

Bytes write_pat(std::uint16_t transport_stream_id, const std::vector<ProgramList::Program>& programs) {
    ByteWriter body;
    body.uint_be(transport_stream_id, 2);
    body.u8(0xC1); // version 0, in force
    body.uint_be(0, 2);
    for (const ProgramList::Program& program : programs) {
        body.uint_be(program.number, 2);
        body.uint_be(0xE000U | program.pmt_pid, 2);
    }
    return section_of(kPatTable, body.view());
}

Result<Bytes> write_pmt(const ProgramMap& map) {
    ByteWriter body;
    body.uint_be(map.number, 2);
    body.u8(static_cast<std::uint8_t>(0xC1U | map.version << 1)); // in force
    body.uint_be(0, 2);                                           // the only section
    body.uint_be(0xE000U | map.pcr_pid, 2);
    body.uint_be(0xF000U | map.descriptors.size(), 2);
    body.append(map.descriptors);
    for (const ElementaryStream& stream : map.streams) {
        body.u8(stream.type);
        body.uint_be(0xE000U | stream.pid, 2);
        body.uint_be(0xF000U | stream.descriptors.size(), 2);
        body.append(stream.descriptors);
    }
    if (body.size() + kCrcSize > kMaxSectionLength) {
        return fail(Code::too_large, "a PMT does not fit one section");
    }
    return section_of(kPmtTable, body.view());
}

std::optional<KlvCarriage> klv_carriage(const ElementaryStream& stream) {
    const auto formats = formats_of(stream);
    const bool named = std::ranges::find(formats, kKlva) != formats.end();
    if (stream.type == kMetadataPes && (named || formats.empty())) {
        return KlvCarriage::synchronous;
    }
    if (stream.type == kPrivatePes && named) {
        return KlvCarriage::asynchronous;
    }
    return std::nullopt;
}

bool is_video(const ElementaryStream& stream) noexcept {
    constexpr std::array<std::uint8_t, 5> kVideo{0x01, 0x02, 0x10, kH264Type, kH265Type};
    return std::ranges::find(kVideo, stream.type) != kVideo.end();
}

ElementaryStream asynchronous_klv(Pid pid) {
    ByteWriter descriptor;
    descriptor.u8(kRegistration);
    descriptor.u8(4);
    descriptor.uint_be(kKlva, 4);
    return {kPrivatePes, pid, descriptor.release()};
}

ElementaryStream synchronous_klv(Pid pid) {
    ByteWriter descriptors;
    descriptors.u8(kMetadata); // ISO/IEC 13818-1, 2.6.60
    descriptors.u8(9);
    descriptors.uint_be(0x0100, 2); // application format: general
    descriptors.u8(0xFF);           // format: the identifier that follows
    descriptors.uint_be(kKlva, 4);
    descriptors.uint_be(0x000F, 2); // service 0, no decoder configuration
    descriptors.u8(kMetadataStd);   // 2.6.62
    descriptors.u8(9);
    for (int rate = 0; rate < 3; ++rate) { // input leak rate, buffer size, output leak rate: not told
        descriptors.uint_be(0xC00000, 3);
    }
    return {kMetadataPes, pid, descriptors.release()};
}

} // namespace masthead::ts
