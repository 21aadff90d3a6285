#include "plugins/recording/fragment.hpp"

#include "plugins/recording/ticks.hpp"

#include <algorithm>

namespace masthead::recording {

namespace {

constexpr std::uint32_t kTimescale = 90'000;
constexpr std::uint32_t kTrack = 1;
constexpr std::uint32_t kIndependent = 0x02000000; // sample_depends_on: no other; it is a sync sample
constexpr std::uint32_t kDependent = 0x01010000;

/// A box around what `content` writes.
template <typename Content>
void box(ByteWriter& out, std::string_view type, Content content) {
    ByteWriter inside;
    content(inside);
    out.uint_be(inside.size() + 8, 4);
    out.append(as_bytes(type));
    out.append(inside.view());
}

/// One with version and flags.
template <typename Content>
void full_box(ByteWriter& out, std::string_view type, unsigned version, unsigned flags, Content content) {
    box(out, type, [&](ByteWriter& inside) {
        inside.u8(static_cast<std::uint8_t>(version));
        inside.uint_be(flags, 3);
        content(inside);
    });
}

void zeros(ByteWriter& out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        out.u8(0);
    }
}

void unity_matrix(ByteWriter& out) {
    for (const std::uint32_t value : {0x10000U, 0U, 0U, 0U, 0x10000U, 0U, 0U, 0U, 0x40000000U}) {
        out.uint_be(value, 4);
    }
}

void write_mvhd(ByteWriter& out) {
    full_box(out, "mvhd", 0, 0, [](ByteWriter& in) {
        zeros(in, 8);
        in.uint_be(kTimescale, 4);
        zeros(in, 4);
        in.uint_be(0x10000, 4);
        in.uint_be(0x100, 2);
        zeros(in, 10);
        unity_matrix(in);
        zeros(in, 24);
        in.uint_be(kTrack + 1, 4);
    });
}

void write_tkhd(ByteWriter& out, const StreamFormat& format) {
    full_box(out, "tkhd", 0, 3, [&](ByteWriter& in) { // enabled, in the movie
        zeros(in, 8);
        in.uint_be(kTrack, 4);
        zeros(in, 24);
        unity_matrix(in);
        in.uint_be(std::uint64_t{format.width} << 16, 4);
        in.uint_be(std::uint64_t{format.height} << 16, 4);
    });
}

void write_sample_entry(ByteWriter& out, const StreamFormat& format, Codec codec) {
    box(out, codec == Codec::h264 ? "avc1" : "hvc1", [&](ByteWriter& in) {
        zeros(in, 6);
        in.uint_be(1, 2);
        zeros(in, 16);
        in.uint_be(format.width, 2);
        in.uint_be(format.height, 2);
        in.uint_be(0x00480000, 4); // 72 dpi
        in.uint_be(0x00480000, 4);
        zeros(in, 4);
        in.uint_be(1, 2);
        zeros(in, 32);
        in.uint_be(24, 2);
        in.uint_be(0xFFFF, 2);
        box(in, codec == Codec::h264 ? "avcC" : "hvcC",
            [&](ByteWriter& inside) { inside.append(format.configuration); });
    });
}

void write_sample_table(ByteWriter& out, const StreamFormat& format, Codec codec) {
    box(out, "stbl", [&](ByteWriter& in) {
        full_box(in, "stsd", 0, 0, [&](ByteWriter& inside) {
            inside.uint_be(1, 4);
            write_sample_entry(inside, format, codec);
        });
        for (const std::string_view empty : {"stts", "stsc", "stco"}) {
            full_box(in, empty, 0, 0, [](ByteWriter& inside) { zeros(inside, 4); });
        }
        full_box(in, "stsz", 0, 0, [](ByteWriter& inside) { zeros(inside, 8); });
    });
}

void write_media(ByteWriter& out, const StreamFormat& format, Codec codec) {
    box(out, "mdia", [&](ByteWriter& in) {
        full_box(in, "mdhd", 0, 0, [](ByteWriter& inside) {
            zeros(inside, 8);
            inside.uint_be(kTimescale, 4);
            zeros(inside, 4);
            inside.uint_be(0x55C4, 2); // language: undetermined
            zeros(inside, 2);
        });
        full_box(in, "hdlr", 0, 0, [](ByteWriter& inside) {
            zeros(inside, 4);
            inside.append(as_bytes("vide"));
            zeros(inside, 13);
        });
        box(in, "minf", [&](ByteWriter& inside) {
            full_box(inside, "vmhd", 0, 1, [](ByteWriter& fields) { zeros(fields, 8); });
            box(inside, "dinf", [](ByteWriter& data) {
                full_box(data, "dref", 0, 0, [](ByteWriter& entries) {
                    entries.uint_be(1, 4);
                    full_box(entries, "url ", 0, 1, [](ByteWriter&) {}); // in this file
                });
            });
            write_sample_table(inside, format, codec);
        });
    });
}

/// With lengths instead of start codes.
Bytes sample_of(const WholeFrame& frame, Codec codec) {
    ByteWriter out;
    for (const ByteSpan unit : nal_units(frame.access_unit)) {
        if (!is_delimiter(unit, codec)) {
            out.uint_be(unit.size(), 4);
            out.append(unit);
        }
    }
    return out.release();
}

ts::Ticks decoding_of(const WholeFrame& frame) { return frame.dts.value_or(frame.pts); }

struct Sample {
    Bytes bytes;
    ts::Ticks ticks = 0;
    ts::Ticks shown_after = 0; // its decoding
    bool key = false;
};

std::vector<Sample> samples_of(const std::vector<WholeFrame>& frames, Codec codec, ts::Ticks ticks) {
    std::vector<Sample> samples;
    ts::Ticks used = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const WholeFrame& frame = frames[i];
        const bool last = i + 1 == frames.size();
        const ts::Ticks lasts = last ? ticks - std::min(ticks, used)
                                     : ticks_between(decoding_of(frame), decoding_of(frames[i + 1]));
        used += lasts;
        samples.push_back({.bytes = sample_of(frame, codec),
                           .ticks = lasts,
                           .shown_after = ticks_between(decoding_of(frame), frame.pts),
                           .key = frame.key});
    }
    return samples;
}

/// `data`: where the first sample lies, from the fragment's begin.
Bytes movie_fragment(const std::vector<Sample>& samples, ts::Ticks decoding, std::size_t data) {
    constexpr unsigned kFromFragment = 0x020000;
    constexpr unsigned kFields = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800;
    ByteWriter out;
    box(out, "moof", [&](ByteWriter& in) {
        full_box(in, "mfhd", 0, 0, [&](ByteWriter& fields) {
            fields.uint_be((decoding & 0xFFFFFFFF) | 1, 4); // rises; nobody goes by it
        });
        box(in, "traf", [&](ByteWriter& track) {
            full_box(track, "tfhd", 0, kFromFragment, [](ByteWriter& fields) { fields.uint_be(kTrack, 4); });
            full_box(track, "tfdt", 1, 0, [&](ByteWriter& fields) { fields.uint_be(decoding, 8); });
            full_box(track, "trun", 0, kFields, [&](ByteWriter& fields) {
                fields.uint_be(samples.size(), 4);
                fields.uint_be(data, 4);
                for (const Sample& sample : samples) {
                    fields.uint_be(sample.ticks, 4);
                    fields.uint_be(sample.bytes.size(), 4);
                    fields.uint_be(sample.key ? kIndependent : kDependent, 4);
                    fields.uint_be(sample.shown_after, 4);
                }
            });
        });
    });
    return out.release();
}

void write_event(ByteWriter& out, const WholeFrame& frame, ts::Ticks ticks) {
    full_box(out, "emsg", 1, 0, [&](ByteWriter& in) {
        in.uint_be(kTimescale, 4);
        in.uint_be(frame.pts, 8);
        in.uint_be(ticks, 4);
        in.uint_be(frame.pts & 0xFFFFFFFF, 4); // its id
        in.append(as_bytes(kKlvScheme));
        zeros(in, 2); // ends of the scheme and of an empty value
        in.append(frame.klv);
    });
}

} // namespace

Bytes init_segment(const StreamFormat& format, Codec codec) {
    ByteWriter out;
    box(out, "ftyp", [](ByteWriter& in) {
        in.append(as_bytes("iso6"));
        zeros(in, 4);
        in.append(as_bytes("iso6cmfc"));
    });
    box(out, "moov", [&](ByteWriter& in) {
        write_mvhd(in);
        box(in, "trak", [&](ByteWriter& track) {
            write_tkhd(track, format);
            write_media(track, format, codec);
        });
        box(in, "mvex", [](ByteWriter& extends) {
            full_box(extends, "trex", 0, 0, [](ByteWriter& fields) {
                fields.uint_be(kTrack, 4);
                fields.uint_be(1, 4);
                zeros(fields, 12);
            });
        });
    });
    return out.release();
}

Bytes media_segment(const std::vector<WholeFrame>& frames, Codec codec, ts::Ticks ticks) {
    const std::vector<Sample> samples = samples_of(frames, codec, ticks);
    ByteWriter out;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        if (!frames[i].klv.empty()) {
            write_event(out, frames[i], samples[i].ticks);
        }
    }
    const ts::Ticks decoding = decoding_of(frames.front());
    constexpr std::size_t kBoxHeader = 8;
    const std::size_t size = movie_fragment(samples, decoding, 0).size();
    out.append(movie_fragment(samples, decoding, size + kBoxHeader));
    box(out, "mdat", [&](ByteWriter& in) {
        for (const Sample& sample : samples) {
            in.append(sample.bytes);
        }
    });
    return out.release();
}

} // namespace masthead::recording
