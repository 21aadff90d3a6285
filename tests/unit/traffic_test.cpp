// CPA and TCPA against a simulation in small steps, and encounters that do not flap.
#include "server/traffic/watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace masthead::traffic {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Utc kNow{1'800'000'000'000'000};
constexpr double kEarthM = 6'371'008.8;
constexpr double kDegree = M_PI / 180;

/// On a sphere, by the haversine formula: nothing of what is tested.
double distance_m(const GeoPoint& a, const GeoPoint& b) {
    const double north = std::sin((b.latitude_deg - a.latitude_deg) * kDegree / 2);
    const double east = std::sin((b.longitude_deg - a.longitude_deg) * kDegree / 2);
    return 2 * kEarthM *
           std::asin(std::sqrt(north * north + std::cos(a.latitude_deg * kDegree) *
                                                   std::cos(b.latitude_deg * kDegree) * east * east));
}

GeoPoint moved(const Mover& mover, double seconds) {
    const double north = mover.position.latitude_deg + mover.north_mps * seconds / kEarthM / kDegree;
    const double east = mover.position.longitude_deg + mover.east_mps * seconds / kEarthM / kDegree /
                                                           std::cos(mover.position.latitude_deg * kDegree);
    return {north, east};
}

Mover at(double latitude_deg, double longitude_deg, double north_mps = 0, double east_mps = 0) {
    return {.position = {latitude_deg, longitude_deg},
            .north_mps = north_mps,
            .east_mps = east_mps,
            .altitude_m = std::nullopt};
}

Own kestrel(const Mover& mover) { return {.vehicle = "kestrel", .mover = mover, .address = "211000001"}; }

/// Where it passes us, who lie at the equator's origin, at `cpa_m`, in `tcpa_s`.
Target passing(double cpa_m, double tcpa_s = 100) {
    constexpr double kSpeed = 10;
    return {"244123456", at(cpa_m / kEarthM / kDegree, kSpeed * tcpa_s / kEarthM / kDegree, 0, -kSpeed)};
}

} // namespace

TEST(Approach, IsThatOfASimulationInSmallSteps) {
    std::mt19937 random(7);
    const auto between = [&](double low, double high) {
        return std::uniform_real_distribution(low, high)(random);
    };
    for (int round = 0; round < 300; ++round) {
        const double latitude = between(-75, 75);
        const double east_of = 20'000 / kEarthM / kDegree / std::cos(latitude * kDegree);
        const Mover own = at(latitude, 179.95, between(-12, 12), between(-12, 12));
        const Mover other = at(latitude + between(-0.15, 0.15), 179.95 + between(-east_of, east_of),
                               between(-12, 12), between(-12, 12));
        Mover wrapped = other; // the other side of the antimeridian
        wrapped.position.longitude_deg = std::remainder(other.position.longitude_deg, 360);
        const Approach found = approach(own, wrapped);
        double least = distance_m(own.position, other.position);
        EXPECT_NEAR(found.distance_m, least, 0.01 * least + 1);
        for (double seconds = 1; seconds < 6'000; ++seconds) {
            least = std::min(least, distance_m(moved(own, seconds), moved(other, seconds)));
        }
        if (found.tcpa_s < 6'000) {
            EXPECT_NEAR(found.cpa_m, least, 0.01 * found.distance_m + 15) << "round " << round;
        }
    }
}

TEST(Approach, OfThoseThatPartIsNow) {
    const Approach found = approach(at(0, 0), at(0.01, 0, 5));
    EXPECT_EQ(found.tcpa_s, 0);
    EXPECT_EQ(found.cpa_m, found.distance_m);
    EXPECT_NEAR(found.bearing_deg, 0, 1e-9);
    EXPECT_NEAR(approach(at(0, 0), at(0, -0.01)).bearing_deg, 270, 1e-9);
}

TEST(Approach, OfTwoThatKeepTheirDistanceIsTheirDistance) {
    const Approach found = approach(at(54, 10, 3, 4), at(54.01, 10, 3, 4));
    EXPECT_EQ(found.tcpa_s, 0);
    EXPECT_NEAR(found.cpa_m, 1'112, 5);
}

TEST(MoverOf, CarriesAPositionOnToNow) {
    Sample sample;
    EXPECT_FALSE(mover_of(sample, kNow, kNow));
    sample.latitude_deg = 0;
    sample.longitude_deg = 179.9999;
    sample.course_deg = 90;
    sample.ground_speed_mps = 10;
    const auto mover = mover_of(sample, kNow - 10s, kNow);
    ASSERT_TRUE(mover);
    EXPECT_NEAR(mover->position.longitude_deg, -180 + 100 / 111'320.0 - 0.0001, 1e-6);
    EXPECT_NEAR(mover->east_mps, 10, 1e-9);
    sample.ground_speed_mps.reset(); // at anchor some say a heading and no speed
    EXPECT_EQ(mover_of(sample, kNow, kNow)->east_mps, 0);
}

TEST(Watch, BeginsUnderTheLimitsAndEndsAQuarterAboveThemFor5Seconds) {
    Watch watch;
    const std::vector<Own> owns{kestrel(at(0, 0))};
    const auto look = [&](double metres, std::chrono::seconds since) {
        const std::vector<Target> targets{passing(metres)};
        return watch.look(owns, targets, kNow + since);
    };
    EXPECT_THAT(look(520, 0s), IsEmpty());
    ASSERT_THAT(look(480, 1s), SizeIs(1));
    EXPECT_THAT(look(520, 2s), SizeIs(1)) << "on the line";
    const auto met = look(600, 3s);
    ASSERT_THAT(met, SizeIs(1));
    EXPECT_EQ(met.front().since, kNow + 1s);
    EXPECT_EQ(met.front().target, "244123456");
    EXPECT_NEAR(met.front().approach.cpa_m, 600, 5);
    EXPECT_THAT(look(640, 4s), SizeIs(1)) << "it lingers";
    EXPECT_THAT(look(640, 8s), IsEmpty());
    EXPECT_THAT(look(520, 9s), IsEmpty()) << "between the limits nothing begins";
}

TEST(Watch, TakesTimeAsWellAsDistance) {
    Watch watch;
    const std::vector<Own> owns{kestrel(at(0, 0))};
    const std::vector<Target> soon{passing(0, 200)};
    const std::vector<Target> late{passing(0, 2'000)};
    EXPECT_THAT(watch.look(owns, late, kNow), IsEmpty());
    const auto met = watch.look(owns, soon, kNow);
    ASSERT_THAT(met, SizeIs(1));
    EXPECT_NEAR(met.front().approach.tcpa_s, 200, 2);
    EXPECT_LT(met.front().approach.cpa_m, 1);
}

TEST(Watch, KnowsItsOwnVehiclesFromOthersAndNeverMeetsItself) {
    Watch watch;
    const std::vector<Own> owns{kestrel(at(0, 0, 2)),
                                {.vehicle = "tern", .mover = at(0.001, 0), .address = ""}};
    const std::vector<Target> itself{{"211000001", at(0, 0, 2)}};
    const auto met = watch.look(owns, itself, kNow);
    ASSERT_THAT(met, SizeIs(3)) << "each vehicle meets the other, and tern hears kestrel's AIS";
    EXPECT_EQ(met[0].vehicle + met[0].target, "kestreltern");
    EXPECT_TRUE(met[0].fleet);
    EXPECT_EQ(met[1].vehicle + met[1].target, "tern211000001");
    EXPECT_FALSE(met[1].fleet);
    EXPECT_EQ(met[2].vehicle + met[2].target, "ternkestrel");
}

TEST(Watch, EndsWhenTheyPartAndLetsAloneWhoLiesBesideUs) {
    Watch watch;
    const std::vector<Own> owns{kestrel(at(0, 0))};
    const std::vector<Target> comes{passing(100, 10)};
    const std::vector<Target> goes{{"244123456", at(0.001, 0, 0, 10)}};
    EXPECT_THAT(watch.look(owns, comes, kNow), SizeIs(1));
    EXPECT_THAT(watch.look(owns, goes, kNow + 4s), SizeIs(1)) << "it lingers";
    EXPECT_THAT(watch.look(owns, goes, kNow + 5s), IsEmpty());
    const std::vector<Target> moored{{"211", at(0.0002, 0, -0.1)}};
    EXPECT_THAT(watch.look(owns, moored, kNow + 6s), IsEmpty());
}

TEST(Watch, LetsWhatFliesMeetWhatFliesAtItsHeight) {
    const auto flying = [](double altitude_m, double north_mps) {
        Mover mover = at(0, 0, north_mps);
        mover.altitude_m = altitude_m;
        return mover;
    };
    const std::vector<Own> owns{kestrel(flying(100, 5))};
    const auto meets = [&](Mover other) {
        other.position.latitude_deg = 0.001;
        const std::vector<Target> targets{{"a", other}};
        return Watch().look(owns, targets, kNow).size() == 1;
    };
    EXPECT_FALSE(meets(flying(400, 0)));
    EXPECT_TRUE(meets(flying(200, 0)));
    EXPECT_FALSE(meets(at(0, 0))) << "a ship";
}

} // namespace masthead::traffic
