#include "plugins/telemetry/sample.hpp"

#include "plugins/telemetry/fields.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masthead {

namespace {

constexpr klv::Tag kNorthTag = 79;
constexpr klv::Tag kEastTag = 80;
constexpr double kRadians = std::numbers::pi / 180;

/// Leaves out what the item cannot hold, rather than writing its out-of-range code.
void write_number(klv::LocalSet& set, klv::Tag tag, double value) {
    const klv::Row* row = klv::row(tag);
    if (value >= row->min && value <= row->max) {
        // Refused only for a value that is no number, and those are left out as well.
        (void)set.set_number(tag, value);
    }
}

void write_point(klv::LocalSet& set, klv::Tag latitude_tag, const GeoPoint& point) {
    write_number(set, latitude_tag, point.latitude_deg);
    write_number(set, latitude_tag + 1, point.longitude_deg);
}

std::optional<GeoPoint> read_point(const klv::LocalSet& set, klv::Tag latitude_tag) {
    const auto latitude = set.number(latitude_tag);
    const auto longitude = set.number(latitude_tag + 1);
    if (!latitude || !longitude) {
        return std::nullopt;
    }
    return GeoPoint{*latitude, *longitude};
}

std::optional<GeoPoint> read_corner(const klv::LocalSet& set, std::size_t i,
                                    const std::optional<GeoPoint>& center) {
    if (auto full = read_point(set, kCornerTags[i])) {
        return full;
    }
    const auto offset = read_point(set, kCornerOffsetTags[i]);
    if (!offset || !center) {
        return std::nullopt;
    }
    const double longitude = center->longitude_deg + offset->longitude_deg;
    return GeoPoint{std::clamp(center->latitude_deg + offset->latitude_deg, -90.0, 90.0),
                    longitude > 180    ? longitude - 360
                    : longitude < -180 ? longitude + 360
                                       : longitude};
}

std::optional<std::array<GeoPoint, 4>> read_footprint(const klv::LocalSet& set,
                                                      const std::optional<GeoPoint>& center) {
    std::array<GeoPoint, 4> corners;
    for (std::size_t i = 0; i < corners.size(); ++i) {
        const auto corner = read_corner(set, i, center);
        if (!corner) {
            return std::nullopt;
        }
        corners[i] = *corner;
    }
    return corners;
}

/// Item 56 has steps of 1 m/s; speed and course as a velocity (79, 80) keep two more digits.
void write_velocity_from_course(klv::LocalSet& set, const Sample& sample) {
    if (sample.velocity_north_mps || sample.velocity_east_mps || !sample.ground_speed_mps ||
        !sample.course_deg) {
        return;
    }
    write_number(set, kNorthTag, *sample.ground_speed_mps * std::cos(*sample.course_deg * kRadians));
    write_number(set, kEastTag, *sample.ground_speed_mps * std::sin(*sample.course_deg * kRadians));
}

} // namespace

Sample merged(const Sample& base, const Sample& sample) {
    Sample result = base;
    if (sample.time >= base.time) {
        result.time = sample.time;
        result.time_source = sample.time_source;
    }
    for_each_field([&](std::string_view, auto member) {
        if (sample.*member) {
            result.*member = sample.*member;
        }
    });
    return result;
}

klv::LocalSet to_local_set(const Sample& sample, klv::TimeSystem system) {
    klv::LocalSet set;
    set.set_time(klv::to_misp(sample.time, system));
    for (const NumberField& field : kNumberFields) {
        const auto& value = sample.*field.member;
        if (!value || field.tag == 0) {
            continue;
        }
        write_number(set, field.tag, *value);
        if (field.write_both) {
            write_number(set, field.fallback_tag, *value);
        }
    }
    write_velocity_from_course(set, sample);
    for (const TextField& field : kTextFields) {
        const auto& value = sample.*field.member;
        if (value && field.tag != 0) {
            (void)set.set_text(field.tag, *value); // left out when it does not fit
        }
    }
    if (sample.satellites) {
        write_number(set, kSatellitesTag, *sample.satellites);
    }
    if (sample.frame_center) {
        write_point(set, kFrameCenterTag, *sample.frame_center);
    }
    if (sample.footprint) {
        for (std::size_t i = 0; i < kCornerTags.size(); ++i) {
            write_point(set, kCornerTags[i], (*sample.footprint)[i]);
        }
    }
    return set;
}

Sample from_local_set(const klv::LocalSet& set, Utc time) {
    Sample sample;
    sample.time = time;
    sample.time_source = TimeSource::vehicle;
    for (const NumberField& field : kNumberFields) {
        if (field.tag == 0) {
            continue;
        }
        auto& member = sample.*field.member;
        member = set.number(field.tag);
        if (!member && field.fallback_tag != 0) {
            member = set.number(field.fallback_tag);
        }
    }
    if (!sample.latitude_deg || !sample.longitude_deg) {
        sample.latitude_deg.reset();
        sample.longitude_deg.reset();
    }
    if (sample.velocity_north_mps && sample.velocity_east_mps) {
        sample.ground_speed_mps = std::hypot(*sample.velocity_north_mps, *sample.velocity_east_mps);
    }
    for (const TextField& field : kTextFields) {
        if (field.tag != 0) {
            sample.*field.member = set.text(field.tag);
        }
    }
    if (const auto satellites = set.integer(kSatellitesTag)) {
        sample.satellites = static_cast<int>(*satellites);
    }
    sample.frame_center = read_point(set, kFrameCenterTag);
    sample.footprint = read_footprint(set, sample.frame_center);
    return sample;
}

} // namespace masthead
