#include "plugins/telemetry/footprint.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

using namespace masthead;

namespace {

constexpr double kRadians = std::numbers::pi / 180;

CameraPose looking_north_and_down(double elevation_deg) {
    CameraPose pose;
    pose.position = {54.3, 10.1};
    pose.height_above_ground_m = 100;
    pose.elevation_deg = elevation_deg;
    pose.horizontal_fov_deg = 60;
    pose.vertical_fov_deg = 40;
    return pose;
}

// A second route for the same geometry: quaternions instead of rotation chains, and earth-centred coordinates
// instead of metres per degree.

struct Quaternion {
    double w, x, y, z;
};

Quaternion operator*(const Quaternion& a, const Quaternion& b) {
    return {a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
            a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

Quaternion about(int axis, double degrees) {
    const double half = degrees * kRadians / 2;
    Quaternion q{std::cos(half), 0, 0, 0};
    (axis == 0 ? q.x : axis == 1 ? q.y : q.z) = std::sin(half);
    return q;
}

std::array<double, 3> turned(const Quaternion& q, const std::array<double, 3>& v) {
    const Quaternion r = q * Quaternion{0, v[0], v[1], v[2]} * Quaternion{q.w, -q.x, -q.y, -q.z};
    return {r.x, r.y, r.z};
}

std::array<double, 3> second_ray(const CameraPose& pose, double x, double y) {
    const Quaternion platform =
        about(2, pose.heading_deg) * about(1, pose.pitch_deg) * about(0, pose.roll_deg);
    const Quaternion camera =
        about(2, pose.azimuth_deg) * about(1, pose.elevation_deg) * about(0, pose.camera_roll_deg);
    const double right = x * std::tan(pose.horizontal_fov_deg * kRadians / 2);
    const double down = y * std::tan(pose.vertical_fov_deg * kRadians / 2);
    auto ray = turned(platform * camera, {1, right, down});
    const double length = std::hypot(ray[0], ray[1], ray[2]);
    for (double& part : ray) {
        part /= length;
    }
    return ray;
}

constexpr double kA = 6378137.0;
constexpr double kF = 1 / 298.257223563;
constexpr double kE2 = kF * (2 - kF);

std::array<double, 3> to_ecef(const GeoPoint& p) {
    const double lat = p.latitude_deg * kRadians;
    const double lon = p.longitude_deg * kRadians;
    const double n = kA / std::sqrt(1 - kE2 * std::sin(lat) * std::sin(lat));
    return {n * std::cos(lat) * std::cos(lon), n * std::cos(lat) * std::sin(lon),
            n * (1 - kE2) * std::sin(lat)};
}

GeoPoint from_ecef(const std::array<double, 3>& p) {
    const double flat = std::hypot(p[0], p[1]);
    double lat = std::atan2(p[2], flat * (1 - kE2));
    for (int i = 0; i < 10; ++i) {
        const double n = kA / std::sqrt(1 - kE2 * std::sin(lat) * std::sin(lat));
        lat = std::atan2(p[2] + kE2 * n * std::sin(lat), flat);
    }
    return {lat / kRadians, std::atan2(p[1], p[0]) / kRadians};
}

/// `north` and `east` metres along the plane that touches the ellipsoid at `origin`.
GeoPoint on_tangent_plane(const GeoPoint& origin, double north, double east) {
    const double lat = origin.latitude_deg * kRadians;
    const double lon = origin.longitude_deg * kRadians;
    auto p = to_ecef(origin);
    p[0] += -std::sin(lat) * std::cos(lon) * north - std::sin(lon) * east;
    p[1] += -std::sin(lat) * std::sin(lon) * north + std::cos(lon) * east;
    p[2] += std::cos(lat) * north;
    return from_ecef(p);
}

double distance_m(const GeoPoint& a, const GeoPoint& b) {
    const auto p = to_ecef(a);
    const auto q = to_ecef(b);
    return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

klv::LocalSet set_of(const CameraPose& pose) {
    klv::LocalSet set;
    set.set_time({1});
    const std::array<std::pair<klv::Tag, double>, 11> items{{{13, pose.position.latitude_deg},
                                                             {14, pose.position.longitude_deg},
                                                             {113, pose.height_above_ground_m},
                                                             {5, pose.heading_deg},
                                                             {90, pose.pitch_deg},
                                                             {91, pose.roll_deg},
                                                             {18, pose.azimuth_deg},
                                                             {19, pose.elevation_deg},
                                                             {20, pose.camera_roll_deg},
                                                             {16, pose.horizontal_fov_deg},
                                                             {17, pose.vertical_fov_deg}}};
    for (const auto& [tag, value] : items) {
        EXPECT_TRUE(set.set_number(tag, value)) << tag;
    }
    return set;
}

} // namespace

TEST(Footprint, LooksStraightDown) {
    const Footprint ground = footprint(looking_north_and_down(-90));
    ASSERT_TRUE(ground.center && ground.corners);
    EXPECT_NEAR(*ground.slant_range_m, 100, 1e-6);
    EXPECT_NEAR(distance_m(*ground.center, {54.3, 10.1}), 0, 1e-3);
    const auto upper_left = offset_m({54.3, 10.1}, (*ground.corners)[0]);
    EXPECT_NEAR(upper_left[0], 100 * std::tan(20 * kRadians), 0.01); // the picture's top is the nose
    EXPECT_NEAR(upper_left[1], -100 * std::tan(30 * kRadians), 0.01);
    const auto lower_right = offset_m({54.3, 10.1}, (*ground.corners)[2]);
    EXPECT_NEAR(lower_right[0], -100 * std::tan(20 * kRadians), 0.01);
    EXPECT_NEAR(lower_right[1], 100 * std::tan(30 * kRadians), 0.01);
}

TEST(Footprint, LooksAheadAtFortyFiveDegrees) {
    CameraPose pose = looking_north_and_down(-45);
    pose.heading_deg = 90;
    const Footprint ground = footprint(pose);
    ASSERT_TRUE(ground.center);
    EXPECT_NEAR(*ground.slant_range_m, 100 * std::numbers::sqrt2, 1e-6);
    const auto offset = offset_m(pose.position, *ground.center);
    EXPECT_NEAR(offset[0], 0, 0.01);
    EXPECT_NEAR(offset[1], 100, 0.01);
}

TEST(Footprint, AddsPitchToTheCamerasElevation) {
    CameraPose pose = looking_north_and_down(-30);
    pose.pitch_deg = -15;
    EXPECT_NEAR(*footprint(pose).slant_range_m, 100 * std::numbers::sqrt2, 1e-6);
}

TEST(Footprint, RollsTheCameraSideways) {
    CameraPose pose = looking_north_and_down(-90);
    pose.roll_deg = 20; // right side down: the camera swings out to the left
    const auto offset = offset_m(pose.position, *footprint(pose).center);
    EXPECT_NEAR(offset[1], -100 * std::tan(20 * kRadians), 0.01);
}

TEST(Footprint, HasNoCenterAboveTheHorizonAndNoCornersWhenOneIs) {
    const Footprint up = footprint(looking_north_and_down(5));
    EXPECT_FALSE(up.center || up.slant_range_m || up.corners);
    const Footprint grazing = footprint(looking_north_and_down(-10));
    EXPECT_TRUE(grazing.center);
    EXPECT_FALSE(grazing.corners);
    EXPECT_FALSE(footprint(looking_north_and_down(-0.1)).center); // 57 km away
    CameraPose on_the_ground = looking_north_and_down(-45);
    on_the_ground.height_above_ground_m = 0;
    EXPECT_FALSE(footprint(on_the_ground).center);
}

TEST(Footprint, AgreesWithASecondRouteForRandomPoses) {
    std::mt19937 random(5);
    const auto between = [&](double low, double high) {
        return std::uniform_real_distribution(low, high)(random);
    };
    int compared = 0;
    for (int i = 0; i < 2000; ++i) {
        const CameraPose pose{{between(-70, 70), between(-180, 180)},
                              between(1, 2000),
                              between(0, 360),
                              between(-40, 40),
                              between(-60, 60),
                              between(0, 360),
                              between(-90, 20),
                              between(0, 360),
                              between(1, 90),
                              between(1, 70)};
        for (const auto& [x, y] : {std::pair{0.0, 0.0}, {-1.0, -1.0}, {1.0, -1.0}, {1.0, 1.0}, {-1.0, 1.0}}) {
            const auto ray = ray_ned(pose, x, y);
            const auto second = second_ray(pose, x, y);
            for (std::size_t axis = 0; axis < 3; ++axis) {
                ASSERT_NEAR(ray[axis], second[axis], 1e-12);
            }
        }
        const Footprint ground = footprint(pose);
        const auto ray = second_ray(pose, 0, 0);
        if (ground.center && *ground.slant_range_m < 10'000) {
            const double range = pose.height_above_ground_m / ray[2];
            ASSERT_NEAR(*ground.slant_range_m, range, 1e-6 * range);
            const GeoPoint expected = on_tangent_plane(pose.position, ray[0] * range, ray[1] * range);
            ASSERT_LT(distance_m(*ground.center, expected), 1e-3 * range) << i;
            ++compared;
        }
    }
    EXPECT_GT(compared, 1000);
}

TEST(Footprint, MovesAndMeasuresTheSameWay) {
    std::mt19937 random(6);
    const auto between = [&](double low, double high) {
        return std::uniform_real_distribution(low, high)(random);
    };
    for (int i = 0; i < 1000; ++i) {
        const GeoPoint from{between(-70, 70), between(-180, 180)};
        const double north = between(-7000, 7000);
        const double east = between(-7000, 7000);
        const GeoPoint to = moved(from, north, east);
        ASSERT_LE(std::abs(to.longitude_deg), 180);
        const auto back = offset_m(from, to);
        ASSERT_NEAR(back[0], north, 0.01);
        ASSERT_NEAR(back[1], east, 0.5);
        ASSERT_NEAR(distance_m(from, to), std::hypot(north, east), 1e-3 * std::hypot(north, east) + 0.01);
    }
}

TEST(Footprint, CrossesTheAntimeridian) {
    const GeoPoint east = moved({10, 179.999}, 0, 1000);
    EXPECT_LT(east.longitude_deg, -179.98);
    EXPECT_NEAR(offset_m({10, 179.999}, east)[1], 1000, 0.01);
}

TEST(AddFootprint, WritesWhatThePoseSees) {
    const CameraPose pose = looking_north_and_down(-45);
    klv::LocalSet set = set_of(pose);
    ASSERT_TRUE(set.set_number(15, 150));
    ASSERT_TRUE(add_footprint(set));
    const Footprint ground = footprint(pose);
    EXPECT_NEAR(*set.number(21), *ground.slant_range_m, 0.01);
    EXPECT_NEAR(*set.number(23), ground.center->latitude_deg, 1e-6);
    EXPECT_NEAR(*set.number(24), ground.center->longitude_deg, 1e-6);
    EXPECT_NEAR(*set.number(25), 50, 0.5);
    for (klv::Tag i = 0; i < 4; ++i) {
        EXPECT_NEAR(*set.number(82 + 2 * i), (*ground.corners)[i].latitude_deg, 1e-5);
        EXPECT_NEAR(*set.number(83 + 2 * i), (*ground.corners)[i].longitude_deg, 1e-5);
    }
}

TEST(AddFootprint, LeavesAFrameCenterAloneThatTheSourceGave) {
    klv::LocalSet set = set_of(looking_north_and_down(-45));
    set.set_raw(23, *from_hex("80000000")); // "not on the ground" is an answer too
    EXPECT_FALSE(add_footprint(set));
    EXPECT_FALSE(set.has(21));
}

TEST(AddFootprint, NeedsTheWholePose) {
    for (const klv::Tag missing : {13U, 14U, 113U, 5U, 90U, 91U, 18U, 19U, 16U, 17U}) {
        klv::LocalSet set = set_of(looking_north_and_down(-45));
        set.remove(missing);
        EXPECT_FALSE(add_footprint(set)) << missing;
    }
    klv::LocalSet without_camera_roll = set_of(looking_north_and_down(-45));
    without_camera_roll.remove(20);
    EXPECT_TRUE(add_footprint(without_camera_roll));
    klv::LocalSet up = set_of(looking_north_and_down(5));
    EXPECT_FALSE(add_footprint(up));
}
