// Sample: what a vehicle said at one UTC instant, every field optional. Three forms and no fourth: this
// struct, an ST 0601 local set (local_set.hpp of klv), and the JSON of schema/telemetry.schema.json.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/klv/local_set.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace masthead {

/// How the instant is known.
enum class TimeSource : std::uint8_t {
    vehicle, // the vehicle said it in UTC
    mapped,  // the vehicle's own clock, mapped to ours by its measured offset
    arrival, // when it reached us
};

struct GeoPoint {
    double latitude_deg = 0;  // -90..90, WGS 84
    double longitude_deg = 0; // -180..180
    friend bool operator==(const GeoPoint&, const GeoPoint&) = default;
};

struct Sample {
    Utc time;
    TimeSource time_source = TimeSource::arrival;

    std::optional<double> latitude_deg;  // -90..90; with longitude_deg or not at all
    std::optional<double> longitude_deg; // -180..180
    std::optional<double> altitude_msl_m;
    std::optional<double> altitude_hae_m;   // above the WGS 84 ellipsoid
    std::optional<double> altitude_agl_m;   // above ground or above the take-off point
    std::optional<double> heading_deg;      // true, 0..360
    std::optional<double> course_deg;       // over ground, true, 0..360
    std::optional<double> pitch_deg;        // nose up positive, -90..90
    std::optional<double> roll_deg;         // right side down positive, -180..180
    std::optional<double> ground_speed_mps; // >= 0
    std::optional<double> air_speed_mps;    // true, >= 0
    std::optional<double> velocity_north_mps;
    std::optional<double> velocity_east_mps;
    std::optional<double> climb_mps;       // up positive
    std::optional<double> battery_percent; // 0..100
    std::optional<double> battery_v;
    std::optional<double> depth_m;            // below the keel or transducer, as the vessel says
    std::optional<double> water_speed_mps;    // through the water
    std::optional<double> wind_speed_mps;     // true wind
    std::optional<double> wind_direction_deg; // where it comes from, true, 0..360
    std::optional<int> satellites;
    std::optional<bool> armed;
    std::optional<std::string> mode; // the autopilot's word: "AUTO", "LOITER", "under way using engine"
    std::optional<std::string> name; // call sign or ship's name

    // Camera
    std::optional<double> camera_azimuth_deg;   // relative to the platform's nose, 0..360 clockwise
    std::optional<double> camera_elevation_deg; // relative to the platform's plane, up positive, -180..180
    std::optional<double> camera_roll_deg;      // 0..360
    std::optional<double> horizontal_fov_deg;
    std::optional<double> vertical_fov_deg;
    std::optional<double> slant_range_m;
    std::optional<GeoPoint> frame_center;
    std::optional<double> frame_center_elevation_m;   // MSL
    std::optional<std::array<GeoPoint, 4>> footprint; // upper left, upper right, lower right, lower left

    friend bool operator==(const Sample&, const Sample&) = default;
};

/// `sample` over `base`: fields that `sample` has replace those of `base`; the newer time stands.
[[nodiscard]] Sample merged(const Sample& base, const Sample& sample);

/// Struct -> ST 0601 (the full-range items 90, 91, 82-89 where there are two). Item 2 is written in `system`.
/// Values the standard cannot hold are left out. Fields without an item (battery, mode, armed, depth...) live
/// in the JSON form only.
[[nodiscard]] klv::LocalSet to_local_set(const Sample& sample,
                                         klv::TimeSystem system = klv::TimeSystem::posix);
/// ST 0601 -> struct; `time` is the packet's instant, already converted to UTC.
[[nodiscard]] Sample from_local_set(const klv::LocalSet& set, Utc time);

/// JSON object text per schema/telemetry.schema.json; absent fields are not written.
[[nodiscard]] std::string to_json(const Sample& sample);
/// Errors: invalid_argument naming the member and the rule. Unknown members are ignored. Without "time",
/// `arrival` is used.
[[nodiscard]] Result<Sample> sample_from_json(std::string_view text, Utc arrival);

} // namespace masthead
