#include "plugins/recording/parameter_sets.hpp"

#include <algorithm>
#include <array>

namespace masthead::recording {

namespace {

constexpr unsigned kH264Sps = 7;
constexpr unsigned kH264Pps = 8;
constexpr unsigned kH264Delimiter = 9;
constexpr unsigned kH265Vps = 32;
constexpr unsigned kH265Sps = 33;
constexpr unsigned kH265Pps = 34;
constexpr unsigned kH265Delimiter = 35;
constexpr unsigned kLargestSide = 16'384;

/// Bits of a parameter set, without emulation prevention bytes. Past the end: zeros, and `over()`.
class Bits {
  public:
    explicit Bits(ByteSpan unit) {
        std::size_t zeros = 0;
        for (const std::byte byte : unit) {
            if (zeros >= 2 && byte == std::byte{3}) {
                zeros = 0;
                continue;
            }
            zeros = byte == std::byte{0} ? zeros + 1 : 0;
            bytes_.push_back(byte);
        }
    }

    /// At most 32.
    std::uint32_t read(unsigned count) {
        std::uint32_t value = 0;
        for (unsigned i = 0; i < count; ++i, ++at_) {
            const bool bit =
                at_ / 8 < bytes_.size() && (bytes_[at_ / 8] & std::byte{0x80} >> (at_ % 8)) != std::byte{0};
            value = value << 1 | (bit ? 1U : 0U);
        }
        return value;
    }
    bool flag() { return read(1) == 1; }
    void skip(unsigned count) { at_ += count; }

    /// ue(v), clause 9.1.
    std::uint32_t unsigned_golomb() {
        unsigned zeros = 0;
        while (!over() && zeros < 32 && !flag()) {
            ++zeros;
        }
        return zeros == 0 || zeros >= 32 ? 0 : (1U << zeros) - 1 + read(zeros);
    }
    /// se(v), clause 9.1.1.
    std::int64_t signed_golomb() {
        const std::int64_t code = unsigned_golomb();
        return code % 2 == 0 ? -code / 2 : (code + 1) / 2;
    }
    [[nodiscard]] bool over() const { return at_ > bytes_.size() * 8; }

  private:
    Bytes bytes_;
    std::size_t at_ = 0;
};

struct Picture {
    unsigned chroma = 1; // chroma_format_idc
    unsigned luma_depth = 8;
    unsigned chroma_depth = 8;
    unsigned width = 0;
    unsigned height = 0;
};

void skip_scaling_list(Bits& bits, unsigned size) {
    std::int64_t last = 8;
    std::int64_t next = 8;
    for (unsigned i = 0; i < size && next != 0; ++i) {
        next = (last + bits.signed_golomb() + 256) % 256;
        last = next == 0 ? last : next;
    }
}

/// A window is cut out, if the next bit says so. `fields`: of which a frame consists.
void crop(Bits& bits, Picture& picture, unsigned fields) {
    if (!bits.flag()) {
        return;
    }
    const unsigned across = picture.chroma == 1 || picture.chroma == 2 ? 2 : 1; // luma samples of one unit
    const unsigned down = picture.chroma == 1 ? 2 : 1;
    const auto left = bits.unsigned_golomb();
    const auto right = bits.unsigned_golomb();
    const auto top = bits.unsigned_golomb();
    const auto bottom = bits.unsigned_golomb();
    picture.width -= std::min(picture.width, across * (left + right));
    picture.height -= std::min(picture.height, down * fields * (top + bottom));
}

bool has_chroma_fields(unsigned profile) {
    constexpr std::array kProfiles{100U, 110U, 122U, 244U, 44U, 83U, 86U, 118U, 128U, 138U, 139U, 134U, 135U};
    return std::ranges::find(kProfiles, profile) != kProfiles.end();
}

void read_h264_chroma(Bits& bits, Picture& picture) {
    picture.chroma = bits.unsigned_golomb();
    if (picture.chroma == 3) {
        bits.skip(1);
    }
    picture.luma_depth = 8 + bits.unsigned_golomb();
    picture.chroma_depth = 8 + bits.unsigned_golomb();
    bits.skip(1);
    if (bits.flag()) {
        for (unsigned i = 0; i < (picture.chroma == 3 ? 12U : 8U); ++i) {
            if (bits.flag()) {
                skip_scaling_list(bits, i < 6 ? 16 : 64);
            }
        }
    }
}

void skip_picture_order(Bits& bits) {
    const unsigned type = bits.unsigned_golomb();
    if (type == 0) {
        bits.unsigned_golomb();
    } else if (type == 1) {
        bits.skip(1);
        bits.signed_golomb();
        bits.signed_golomb();
        const unsigned count = std::min(bits.unsigned_golomb(), 255U);
        for (unsigned i = 0; i < count; ++i) {
            bits.signed_golomb();
        }
    }
}

/// Clause 7.3.2.1.1.
std::optional<Picture> read_h264(ByteSpan sps) {
    Bits bits(sps);
    bits.skip(8);
    const unsigned profile = bits.read(8);
    bits.skip(16);
    bits.unsigned_golomb();
    Picture picture;
    if (has_chroma_fields(profile)) {
        read_h264_chroma(bits, picture);
    }
    bits.unsigned_golomb();
    skip_picture_order(bits);
    bits.unsigned_golomb();
    bits.skip(1);
    picture.width = 16 * (std::min(bits.unsigned_golomb(), kLargestSide) + 1);
    picture.height = 16 * (std::min(bits.unsigned_golomb(), kLargestSide) + 1);
    const bool frames_only = bits.flag();
    picture.height *= frames_only ? 1 : 2;
    bits.skip(frames_only ? 1 : 2);
    crop(bits, picture, frames_only ? 1 : 2);
    return bits.over() ? std::nullopt : std::optional(picture);
}

constexpr unsigned kProfileBits = 88; // general_profile_space to general_reserved, clause 7.3.3

void skip_sub_layers(Bits& bits, unsigned count) {
    std::vector<std::array<bool, 2>> present;
    for (unsigned i = 0; i < count; ++i) {
        const bool profile = bits.flag();
        present.push_back({profile, bits.flag()});
    }
    if (count > 0) {
        bits.skip(2 * (8 - count));
    }
    for (const auto& [profile, level] : present) {
        bits.skip((profile ? kProfileBits : 0) + (level ? 8 : 0));
    }
}

/// Clause 7.3.2.2.1.
std::optional<Picture> read_h265(ByteSpan sps) {
    Bits bits(sps);
    bits.skip(16 + 4);
    const unsigned sub_layers = bits.read(3);
    bits.skip(1 + kProfileBits + 8);
    skip_sub_layers(bits, sub_layers);
    bits.unsigned_golomb();
    Picture picture;
    picture.chroma = bits.unsigned_golomb();
    if (picture.chroma == 3) {
        bits.skip(1);
    }
    picture.width = bits.unsigned_golomb();
    picture.height = bits.unsigned_golomb();
    crop(bits, picture, 1);
    picture.luma_depth = 8 + bits.unsigned_golomb();
    picture.chroma_depth = 8 + bits.unsigned_golomb();
    return bits.over() ? std::nullopt : std::optional(picture);
}

void append_unit(ByteWriter& out, ByteSpan unit) {
    out.uint_be(unit.size(), 2);
    out.append(unit);
}

/// ISO/IEC 14496-15, 5.3.3.1.
Bytes avc_configuration(ByteSpan sps, ByteSpan pps, const Picture& picture) {
    ByteWriter out;
    out.u8(1);
    out.append(sps.subspan(1, 3));
    out.u8(0xFF); // lengths of 4 bytes
    out.u8(0xE1);
    append_unit(out, sps);
    out.u8(1);
    append_unit(out, pps);
    if (has_chroma_fields(std::to_integer<unsigned>(sps[1]))) {
        out.u8(static_cast<std::uint8_t>(0xFC | picture.chroma));
        out.u8(static_cast<std::uint8_t>(0xF8 | (picture.luma_depth - 8)));
        out.u8(static_cast<std::uint8_t>(0xF8 | (picture.chroma_depth - 8)));
        out.u8(0);
    }
    return out.release();
}

/// ISO/IEC 14496-15, 8.3.3.1.
Bytes hevc_configuration(const std::array<ByteSpan, 3>& sets, const Picture& picture) {
    Bits bits(sets[1]); // the profile may hold emulation prevention bytes
    bits.skip(16 + 4 + 3 + 1);
    ByteWriter out;
    out.u8(1);
    for (unsigned i = 0; i < (kProfileBits + 8) / 8; ++i) {
        out.u8(static_cast<std::uint8_t>(bits.read(8)));
    }
    out.uint_be(0xF000, 2);
    out.u8(0xFC);
    out.u8(static_cast<std::uint8_t>(0xFC | picture.chroma));
    out.u8(static_cast<std::uint8_t>(0xF8 | (picture.luma_depth - 8)));
    out.u8(static_cast<std::uint8_t>(0xF8 | (picture.chroma_depth - 8)));
    out.uint_be(0, 2);
    out.u8(0x0F); // one layer; lengths of 4 bytes
    out.u8(static_cast<std::uint8_t>(sets.size()));
    for (const ByteSpan set : sets) {
        out.u8(static_cast<std::uint8_t>(0x80 | nal_type(set, Codec::h265)));
        out.uint_be(1, 2);
        append_unit(out, set);
    }
    return out.release();
}

/// Where a start code of three bytes begins, from `from` on.
std::size_t start_code(ByteSpan bytes, std::size_t from) {
    for (std::size_t at = from; at + 3 <= bytes.size(); ++at) {
        if (bytes[at] == std::byte{0} && bytes[at + 1] == std::byte{0} && bytes[at + 2] == std::byte{1}) {
            return at;
        }
    }
    return bytes.size();
}

} // namespace

std::vector<ByteSpan> nal_units(ByteSpan access_unit) {
    std::vector<ByteSpan> units;
    for (std::size_t code = start_code(access_unit, 0); code < access_unit.size();) {
        const std::size_t begin = code + 3;
        code = start_code(access_unit, begin);
        std::size_t end = code;
        while (end > begin && access_unit[end - 1] == std::byte{0}) { // of a longer start code, or trailing
            --end;
        }
        if (end > begin) {
            units.push_back(access_unit.subspan(begin, end - begin));
        }
    }
    return units;
}

unsigned nal_type(ByteSpan unit, Codec codec) {
    const auto first = std::to_integer<unsigned>(unit[0]);
    return codec == Codec::h264 ? first & 0x1F : first >> 1 & 0x3F;
}

bool is_delimiter(ByteSpan unit, Codec codec) {
    return nal_type(unit, codec) == (codec == Codec::h264 ? kH264Delimiter : kH265Delimiter);
}

Result<StreamFormat> stream_format(ByteSpan key_frame, Codec codec) {
    const std::vector<ByteSpan> units = nal_units(key_frame);
    const auto set = [&](unsigned type) {
        const auto found = std::ranges::find_if(
            units, [&](ByteSpan unit) { return nal_type(unit, codec) == type && unit.size() >= 4; });
        return found == units.end() ? ByteSpan() : *found;
    };
    const bool is_h264 = codec == Codec::h264;
    const std::array sets{is_h264 ? ByteSpan() : set(kH265Vps), set(is_h264 ? kH264Sps : kH265Sps),
                          set(is_h264 ? kH264Pps : kH265Pps)};
    if (sets[1].empty() || sets[2].empty() || (!is_h264 && sets[0].empty())) {
        return fail(Code::malformed, "a key frame has no parameter sets");
    }
    const auto picture = is_h264 ? read_h264(sets[1]) : read_h265(sets[1]);
    if (!picture || picture->width == 0 || picture->height == 0 || picture->width > kLargestSide ||
        picture->height > kLargestSide) {
        return fail(Code::malformed, "a key frame's parameter sets cannot be read");
    }
    return StreamFormat{.width = picture->width,
                        .height = picture->height,
                        .configuration = is_h264 ? avc_configuration(sets[1], sets[2], *picture)
                                                 : hevc_configuration(sets, *picture)};
}

} // namespace masthead::recording
