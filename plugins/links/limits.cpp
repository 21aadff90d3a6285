// Samples without values that cannot be.
#include "plugins/links/limits.hpp"

#include "plugins/telemetry/fields.hpp"

#include <cmath>

namespace masthead {

namespace {

bool possible(const GeoPoint& point) {
    return std::abs(point.latitude_deg) <= 90 && std::abs(point.longitude_deg) <= 180;
}

} // namespace

void drop_impossible(Sample& sample) {
    for (const NumberField& field : kNumberFields) {
        std::optional<double>& value = sample.*field.member;
        if (value && !(*value >= field.min && *value <= field.max)) {
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
