#include "plugins/recording/frame_writer.hpp"

#include "plugins/klv/access_unit.hpp"
#include "plugins/ts/section.hpp"
#include "plugins/ts/tables.hpp"

#include <array>

namespace masthead::recording {

namespace {

constexpr std::size_t kMaxKlvBytes = 60'000;
constexpr ts::Ticks kClockInterval = 9'000 * 9 / 10;
/// What a decoder's buffers may hold: the clock runs that much behind the first decoding time.
constexpr ts::Ticks kDecoderDelay = 45'000;
constexpr std::byte kRegisteredField{0xDF};
constexpr std::string_view kIdentifier = "MSTH";

/// With start code.
constexpr std::array kH264Delimiter{std::byte{0}, std::byte{0},    std::byte{0},
                                    std::byte{1}, std::byte{0x09}, std::byte{0xF0}};
constexpr std::array kH265Delimiter{std::byte{0},    std::byte{0},    std::byte{0},   std::byte{1},
                                    std::byte{0x46}, std::byte{0x01}, std::byte{0x50}};

/// Of the first NAL unit behind its start code.
std::optional<std::byte> first_nal(ByteSpan unit) {
    std::size_t zeros = 0;
    while (zeros < unit.size() && unit[zeros] == std::byte{0}) {
        ++zeros;
    }
    return zeros >= 2 && zeros + 1 < unit.size() && unit[zeros] == std::byte{1}
               ? std::optional(unit[zeros + 1])
               : std::nullopt;
}

bool has_delimiter(ByteSpan unit, Codec codec) {
    const auto nal = first_nal(unit);
    return nal && (codec == Codec::h264 ? (*nal & std::byte{0x1F}) == std::byte{9}
                                        : (*nal & std::byte{0x7E}) == std::byte{35 << 1});
}

} // namespace

Bytes frame_mark(const FrameMessageHeader& header) {
    ByteWriter out;
    out.u8(std::to_integer<std::uint8_t>(kRegisteredField));
    out.u8(static_cast<std::uint8_t>(kIdentifier.size() + kFrameMessageHeaderSize));
    out.append(as_bytes(kIdentifier));
    out.append(encode_header(header));
    return out.release();
}

std::optional<FrameMessageHeader> read_frame_mark(ByteSpan private_data) {
    ByteReader fields(private_data);
    while (fields.remaining() >= 2) {
        const auto tag = fields.u8();
        const auto size = fields.u8();
        const auto field = fields.take(*size);
        if (!field) {
            break;
        }
        if (std::byte{*tag} != kRegisteredField ||
            field->size() != kIdentifier.size() + kFrameMessageHeaderSize ||
            as_text(field->first(kIdentifier.size())) != kIdentifier) {
            continue;
        }
        // The KLV it counts stands elsewhere: decode_header() would look for it behind.
        Bytes header(field->begin() + kIdentifier.size(), field->end());
        ByteWriter without_klv;
        without_klv.append(ByteSpan(header).first(kFrameMessageHeaderSize - 4));
        without_klv.uint_be(0, 4);
        auto read = decode_header(without_klv.view());
        if (!read) {
            break;
        }
        read->klv_bytes = static_cast<std::uint32_t>(*ByteReader(ByteSpan(header).last(4)).uint_be(4));
        return *read;
    }
    return std::nullopt;
}

FrameWriter::FrameWriter(Codec codec) : codec_(codec) {
    constexpr std::uint16_t kProgram = 1;
    pat_ = ts::write_pat(1, {{kProgram, kPmtPid}});
    ts::ProgramMap map{
        .number = kProgram, .version = 0, .pcr_pid = kVideoPid, .descriptors = {}, .streams = {}};
    map.streams.push_back({codec == Codec::h264 ? ts::kH264Type : ts::kH265Type, kVideoPid, {}});
    map.streams.push_back(ts::synchronous_klv(kKlvPid));
    pmt_ = *ts::write_pmt(map); // two streams fit
}

void FrameWriter::write_tables(Bytes& out) {
    ts::write_section(out, ts::kPatPid, pat_continuity_, pat_);
    ts::write_section(out, kPmtPid, pmt_continuity_, pmt_);
}

void FrameWriter::write_klv(const Frame& frame, Bytes& out) {
    Bytes cell = *klv::encode_au_cell_header(cell_++, frame.klv.size()); // the size was looked at
    cell.insert(cell.end(), frame.klv.begin(), frame.klv.end());
    ts::write_unit(out, kKlvPid, klv_continuity_,
                   ts::write_pes(ts::kMetadataStream, frame.pts, std::nullopt, cell),
                   {.random_access = true});
}

void FrameWriter::write(const Frame& frame, Bytes& out) {
    if (frame.key) {
        write_tables(out);
    }
    FrameMessageHeader header = frame.header;
    header.klv_bytes = 0;
    if (frame.klv.size() > kMaxKlvBytes) {
        ++klv_left_out_;
    } else if (!frame.klv.empty()) {
        header.klv_bytes = static_cast<std::uint32_t>(frame.klv.size());
        write_klv(frame, out);
    }
    header.rtp_timestamp = static_cast<std::uint32_t>(frame.pts);
    header.flags =
        static_cast<std::uint8_t>((header.flags & ~kFrameKeyFrame) | (frame.key ? kFrameKeyFrame : 0));
    if (header.klv_bytes == 0) {
        header.value_method = FrameValueMethod::none;
    }
    const ts::Ticks decoding = frame.dts.value_or(frame.pts);
    const ts::Ticks now = (decoding - kDecoderDelay) & (ts::kTicksWrap - 1);
    ts::UnitStart start{.random_access = frame.key, .pcr = {}, .private_data = {}};
    if (frame.key || !clock_ || ((now - *clock_) & (ts::kTicksWrap - 1)) >= kClockInterval) {
        start.pcr = clock_ = now;
    }
    const Bytes mark = frame_mark(header);
    start.private_data = mark;
    ByteSpan unit = frame.access_unit;
    Bytes delimited;
    if (!has_delimiter(unit, codec_)) {
        const ByteSpan delimiter =
            codec_ == Codec::h264 ? ByteSpan(kH264Delimiter) : ByteSpan(kH265Delimiter);
        delimited.assign(delimiter.begin(), delimiter.end());
        delimited.insert(delimited.end(), unit.begin(), unit.end());
        unit = delimited;
    }
    ts::write_unit(out, kVideoPid, video_continuity_,
                   ts::write_pes(ts::kVideoStream, frame.pts, frame.dts, unit), start);
}

} // namespace masthead::recording
