#include "plugins/recording/index.hpp"

#include <charconv>
#include <cstdio>

namespace masthead::recording {

namespace {

constexpr std::string_view kMagic = "masthead-index";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kUnknown = "-";

std::string_view next_word(std::string_view& line, char end = ' ') {
    const std::size_t length = std::min(line.find(end), line.size());
    const std::string_view word = line.substr(0, length);
    line.remove_prefix(std::min(length + 1, line.size()));
    return word;
}

template <typename Number>
bool read(std::string_view word, Number& number) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

bool read(std::string_view word, GeoPoint& point) {
    const std::string_view latitude = next_word(word, ',');
    return read(latitude, point.latitude_deg) && read(word, point.longitude_deg) &&
           point.latitude_deg >= -90 && point.latitude_deg <= 90 && point.longitude_deg >= -180 &&
           point.longitude_deg <= 180;
}

template <typename Value>
bool read_known(std::string_view word, std::optional<Value>& value) {
    return word == kUnknown || read(word, value.emplace());
}

std::optional<Gop> read_gop(std::string_view line) {
    Gop gop;
    const bool whole = read(next_word(line), gop.offset) && read(next_word(line), gop.bytes) &&
                       read(next_word(line), gop.pts) && read(next_word(line), gop.ticks) &&
                       read(next_word(line), gop.time.us) && read(next_word(line), gop.frames) &&
                       read(next_word(line), gop.with_klv) && line.empty();
    return whole && gop.pts < ts::kTicksWrap ? std::optional(gop) : std::nullopt;
}

std::optional<TrackPoint> read_point(std::string_view line) {
    TrackPoint point;
    if (!read(next_word(line), point.time.us) || !read_known(next_word(line), point.position) ||
        !read_known(next_word(line), point.heading_deg) || !read_known(next_word(line), point.frame_center)) {
        return std::nullopt;
    }
    if (line != kUnknown) {
        for (GeoPoint& corner : point.footprint.emplace()) {
            if (!read(next_word(line), corner)) {
                return std::nullopt;
            }
        }
        if (!line.empty()) {
            return std::nullopt;
        }
    }
    return point;
}

std::string text_of(const GeoPoint& point) {
    char text[48];
    std::snprintf(text, sizeof text, "%.7f,%.7f", point.latitude_deg, point.longitude_deg);
    return text;
}

std::string text_of(const std::optional<GeoPoint>& point) {
    return point ? text_of(*point) : std::string(kUnknown);
}

} // namespace

Result<Codec> parse_header(std::string_view line) {
    if (next_word(line) != kMagic) {
        return fail(Code::malformed, "line 1: this is no index of a recording");
    }
    if (next_word(line) != kVersion) {
        return fail(Code::unsupported, "line 1: an index of another version");
    }
    if (line != "h264" && line != "h265") {
        return fail(Code::malformed, "line 1: h264 or h265 must stand at its end");
    }
    return line == "h264" ? Codec::h264 : Codec::h265;
}

std::filesystem::path index_of(const std::filesystem::path& recording) {
    return std::filesystem::path(recording).replace_extension(".idx");
}

std::string header_line(Codec codec) {
    return std::string(kMagic) + " " + std::string(kVersion) + (codec == Codec::h264 ? " h264\n" : " h265\n");
}

std::string line_of(const Gop& gop) {
    std::string line = "G";
    for (const auto number : {gop.offset, gop.bytes, gop.pts, gop.ticks}) {
        line += " " + std::to_string(number);
    }
    return line + " " + std::to_string(gop.time.us) + " " + std::to_string(gop.frames) + " " +
           std::to_string(gop.with_klv) + "\n";
}

std::string line_of(const TrackPoint& point) {
    char heading[32] = "-";
    if (point.heading_deg) {
        std::snprintf(heading, sizeof heading, "%.2f", *point.heading_deg);
    }
    std::string line = "T " + std::to_string(point.time.us) + " " + text_of(point.position) + " " + heading +
                       " " + text_of(point.frame_center);
    if (!point.footprint) {
        return line + " -\n";
    }
    for (const GeoPoint& corner : *point.footprint) {
        line += " " + text_of(corner);
    }
    return line + "\n";
}

Result<void> parse_lines(std::string_view text, Index& index, Read read) {
    for (std::size_t number = 2;; ++number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) {
            return {};
        }
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        const std::string_view kind = next_word(line);
        if (kind == "T" && read == Read::gops) {
            continue;
        }
        const auto gop = kind == "G" ? read_gop(line) : std::nullopt;
        const auto point = kind == "T" ? read_point(line) : std::nullopt;
        const std::uint64_t expected =
            index.gops.empty() ? 0 : index.gops.back().offset + index.gops.back().bytes;
        if (gop && (gop->offset == expected || index.gops.empty())) {
            index.gops.push_back(*gop);
        } else if (point) {
            index.track.push_back(*point);
        } else {
            return fail(Code::malformed,
                        "line " + std::to_string(number) +
                            (gop ? ": a GOP does not follow the one before" : ": cannot be read"));
        }
    }
}

Result<Index> parse_index(std::string_view text, Read read) {
    const std::size_t end = text.find('\n');
    const auto codec = parse_header(text.substr(0, std::min(end, text.size())));
    if (!codec) {
        return tl::unexpected(codec.error());
    }
    Index index{.codec = *codec, .gops = {}, .track = {}};
    if (end != std::string_view::npos) {
        if (auto done = parse_lines(text.substr(end + 1), index, read); !done) {
            return tl::unexpected(done.error());
        }
    }
    return index;
}

} // namespace masthead::recording
