// What the columns of a table mean, by the names and units that common exporters give them.
#pragma once

#include "plugins/telemetry/sample.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace masthead::logs {

/// A line of a table: a sample, and what becomes part of one with the rest of the line.
struct CsvRow : Sample {
    std::optional<double> gimbal_yaw_deg; // against north and the horizon
    std::optional<double> gimbal_pitch_deg;
    std::optional<double> gimbal_roll_deg;
    std::optional<double> center_latitude_deg;
    std::optional<double> center_longitude_deg;
    std::optional<double> satellite_count;
};

struct NumberColumn {
    std::optional<double> CsvRow::*member = nullptr;
    double scale = 1; // to the member's unit
};
struct TimeColumn {
    double unit_us = 0; // of numbers; 0: told by their size
    bool local = false; // it says that it is no UTC
};
struct DateColumn {}; // of a time column beside it that has none

using Meaning = std::variant<std::monostate, NumberColumn, TimeColumn, DateColumn>;

/// `header`: "OSD.height [ft]", "Speed(m/s)", "lat", "heading_deg", "sensor_latitude". Nothing (monostate):
/// not known, or its unit does not fit.
[[nodiscard]] Meaning meaning_of(std::string_view header);

} // namespace masthead::logs
