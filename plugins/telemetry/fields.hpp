// The fields of a Sample as tables: name in JSON, range, and ST 0601 item. Used by every function that walks
// a sample.
#pragma once

#include "plugins/telemetry/sample.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace masthead {

/// A number's field. `tag` is the item it is written to (0: no item); `fallback_tag` is read when the first
/// one has no value.
struct NumberField {
    std::string_view name; // in schema/telemetry.schema.json
    std::optional<double> Sample::*member;
    double min;
    double max;
    klv::Tag tag;
    klv::Tag fallback_tag;
    bool write_both; // the fallback item too, for readers that know only that
};

inline constexpr std::array kNumberFields{
    NumberField{"latitude_deg", &Sample::latitude_deg, -90, 90, 13, 0, false},
    NumberField{"longitude_deg", &Sample::longitude_deg, -180, 180, 14, 0, false},
    NumberField{"altitude_msl_m", &Sample::altitude_msl_m, -12000, 100000, 15, 0, false},
    NumberField{"altitude_hae_m", &Sample::altitude_hae_m, -12000, 100000, 104, 75, true},
    NumberField{"altitude_agl_m", &Sample::altitude_agl_m, -12000, 100000, 113, 0, false},
    NumberField{"heading_deg", &Sample::heading_deg, 0, 360, 5, 0, false},
    NumberField{"course_deg", &Sample::course_deg, 0, 360, 112, 0, false},
    NumberField{"pitch_deg", &Sample::pitch_deg, -90, 90, 90, 6, false},
    NumberField{"roll_deg", &Sample::roll_deg, -180, 180, 91, 7, false},
    NumberField{"ground_speed_mps", &Sample::ground_speed_mps, 0, 1000, 56, 0, false},
    NumberField{"air_speed_mps", &Sample::air_speed_mps, 0, 1000, 8, 0, false},
    NumberField{"velocity_north_mps", &Sample::velocity_north_mps, -1000, 1000, 79, 0, false},
    NumberField{"velocity_east_mps", &Sample::velocity_east_mps, -1000, 1000, 80, 0, false},
    NumberField{"climb_mps", &Sample::climb_mps, -1000, 1000, 51, 0, false},
    NumberField{"battery_percent", &Sample::battery_percent, 0, 100, 0, 0, false},
    NumberField{"battery_v", &Sample::battery_v, 0, 10000, 0, 0, false},
    NumberField{"depth_m", &Sample::depth_m, 0, 12000, 0, 0, false},
    NumberField{"water_speed_mps", &Sample::water_speed_mps, -100, 100, 0, 0, false},
    NumberField{"wind_speed_mps", &Sample::wind_speed_mps, 0, 200, 36, 0, false},
    NumberField{"wind_direction_deg", &Sample::wind_direction_deg, 0, 360, 35, 0, false},
    NumberField{"camera_azimuth_deg", &Sample::camera_azimuth_deg, 0, 360, 18, 0, false},
    NumberField{"camera_elevation_deg", &Sample::camera_elevation_deg, -180, 180, 19, 0, false},
    NumberField{"camera_roll_deg", &Sample::camera_roll_deg, 0, 360, 20, 0, false},
    NumberField{"horizontal_fov_deg", &Sample::horizontal_fov_deg, 0, 180, 16, 0, false},
    NumberField{"vertical_fov_deg", &Sample::vertical_fov_deg, 0, 180, 17, 0, false},
    NumberField{"slant_range_m", &Sample::slant_range_m, 0, 5000000, 21, 0, false},
    NumberField{"frame_center_elevation_m", &Sample::frame_center_elevation_m, -12000, 100000, 25, 0, false},
};

struct TextField {
    std::string_view name;
    std::optional<std::string> Sample::*member;
    std::size_t max_characters;
    klv::Tag tag; // 0: no item
};

inline constexpr std::array kTextFields{
    TextField{"mode", &Sample::mode, 64, 0},
    TextField{"name", &Sample::name, 127, 59},
};

/// Calls `visit(name, member)` for every field but the time, of whatever type.
template <typename Visit>
void for_each_field(const Visit& visit) {
    for (const NumberField& field : kNumberFields) {
        visit(field.name, field.member);
    }
    for (const TextField& field : kTextFields) {
        visit(field.name, field.member);
    }
    visit(std::string_view("satellites"), &Sample::satellites);
    visit(std::string_view("armed"), &Sample::armed);
    visit(std::string_view("frame_center"), &Sample::frame_center);
    visit(std::string_view("footprint"), &Sample::footprint);
}

inline constexpr int kMaxSatellites = 255;
inline constexpr klv::Tag kSatellitesTag = 123;

/// Latitude items of the footprint's corners; the longitude's tag is one higher.
inline constexpr std::array<klv::Tag, 4> kCornerTags{82, 84, 86, 88};
/// The same as offsets from the frame centre.
inline constexpr std::array<klv::Tag, 4> kCornerOffsetTags{26, 28, 30, 32};
inline constexpr klv::Tag kFrameCenterTag = 23;

} // namespace masthead
