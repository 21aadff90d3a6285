// Where the vehicle was and where its camera looked, as KML, GPX and GeoJSON.
#pragma once

#include "plugins/telemetry/sample.hpp"
#include "server/recording/clip.hpp"

#include <string>
#include <vector>

namespace masthead::recording_tool {

/// The first frame of each second that says where the vehicle was or where its camera looked.
class TrackTally : public FrameReceiver {
  public:
    [[nodiscard]] Result<void> take(const ClipFrame& frame) override;
    [[nodiscard]] Result<void> finish() override { return {}; }
    [[nodiscard]] const std::vector<Sample>& points() const noexcept { return points_; }

  private:
    std::vector<Sample> points_;
    std::int64_t second_ = -1;
};

/// `name` is told to people: "kestrel/nose". Points are in the order of time; where they are more than 5 s
/// apart, or their clock steps back, or the antimeridian is crossed, another part of the track begins. Pure.

/// KML 2.2 with gx:Track (times, and the altitude above sea level where all of a part have one), where the
/// camera looked the same way, and its footprints with their time spans, evenly thinned to at most 2000.
[[nodiscard]] std::string kml_of(const std::string& name, const std::vector<Sample>& points);
/// GPX 1.1: the vehicle's track alone, with time, and ele above sea level.
[[nodiscard]] std::string gpx_of(const std::string& name, const std::vector<Sample>& points);
/// RFC 7946: a feature for each part of the track (its altitude above the ellipsoid where all have one;
/// coordTimes and altitude_msl_m go with the positions), one for each footprint, cut at the antimeridian.
[[nodiscard]] std::string geojson_of(const std::string& name, const std::vector<Sample>& points);

} // namespace masthead::recording_tool
