// The ranges that a sample's fields may have.
#include "plugins/links/limits.hpp"

#include <cmath>

namespace masthead {

namespace {

struct Limit {
    std::optional<double> Sample::*field;
    double min;
    double max;
};

constexpr Limit kLimits[] = {
    {&Sample::latitude_deg, -90, 90},
    {&Sample::longitude_deg, -180, 180},
    {&Sample::altitude_msl_m, -12'000, 100'000},
    {&Sample::altitude_hae_m, -12'000, 100'000},
    {&Sample::altitude_agl_m, -12'000, 100'000},
    {&Sample::heading_deg, 0, 360},
    {&Sample::course_deg, 0, 360},
    {&Sample::pitch_deg, -90, 90},
    {&Sample::roll_deg, -180, 180},
    {&Sample::ground_speed_mps, 0, 1000},
    {&Sample::air_speed_mps, 0, 1000},
    {&Sample::velocity_north_mps, -1000, 1000},
    {&Sample::velocity_east_mps, -1000, 1000},
    {&Sample::climb_mps, -1000, 1000},
    {&Sample::battery_percent, 0, 100},
    {&Sample::battery_v, 0, 10'000},
    {&Sample::depth_m, 0, 12'000},
    {&Sample::water_speed_mps, -100, 100},
    {&Sample::wind_speed_mps, 0, 200},
    {&Sample::wind_direction_deg, 0, 360},
    {&Sample::camera_azimuth_deg, 0, 360},
    {&Sample::camera_elevation_deg, -180, 180},
    {&Sample::camera_roll_deg, 0, 360},
    {&Sample::horizontal_fov_deg, 0, 180},
    {&Sample::vertical_fov_deg, 0, 180},
    {&Sample::slant_range_m, 0, 5'000'000},
    {&Sample::frame_center_elevation_m, -12'000, 100'000},
};

bool possible(const GeoPoint& point) {
    return std::abs(point.latitude_deg) <= 90 && std::abs(point.longitude_deg) <= 180;
}

} // namespace

void drop_impossible(Sample& sample) {
    for (const Limit& limit : kLimits) {
        std::optional<double>& value = sample.*limit.field;
        if (value && !(*value >= limit.min && *value <= limit.max)) {
            value.reset();
        }
    }
    if (!sample.latitude_deg || !sample.longitude_deg) {
        sample.latitude_deg.reset();
        sample.longitude_deg.reset();
    }
    if (sample.frame_center && !possible(*sample.frame_center)) {
        sample.frame_center.reset();
    }
}

bool says_nothing(const Sample& sample) {
    return sample == Sample{.time = sample.time, .time_source = sample.time_source};
}

double wrap_360(double degrees) noexcept {
    const double rest = std::fmod(degrees, 360.0);
    return rest < 0 ? rest + 360.0 : rest;
}

} // namespace masthead
