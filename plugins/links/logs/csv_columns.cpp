#include "plugins/links/logs/csv_columns.hpp"

#include "plugins/telemetry/fields.hpp"

#include <algorithm>
#include <numbers>

namespace masthead::logs {

namespace {

enum class Dimension : std::uint8_t { angle, length, speed, voltage, share, none };

struct Unit {
    std::string_view names; // with a blank around each; as they stand in brackets, and behind a name
    Dimension dimension;
    double scale;
};

constexpr Unit kUnits[] = {
    {" deg degrees degree \xC2\xB0 360 ", Dimension::angle, 1},
    {" rad radians ", Dimension::angle, 180 / std::numbers::pi},
    {" m meters metres meter metre ", Dimension::length, 1},
    {" km ", Dimension::length, 1000},
    {" ft feet foot ", Dimension::length, 0.3048},
    {" m/s mps m_s ms meters/second ", Dimension::speed, 1},
    {" km/h kmh kph km_h ", Dimension::speed, 1 / 3.6},
    {" mph mi/h ", Dimension::speed, 0.44704},
    {" kn kt kts knots ", Dimension::speed, 1852.0 / 3600},
    {" ft/s fps ", Dimension::speed, 0.3048},
    {" v volt volts ", Dimension::voltage, 1},
    {" mv ", Dimension::voltage, 0.001},
    {" % percent ", Dimension::share, 1},
};

constexpr Unit kTimeUnits[] = {
    {" s sec seconds second ", Dimension::none, 1e6},
    {" ms millisecond milliseconds msec ", Dimension::none, 1e3},
    {" us microsecond microseconds usec \xC2\xB5s ", Dimension::none, 1},
    {" ns nanoseconds ", Dimension::none, 1e-3},
};

struct Names {
    std::string_view names; // with a blank around each
    std::optional<double> CsvRow::*member;
    Dimension dimension;
    double scale = 1; // where no unit is said
};

constexpr double kKnots = 1852.0 / 3600;

constexpr Names kNames[] = {
    {" latitude lat gps_lat gps_latitude osd_latitude ", &CsvRow::latitude_deg, Dimension::angle},
    {" longitude lon lng long gps_lon gps_lng gps_longitude osd_longitude ", &CsvRow::longitude_deg,
     Dimension::angle},
    {" altitude alt altitude_msl alt_msl amsl altitude_amsl altitudeamsl elevation ele gps_altitude gps_alt "
     "altitude_above_sealevel osd_altitude ",
     &CsvRow::altitude_msl_m, Dimension::length},
    {" altitude_agl agl height height_above_takeoff rel_alt relative_altitude altitude_relative "
     "altituderelative osd_height ",
     &CsvRow::altitude_agl_m, Dimension::length},
    {" altitude_hae hae ellipsoid_height height_hae ", &CsvRow::altitude_hae_m, Dimension::length},
    {" heading yaw true_heading hdg compass_heading osd_yaw ", &CsvRow::heading_deg, Dimension::angle},
    {" course cog track course_over_ground gps_course gps_courseoverground ", &CsvRow::course_deg,
     Dimension::angle},
    {" pitch osd_pitch ", &CsvRow::pitch_deg, Dimension::angle},
    {" roll osd_roll ", &CsvRow::roll_deg, Dimension::angle},
    {" speed ground_speed groundspeed gs horizontal_speed hspeed osd_hspeed ", &CsvRow::ground_speed_mps,
     Dimension::speed},
    {" sog speed_over_ground ", &CsvRow::ground_speed_mps, Dimension::speed, kKnots},
    {" airspeed air_speed true_airspeed tas ", &CsvRow::air_speed_mps, Dimension::speed},
    {" velocity_north vel_north vn ", &CsvRow::velocity_north_mps, Dimension::speed},
    {" velocity_east vel_east ve ", &CsvRow::velocity_east_mps, Dimension::speed},
    {" climb climb_rate climbrate vertical_speed vspeed ", &CsvRow::climb_mps, Dimension::speed},
    {" depth ", &CsvRow::depth_m, Dimension::length},
    {" wind_speed ", &CsvRow::wind_speed_mps, Dimension::speed},
    {" wind_direction ", &CsvRow::wind_direction_deg, Dimension::angle},
    {" hfov horizontal_fov fov_h ", &CsvRow::horizontal_fov_deg, Dimension::angle},
    {" vfov vertical_fov fov_v ", &CsvRow::vertical_fov_deg, Dimension::angle},
    {" camera_azimuth ", &CsvRow::camera_azimuth_deg, Dimension::angle},
    {" camera_elevation ", &CsvRow::camera_elevation_deg, Dimension::angle},
    {" camera_roll ", &CsvRow::camera_roll_deg, Dimension::angle},
    {" slant_range ", &CsvRow::slant_range_m, Dimension::length},
    {" gimbal_heading gimbal_yaw ", &CsvRow::gimbal_yaw_deg, Dimension::angle},
    {" gimbal_pitch ", &CsvRow::gimbal_pitch_deg, Dimension::angle},
    {" gimbal_roll ", &CsvRow::gimbal_roll_deg, Dimension::angle},
    {" frame_center_latitude ", &CsvRow::center_latitude_deg, Dimension::angle},
    {" frame_center_longitude ", &CsvRow::center_longitude_deg, Dimension::angle},
    {" satellites sats gps_count num_sats ", &CsvRow::satellite_count, Dimension::none},
};

constexpr std::string_view kTimeNames = " time timestamp utc time_utc utc_time timestamp_utc datetime "
                                        "date_time datetime_utc unix_time unixtime epoch "
                                        "epoch_time gps_time iso_time precision_time_stamp t ";
constexpr std::string_view kLocalTimeNames = " datetime_local time_local timestamp_local custom_updatetime ";
constexpr std::string_view kDateNames = " date date_utc utc_date ";

bool has_word(std::string_view words, std::string_view word) {
    return !word.empty() && words.find(" " + std::string(word) + " ") != std::string_view::npos;
}

/// "OSD.height [ft]": "osd_height" and "ft".
struct Header {
    std::string name;
    std::string unit;
};

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
}

std::string as_name(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain) {
            name += c;
        } else if (!name.empty() && !name.ends_with('_')) {
            name += '_';
        }
    }
    return name.ends_with('_') ? name.substr(0, name.size() - 1) : name;
}

Header parse_header(std::string_view text) {
    const std::string lower = in_lower_case(text);
    const std::size_t open = lower.find_first_of("([");
    const std::size_t close = lower.find_first_of(")]", open);
    if (open == std::string::npos || close == std::string::npos) {
        return {as_name(lower), ""};
    }
    const std::string unit = lower.substr(open + 1, close - open - 1);
    // "datetime(utc)": no unit, but part of what it is.
    return unit == "utc" || unit == "local" ? Header{as_name(lower), ""}
                                            : Header{as_name(lower.substr(0, open)), unit};
}

template <std::size_t N>
const Unit* unit_of(const Unit (&units)[N], std::string_view name) {
    const auto unit =
        std::ranges::find_if(units, [&](const Unit& each) { return has_word(each.names, name); });
    return unit == std::end(units) ? nullptr : &*unit;
}

/// Our own names: those of samples in JSON, and those of the items in ST 0601.
std::optional<Names> own_name(std::string_view name) {
    const auto is_of = [&](klv::Tag tag) { return tag != 0 && klv::row(tag)->key == name; };
    for (const NumberField& field : kNumberFields) {
        if (field.name == name || is_of(field.tag) || is_of(field.fallback_tag)) {
            return Names{field.name, field.member, Dimension::none};
        }
    }
    return std::nullopt;
}

std::optional<Names> named(std::string_view name) {
    const auto known =
        std::ranges::find_if(kNames, [&](const Names& row) { return has_word(row.names, name); });
    return known == std::end(kNames) ? own_name(name) : std::optional(*known);
}

Meaning number_column(const Names& row, std::string_view unit_name) {
    if (unit_name.empty()) {
        return NumberColumn{row.member, row.scale};
    }
    const Unit* unit = unit_of(kUnits, unit_name);
    const bool fits =
        unit && (unit->dimension == row.dimension || (row.dimension == Dimension::none && unit->scale == 1));
    if (!fits) {
        return {};
    }
    return NumberColumn{row.member, unit->scale};
}

Meaning plain_meaning(const std::string& name, std::string_view unit) {
    if (has_word(kTimeNames, name)) {
        const Unit* of_time = unit_of(kTimeUnits, unit);
        return TimeColumn{.unit_us = of_time ? of_time->scale : 0, .local = false};
    }
    if (has_word(kLocalTimeNames, name)) {
        return TimeColumn{.unit_us = 0, .local = true};
    }
    if (has_word(kDateNames, name)) {
        return DateColumn{};
    }
    const auto row = named(name);
    return row ? number_column(*row, unit) : Meaning{};
}

} // namespace

Meaning meaning_of(std::string_view text) {
    const Header header = parse_header(text);
    Meaning meaning = plain_meaning(header.name, header.unit);
    // "alt_ft": a name with its unit behind.
    for (std::size_t end = header.name.rfind('_');
         meaning.index() == 0 && header.unit.empty() && end != std::string::npos && end > 0;
         end = header.name.rfind('_', end - 1)) {
        const std::string unit = header.name.substr(end + 1);
        if (unit_of(kUnits, unit) || unit_of(kTimeUnits, unit)) {
            meaning = plain_meaning(header.name.substr(0, end), unit);
        }
    }
    return meaning;
}

} // namespace masthead::logs
