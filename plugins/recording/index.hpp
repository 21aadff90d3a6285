// The index of a recorded file: what stands where, as lines of text. Made while recording, and made again
// from the file's bytes where it is missing.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/recording/frame_writer.hpp"
#include "plugins/telemetry/sample.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::recording {

/// From one key frame to the next.
struct Gop {
    std::uint64_t offset = 0; // in the file, of its PAT
    std::uint64_t bytes = 0;
    ts::Ticks pts = 0;   // of its key frame
    ts::Ticks ticks = 0; // how long it lasts: to the end of its last frame
    Utc time;            // capture time of its key frame
    std::uint32_t frames = 0;
    std::uint32_t with_klv = 0; // frames with metadata
    friend bool operator==(const Gop&, const Gop&) = default;
};

/// Where the vehicle was and where its camera looked: the first frame of each second that says one of both.
struct TrackPoint {
    Utc time;
    std::optional<GeoPoint> position;
    std::optional<double> heading_deg;
    std::optional<GeoPoint> frame_center;
    std::optional<std::array<GeoPoint, 4>> footprint;
    friend bool operator==(const TrackPoint&, const TrackPoint&) = default;
};

struct Index {
    Codec codec = Codec::h264;
    std::vector<Gop> gops;         // in the file's order, without a hole
    std::vector<TrackPoint> track; // in the file's order
    friend bool operator==(const Index&, const Index&) = default;
};

/// The file's index stands beside it.
[[nodiscard]] std::filesystem::path index_of(const std::filesystem::path& recording);

/// "masthead-index 1 h264": the first line, with its line end.
[[nodiscard]] std::string header_line(Codec codec);
/// "G offset bytes pts ticks time frames with_klv", times in microseconds UTC; with its line end.
[[nodiscard]] std::string line_of(const Gop& gop);
/// "T time latitude,longitude heading center corner corner corner corner", '-' for what is not known.
[[nodiscard]] std::string line_of(const TrackPoint& point);

enum class Read { all, gops }; // gops: without the track

/// Whole lines of an index; what follows the last line end is left alone. Errors: malformed (with the line's
/// number), unsupported (another version).
[[nodiscard]] Result<Index> parse_index(std::string_view text, Read read = Read::all);
/// The same for lines behind the first one, of a file that is known; with what GOPs came before, they must
/// follow. Appends to `index`.
[[nodiscard]] Result<void> parse_lines(std::string_view text, Index& index, Read read = Read::all);
/// The first line. Errors: as parse_index().
[[nodiscard]] Result<Codec> parse_header(std::string_view line);

} // namespace masthead::recording
