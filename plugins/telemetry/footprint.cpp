#include "plugins/telemetry/footprint.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masthead {

namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kMaxRange = 50'000;
constexpr double kSemiMajorAxis = 6378137.0; // WGS 84, metres
constexpr double kEccentricitySquared = 6.69437999014e-3;
constexpr double kMaxScaledLatitude = 89.9; // nearer to a pole, metres east are no degrees any more

using Vector = std::array<double, 3>;

/// Rotations of a forward-right-down frame seen from the frame around it: yaw about down, pitch about right,
/// roll about forward, applied to the vector in the order roll, pitch, yaw.
Vector rotated(const Vector& v, double yaw_deg, double pitch_deg, double roll_deg) {
    const double cr = std::cos(roll_deg * kRadians);
    const double sr = std::sin(roll_deg * kRadians);
    const Vector a{v[0], cr * v[1] - sr * v[2], sr * v[1] + cr * v[2]};
    const double cp = std::cos(pitch_deg * kRadians);
    const double sp = std::sin(pitch_deg * kRadians);
    const Vector b{cp * a[0] + sp * a[2], a[1], -sp * a[0] + cp * a[2]};
    const double cy = std::cos(yaw_deg * kRadians);
    const double sy = std::sin(yaw_deg * kRadians);
    return {cy * b[0] - sy * b[1], sy * b[0] + cy * b[1], b[2]};
}

/// Metres by which a straight line `east_m` long leaves the circle of latitude it starts on (towards the
/// equator).
double convergence_m(double latitude_deg, double east_m) {
    const double latitude = std::clamp(latitude_deg, -kMaxScaledLatitude, kMaxScaledLatitude) * kRadians;
    return east_m * east_m * std::tan(latitude) / (2 * kSemiMajorAxis);
}

double wrapped_longitude(double degrees) {
    const double turned = std::remainder(degrees, 360.0);
    return turned == -180 ? 180 : turned;
}

/// Where a ray from above level ground meets it.
struct Hit {
    GeoPoint point;
    double range_m;
};

std::optional<Hit> meet_ground(const CameraPose& pose, double x, double y) {
    const Vector ray = ray_ned(pose, x, y);
    if (ray[2] * kMaxRange < pose.height_above_ground_m) {
        return std::nullopt; // at or above the horizon, or too far
    }
    const double range = pose.height_above_ground_m / ray[2];
    return Hit{moved(pose.position, ray[0] * range, ray[1] * range), range};
}

std::optional<std::array<GeoPoint, 4>> corners_of(const CameraPose& pose) {
    constexpr std::array<std::array<double, 2>, 4> kCorners{{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}};
    std::array<GeoPoint, 4> corners;
    for (std::size_t i = 0; i < corners.size(); ++i) {
        const auto hit = meet_ground(pose, kCorners[i][0], kCorners[i][1]);
        if (!hit) {
            return std::nullopt;
        }
        corners[i] = hit->point;
    }
    return corners;
}

std::optional<double> either(const klv::LocalSet& set, klv::Tag tag, klv::Tag other) {
    const auto value = set.number(tag);
    return value ? value : set.number(other);
}

std::optional<CameraPose> pose_of(const klv::LocalSet& set) {
    const auto latitude = set.number(13);
    const auto longitude = set.number(14);
    const auto height = set.number(113);
    const auto heading = set.number(5);
    const auto pitch = either(set, 90, 6);
    const auto roll = either(set, 91, 7);
    const auto azimuth = set.number(18);
    const auto elevation = set.number(19);
    const auto horizontal_fov = set.number(16);
    const auto vertical_fov = set.number(17);
    for (const auto& wanted : {latitude, longitude, height, heading, pitch, roll, azimuth, elevation,
                               horizontal_fov, vertical_fov}) {
        if (!wanted) {
            return std::nullopt;
        }
    }
    if (*height <= 0) {
        return std::nullopt;
    }
    return CameraPose{
        {*latitude, *longitude},      *height,         *heading,     *pitch, *roll, *azimuth, *elevation,
        set.number(20).value_or(0.0), *horizontal_fov, *vertical_fov};
}

/// Written only when both coordinates fit; they always do, for moved() keeps its points on the earth.
void write_point(klv::LocalSet& set, klv::Tag latitude_tag, const GeoPoint& point) {
    (void)set.set_number(latitude_tag, point.latitude_deg);
    (void)set.set_number(latitude_tag + 1, point.longitude_deg);
}

} // namespace

std::array<double, 3> ray_ned(const CameraPose& pose, double x, double y) {
    const double right = x * std::tan(pose.horizontal_fov_deg / 2 * kRadians);
    const double down = y * std::tan(pose.vertical_fov_deg / 2 * kRadians);
    const double length = std::sqrt(1 + right * right + down * down);
    const Vector in_camera{1 / length, right / length, down / length};
    const Vector in_platform = rotated(in_camera, pose.azimuth_deg, pose.elevation_deg, pose.camera_roll_deg);
    return rotated(in_platform, pose.heading_deg, pose.pitch_deg, pose.roll_deg);
}

MetresPerDegree metres_per_degree(double latitude_deg) {
    const double sine = std::sin(latitude_deg * kRadians);
    const double w = std::sqrt(1 - kEccentricitySquared * sine * sine);
    return {kSemiMajorAxis * (1 - kEccentricitySquared) / (w * w * w) * kRadians,
            kSemiMajorAxis / w * std::cos(latitude_deg * kRadians) * kRadians};
}

GeoPoint moved(GeoPoint point, double north_m, double east_m) {
    const double along_m = north_m - convergence_m(point.latitude_deg, east_m);
    // The scale halfway along keeps the way there and the way back the same to second order.
    const double halfway = point.latitude_deg + along_m / metres_per_degree(point.latitude_deg).north / 2;
    const MetresPerDegree scale =
        metres_per_degree(std::clamp(halfway, -kMaxScaledLatitude, kMaxScaledLatitude));
    return {std::clamp(point.latitude_deg + along_m / scale.north, -90.0, 90.0),
            wrapped_longitude(point.longitude_deg + east_m / scale.east)};
}

std::array<double, 2> offset_m(GeoPoint from, GeoPoint to) {
    const MetresPerDegree scale = metres_per_degree((from.latitude_deg + to.latitude_deg) / 2);
    const double east_m = std::remainder(to.longitude_deg - from.longitude_deg, 360.0) * scale.east;
    return {(to.latitude_deg - from.latitude_deg) * scale.north + convergence_m(from.latitude_deg, east_m),
            east_m};
}

Footprint footprint(const CameraPose& pose) {
    Footprint result;
    if (!(pose.height_above_ground_m > 0)) {
        return result;
    }
    if (const auto center = meet_ground(pose, 0, 0)) {
        result.center = center->point;
        result.slant_range_m = center->range_m;
    }
    result.corners = corners_of(pose);
    return result;
}

bool add_footprint(klv::LocalSet& set) {
    if (set.has(23) || set.has(24)) {
        return false;
    }
    const auto pose = pose_of(set);
    if (!pose) {
        return false;
    }
    const Footprint ground = footprint(*pose);
    if (!ground.center) {
        return false;
    }
    (void)set.set_number(21, *ground.slant_range_m);
    write_point(set, 23, *ground.center);
    if (const auto altitude = set.number(15)) {
        (void)set.set_number(25, std::max(*altitude - pose->height_above_ground_m, klv::row(25)->min));
    }
    if (ground.corners) {
        for (std::size_t i = 0; i < ground.corners->size(); ++i) {
            write_point(set, static_cast<klv::Tag>(82 + 2 * i), (*ground.corners)[i]);
        }
    }
    return true;
}

} // namespace masthead
