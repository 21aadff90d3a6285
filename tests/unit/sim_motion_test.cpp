// Rides and poses: smooth, bounded, and a pure function of the instant.
#include "simulator/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace masthead::sim {
namespace {

constexpr Utc kNow{1'795'336'061'000'000};
constexpr std::chrono::microseconds kStep{10'000};

std::unique_ptr<Vehicle> vehicle(Kind kind, Figure figure = Figure::lanes) {
    return kind == Kind::drone ? std::make_unique<Vehicle>(drone_shape(16.0 / 9), Place{},
                                                           drone_mission(figure), limits_of(Kind::drone))
                               : std::make_unique<Vehicle>(vessel_shape(16.0 / 9), Place{}, vessel_mission(),
                                                           limits_of(Kind::vessel));
}

struct Peaks {
    double acceleration_mps2 = 0;
    double angular_acceleration_dps2 = 0;
    double jump_m = 0; // position against the velocity told, over one step
};

double turn(double from_deg, double to_deg) { return std::remainder(to_deg - from_deg, 360); }

/// Differences over 10 ms steps, as a receiver would see them.
Peaks peaks(const Vehicle& v, Utc from, std::chrono::seconds span) {
    Peaks worst;
    constexpr double dt = 0.01;
    Truth a = v.at(from), b = v.at(from + kStep);
    for (Utc t = from + 2 * kStep; t < from + span; t = t + kStep) {
        const Truth c = v.at(t);
        const double north = (*c.sample.velocity_north_mps - *b.sample.velocity_north_mps) / dt;
        const double east = (*c.sample.velocity_east_mps - *b.sample.velocity_east_mps) / dt;
        worst.acceleration_mps2 = std::max(worst.acceleration_mps2, std::hypot(north, east));
        const auto angular = [&](double x, double y, double z) {
            return std::abs(turn(y, z) - turn(x, y)) / dt / dt;
        };
        worst.angular_acceleration_dps2 =
            std::max({worst.angular_acceleration_dps2,
                      angular(*a.sample.heading_deg, *b.sample.heading_deg, *c.sample.heading_deg),
                      angular(*a.sample.pitch_deg, *b.sample.pitch_deg, *c.sample.pitch_deg),
                      angular(*a.sample.roll_deg, *b.sample.roll_deg, *c.sample.roll_deg),
                      angular(*a.sample.camera_azimuth_deg, *b.sample.camera_azimuth_deg,
                              *c.sample.camera_azimuth_deg),
                      angular(*a.sample.camera_elevation_deg, *b.sample.camera_elevation_deg,
                              *c.sample.camera_elevation_deg)});
        worst.jump_m =
            std::max(worst.jump_m, std::hypot(c.at.north_m - b.at.north_m - *b.sample.velocity_north_mps * dt,
                                              c.at.east_m - b.at.east_m - *b.sample.velocity_east_mps * dt));
        a = b;
        b = c;
    }
    return worst;
}

void expect_smooth(const Peaks& worst) {
    EXPECT_LT(worst.acceleration_mps2, 5);
    EXPECT_LT(worst.angular_acceleration_dps2, 100);
    EXPECT_LT(worst.jump_m, 0.001);
}

class EveryVehicle : public testing::TestWithParam<std::tuple<Kind, Figure>> {
  protected:
    std::unique_ptr<Vehicle> vehicle_ = vehicle(std::get<0>(GetParam()), std::get<1>(GetParam()));
};
INSTANTIATE_TEST_SUITE_P(Sim, EveryVehicle,
                         testing::Values(std::tuple(Kind::drone, Figure::lanes),
                                         std::tuple(Kind::drone, Figure::orbit),
                                         std::tuple(Kind::vessel, Figure::lanes)));

TEST_P(EveryVehicle, MovesSmoothlyThroughAWholeRound) {
    expect_smooth(peaks(*vehicle_, kNow, std::chrono::seconds(400)));
}

TEST_P(EveryVehicle, StaysSmoothWhenCommandsCutIntoEachOther) {
    const std::pair<int, Mode> orders[] = {{5, Mode::hold},  {7, Mode::mission},    {20, Mode::returning},
                                           {23, Mode::hold}, {60, Mode::returning}, {64, Mode::mission},
                                           {75, Mode::hold}, {90, Mode::mission}};
    for (const auto& [second, mode] : orders) {
        vehicle_->command(mode, kNow + std::chrono::seconds(second));
    }
    expect_smooth(peaks(*vehicle_, kNow, std::chrono::seconds(500)));
}

TEST_P(EveryVehicle, SaysTheSameOfAnInstantWheneverItIsAsked) {
    const auto again = vehicle(std::get<0>(GetParam()), std::get<1>(GetParam()));
    const Sample before = vehicle_->at(kNow).sample;
    vehicle_->command(Mode::hold, kNow + std::chrono::seconds(1));
    EXPECT_EQ(before, vehicle_->at(kNow).sample);
    EXPECT_EQ(before, again->at(kNow).sample);
}

TEST_P(EveryVehicle, HoldsItsPlaceWhenToldTo) {
    vehicle_->command(Mode::hold, kNow);
    const Truth early = vehicle_->at(kNow + std::chrono::seconds(40)),
                late = vehicle_->at(kNow + std::chrono::seconds(90));
    EXPECT_NEAR(*early.sample.ground_speed_mps, 0, 1e-6);
    EXPECT_NEAR(early.at.north_m, late.at.north_m, 1e-6);
    EXPECT_NEAR(early.at.east_m, late.at.east_m, 1e-6);
    EXPECT_EQ(late.mode, Mode::hold);
}

TEST_P(EveryVehicle, ReturnsHomeAndStaysThere) {
    vehicle_->command(Mode::returning, kNow);
    const Truth there = vehicle_->at(kNow + std::chrono::seconds(600));
    const double home_north_m = std::get<0>(GetParam()) == Kind::drone ? 0 : 260;
    EXPECT_NEAR(there.at.north_m, home_north_m, 0.01);
    EXPECT_NEAR(there.at.east_m, 0, 0.01);
    EXPECT_NEAR(*there.sample.ground_speed_mps, 0, 1e-6);
}

TEST_P(EveryVehicle, GoesOnWithItsMissionWhereItLeftIt) {
    const Utc held = kNow + std::chrono::seconds(40);
    vehicle_->command(Mode::hold, kNow);
    const GroundPoint left = vehicle_->at(held).at;
    vehicle_->command(Mode::returning, held);
    vehicle_->command(Mode::mission, held + std::chrono::seconds(300));
    double nearest_m = 1e9;
    for (int second = 300; second < 700; ++second) {
        const Truth truth = vehicle_->at(held + std::chrono::seconds(second));
        nearest_m =
            std::min(nearest_m, std::hypot(truth.at.north_m - left.north_m, truth.at.east_m - left.east_m));
    }
    EXPECT_LT(nearest_m, 10);
    EXPECT_GT(*vehicle_->at(held + std::chrono::seconds(700)).sample.ground_speed_mps, 3);
}

TEST_P(EveryVehicle, StaysSmoothWhateverItIsTold) {
    const Place place;
    const std::pair<int, Order> orders[] = {{5, GoTo{moved(place.home, 400, 300), 60, 5}},
                                            {30, SetSpeed{3}},
                                            {60, Face{270, 4}},
                                            {75, Circle{moved(place.home, 500, 500), -90, {}}},
                                            {200, SetSpeed{6}},
                                            {220, GoTo{moved(place.home, 450, 420), {}, {}}},
                                            {300, Mode::mission},
                                            {310, Point{30, -60}},
                                            {320, LookAt{moved(place.home, 4000, 4000), 0}},
                                            {340, LookAhead{}},
                                            {350, Mode::hold}};
    for (const auto& [second, order] : orders) {
        ASSERT_TRUE(vehicle_->obey(order, kNow + std::chrono::seconds(second))) << second;
    }
    expect_smooth(peaks(*vehicle_, kNow, std::chrono::seconds(500)));
}

TEST_P(EveryVehicle, GoesWhereItIsSentAtTheSpeedItIsGiven) {
    const Place place;
    ASSERT_TRUE(vehicle_->obey(GoTo{moved(place.home, 480, 200), {}, 3}, kNow));
    double fastest_mps = 0;
    for (int second = 30; second < 600; ++second) {
        fastest_mps =
            std::max(fastest_mps, *vehicle_->at(kNow + std::chrono::seconds(second)).sample.ground_speed_mps);
    }
    const Truth there = vehicle_->at(kNow + std::chrono::seconds(600));
    EXPECT_NEAR(there.at.north_m, 480, 0.1);
    EXPECT_NEAR(there.at.east_m, 200, 0.1);
    EXPECT_NEAR(fastest_mps, 3, 0.01);
    EXPECT_EQ(there.mode, Mode::guided);
}

TEST_P(EveryVehicle, GoesRoundACircleAndLooksAtItsCentre) {
    const Place place;
    const GeoPoint center = moved(place.home, 500, 300);
    ASSERT_TRUE(vehicle_->obey(Circle{center, 80, {}}, kNow));
    ASSERT_TRUE(vehicle_->obey(LookAt{center, 0}, kNow));
    for (int second = 400; second < 500; second += 7) {
        const Truth truth = vehicle_->at(kNow + std::chrono::seconds(second));
        EXPECT_NEAR(std::hypot(truth.at.north_m - 500, truth.at.east_m - 300), 80, 0.1);
        ASSERT_TRUE(truth.sample.frame_center);
        const auto [north_m, east_m] = offset_m(center, *truth.sample.frame_center);
        EXPECT_LT(std::hypot(north_m, east_m), std::get<0>(GetParam()) == Kind::drone ? 12 : 60) << second;
    }
}

TEST(SimWorld, ADroneLandsAndTakesOffAgainOnlyArmed) {
    const auto drone = vehicle(Kind::drone);
    const auto at = [&](int second) { return kNow + std::chrono::seconds(second); };
    EXPECT_FALSE(drone->obey(Arm{false}, at(0))) << "it flies";
    EXPECT_FALSE(drone->obey(TakeOff{30}, at(0)));
    ASSERT_TRUE(drone->obey(Land{}, at(0)));
    EXPECT_FALSE(*drone->at(at(60)).sample.armed);
    EXPECT_NEAR(*drone->at(at(60)).sample.altitude_agl_m, 1, 0.01);
    EXPECT_FALSE(drone->obey(TakeOff{30}, at(60))) << "it is not armed";
    EXPECT_FALSE(drone->obey(SetSpeed{5}, at(60)));
    ASSERT_TRUE(drone->obey(Arm{true}, at(61)));
    EXPECT_TRUE(*drone->at(at(62)).sample.armed);
    ASSERT_TRUE(drone->obey(TakeOff{30}, at(63)));
    EXPECT_NEAR(*drone->at(at(100)).sample.altitude_agl_m, 30, 7);
    EXPECT_TRUE(drone->obey(Mode::mission, at(100)));
}

TEST(SimWorld, AVesselHasNoHeight) {
    EXPECT_EQ(vehicle(Kind::vessel)->obey(TakeOff{30}, kNow).error().code, Code::unsupported);
}

TEST(SimWorld, KeepsTheVesselAtSea) {
    const auto vessel = vehicle(Kind::vessel);
    for (int second = 0; second < 2000; second += 5) {
        const Truth truth = vessel->at(kNow + std::chrono::seconds(second));
        ASSERT_GT(truth.at.north_m, coast_north_m(truth.at.east_m) + 20) << "at second " << second;
    }
}

TEST(SimWorld, LevelsTheDronesGimbalAgainstTheHorizon) {
    const auto drone = vehicle(Kind::drone);
    for (int second = 0; second < 200; second += 3) {
        const Truth truth = drone->at(kNow + std::chrono::seconds(second));
        const EulerAngles seen = angles_of(
            rotation({truth.camera.heading_deg, truth.camera.pitch_deg, truth.camera.roll_deg}) *
            rotation({truth.camera.azimuth_deg, truth.camera.elevation_deg, truth.camera.camera_roll_deg}));
        EXPECT_NEAR(seen.roll_deg, 0, 1e-9);
        EXPECT_NEAR(seen.pitch_deg, truth.camera_ned.pitch_deg, 1e-9);
    }
}

} // namespace
} // namespace masthead::sim
