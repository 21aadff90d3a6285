// H.264: ITU-T H.264 clauses 7.3.1, 7.3.2.3, 7.4.1.1. H.265: ITU-T H.265 clauses 7.3.1, 7.3.2.4.
#include "plugins/elements/nal.hpp"

#include "plugins/glib/buffer.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>

namespace masthead::nal {

namespace {

using klv::VideoCodec;

constexpr unsigned kUserDataUnregistered = 5;
constexpr unsigned kH264PrefixNal = 14; // belongs to the slice that follows it

std::uint8_t value(std::byte b) { return std::to_integer<std::uint8_t>(b); }

unsigned type_of(ByteSpan unit, VideoCodec codec) {
    if (unit.empty()) {
        return 0;
    }
    return codec == VideoCodec::h264 ? value(unit[0]) & 0x1FU : (value(unit[0]) >> 1U) & 0x3FU;
}

std::size_t header_size(VideoCodec codec) { return codec == VideoCodec::h264 ? 1 : 2; }

/// Offset of the next 00 00 01 at or after `from`, or the size.
std::size_t find_start_code(ByteSpan bytes, std::size_t from) {
    constexpr std::array<std::byte, 3> kCode{std::byte{0}, std::byte{0}, std::byte{1}};
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(std::min(from, bytes.size()));
    return static_cast<std::size_t>(std::search(begin, bytes.end(), kCode.begin(), kCode.end()) -
                                    bytes.begin());
}

/// payload_type and payload_size are sums of FF bytes and a last smaller one.
std::optional<std::size_t> read_ff_coded(ByteReader& reader) {
    std::size_t sum = 0;
    while (true) {
        const auto byte = reader.u8();
        if (!byte) {
            return std::nullopt;
        }
        sum += *byte;
        if (*byte != 0xFF) {
            return sum;
        }
    }
}

/// Bits of a NAL unit, most significant first; 0 past the end.
class BitReader {
  public:
    explicit BitReader(ByteSpan bytes) noexcept : bytes_(bytes) {}
    unsigned bit() noexcept {
        const std::size_t at = position_ / 8;
        const unsigned shift = 7U - static_cast<unsigned>(position_ % 8);
        ++position_;
        return at < bytes_.size() ? (value(bytes_[at]) >> shift) & 1U : 0;
    }
    /// ue(v), clause 9.1; at most 32 leading zeros are read.
    std::uint64_t exp_golomb() noexcept {
        unsigned zeros = 0;
        while (zeros < 32 && bit() == 0) {
            ++zeros;
        }
        std::uint64_t suffix = 0;
        for (unsigned i = 0; i < zeros; ++i) {
            suffix = suffix << 1U | bit();
        }
        return (std::uint64_t{1} << zeros) - 1 + suffix;
    }

  private:
    ByteSpan bytes_;
    std::size_t position_ = 0;
};

std::optional<klv::SeiTime> misp_time_of_sei(ByteSpan unit, VideoCodec codec) {
    const Bytes payload = unescaped(unit);
    ByteReader reader(payload);
    if (!reader.skip(header_size(codec))) {
        return std::nullopt;
    }
    while (reader.remaining() > 1) { // the last byte is the stop bit
        const auto type = read_ff_coded(reader);
        const auto size = read_ff_coded(reader);
        if (!type || !size) {
            return std::nullopt;
        }
        const auto message = reader.take(*size);
        if (!message) {
            return std::nullopt;
        }
        if (*type == kUserDataUnregistered) {
            if (const auto time = klv::decode_sei_payload(*message)) {
                return time;
            }
        }
    }
    return std::nullopt;
}

} // namespace

Result<Format> format_of(const GstCaps* caps) {
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    Format format;
    const bool h265 = gst_structure_has_name(structure, "video/x-h265");
    if (!h265 && !gst_structure_has_name(structure, "video/x-h264")) {
        return fail(Code::unsupported, "neither video/x-h264 nor video/x-h265");
    }
    format.codec = h265 ? VideoCodec::h265 : VideoCodec::h264;
    const gchar* stream_format = gst_structure_get_string(structure, "stream-format");
    if (!stream_format || std::string_view(stream_format) == "byte-stream") {
        return format;
    }
    const GValue* codec_data = gst_structure_get_value(structure, "codec_data");
    if (!codec_data || !GST_VALUE_HOLDS_BUFFER(codec_data)) {
        return fail(Code::malformed, std::string("stream-format ") + stream_format + " without codec_data");
    }
    const BufferMap map(gst_value_get_buffer(codec_data));
    const std::size_t at = h265 ? 21 : 4; // lengthSizeMinusOne, ISO/IEC 14496-15
    if (map.bytes().size() <= at) {
        return fail(Code::malformed, "codec_data is too short");
    }
    format.length_size = (value(map.bytes()[at]) & 3U) + 1;
    return format;
}

bool is_slice(const Unit& unit, VideoCodec codec) noexcept {
    if (codec == VideoCodec::h264) {
        return (unit.type >= 1 && unit.type <= 5) || unit.type == kH264PrefixNal;
    }
    return unit.type < 32;
}

bool is_sei(const Unit& unit, VideoCodec codec) noexcept {
    return unit.type == (codec == VideoCodec::h264 ? 6U : 39U);
}

Walker::Walker(ByteSpan access_unit, Format format) noexcept : bytes_(access_unit), format_(format) {}

std::optional<Unit> Walker::next() {
    auto unit = format_.length_size == 0 ? next_by_start_code() : next_by_length();
    if (unit && is_slice(*unit, format_.codec)) {
        position_ = bytes_.size();
    }
    return unit;
}

std::optional<Unit> Walker::next_by_start_code() {
    const std::size_t code = find_start_code(bytes_, position_);
    if (bytes_.size() - code <= 3) {
        position_ = bytes_.size();
        return std::nullopt;
    }
    Unit unit;
    // A zero byte before the code belongs to it (Annex B zero_byte).
    unit.start = code > 0 && bytes_[code - 1] == std::byte{0} ? code - 1 : code;
    const ByteSpan rest = bytes_.subspan(code + 3);
    unit.type = type_of(rest, format_.codec);
    if (is_slice(unit, format_.codec)) {
        unit.bytes = rest;
        return unit;
    }
    position_ = find_start_code(bytes_, code + 3);
    std::size_t end = position_;
    while (end > code + 3 && end < bytes_.size() && bytes_[end - 1] == std::byte{0}) {
        --end;
    }
    unit.bytes = bytes_.subspan(code + 3, end - code - 3);
    return unit;
}

std::optional<Unit> Walker::next_by_length() {
    ByteReader reader(bytes_.subspan(position_));
    const auto length = reader.uint_be(format_.length_size);
    const auto bytes =
        length ? reader.take(static_cast<std::size_t>(*length)) : tl::unexpected(length.error());
    if (!bytes || bytes->empty()) {
        position_ = bytes_.size();
        return std::nullopt;
    }
    Unit unit{position_, *bytes, type_of(*bytes, format_.codec)};
    position_ += reader.position();
    return unit;
}

std::optional<std::size_t> sei_position(ByteSpan access_unit, Format format) {
    Walker walker(access_unit, format);
    while (const auto unit = walker.next()) {
        if (is_slice(*unit, format.codec)) {
            return unit->start;
        }
    }
    return std::nullopt;
}

std::optional<klv::SeiTime> find_misp_time(ByteSpan access_unit, Format format) {
    Walker walker(access_unit, format);
    while (const auto unit = walker.next()) {
        if (!is_sei(*unit, format.codec)) {
            continue;
        }
        if (const auto time = misp_time_of_sei(unit->bytes, format.codec)) {
            return time;
        }
    }
    return std::nullopt;
}

bool begins_with_b_slice(ByteSpan access_unit, Format format) {
    if (format.codec != VideoCodec::h264) {
        return false;
    }
    Walker walker(access_unit, format);
    while (const auto unit = walker.next()) {
        if (unit->type == 1 && unit->bytes.size() > 1) { // an IDR (5) has no B slices
            const Bytes head = unescaped(unit->bytes.first(std::min<std::size_t>(unit->bytes.size(), 16)));
            BitReader bits(ByteSpan(head).subspan(1));
            bits.exp_golomb(); // first_mb_in_slice
            return bits.exp_golomb() % 5 == 1;
        }
    }
    return false;
}

Bytes make_sei(ByteSpan payload, Format format) {
    assert(payload.size() < 255);
    ByteWriter unit;
    if (format.codec == VideoCodec::h264) {
        unit.u8(0x06);
    } else {
        unit.uint_be(0x4E01, 2); // prefix SEI, layer 0, temporal id 1
    }
    unit.u8(kUserDataUnregistered);
    unit.u8(static_cast<std::uint8_t>(payload.size()));
    unit.append(payload);
    unit.u8(0x80);
    const Bytes bytes = escaped(unit.view());
    ByteWriter framed;
    if (format.length_size == 0) {
        framed.uint_be(1, 4);
    } else {
        framed.uint_be(bytes.size(), format.length_size);
    }
    framed.append(bytes);
    return framed.release();
}

Bytes escaped(ByteSpan bytes) {
    Bytes out;
    out.reserve(bytes.size() + 4);
    unsigned zeros = 0;
    for (const std::byte b : bytes) {
        if (zeros >= 2 && value(b) <= 3) {
            out.push_back(std::byte{3});
            zeros = 0;
        }
        out.push_back(b);
        zeros = b == std::byte{0} ? zeros + 1 : 0;
    }
    return out;
}

Bytes unescaped(ByteSpan bytes) {
    Bytes out;
    out.reserve(bytes.size());
    unsigned zeros = 0;
    for (const std::byte b : bytes) {
        if (zeros >= 2 && b == std::byte{3}) {
            zeros = 0;
            continue;
        }
        out.push_back(b);
        zeros = b == std::byte{0} ? zeros + 1 : 0;
    }
    return out;
}

} // namespace masthead::nal
