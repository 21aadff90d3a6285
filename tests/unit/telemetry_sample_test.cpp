#include "plugins/telemetry/sample.hpp"

#include <gtest/gtest.h>

using namespace masthead;

TEST(Sample, GoesThroughALocalSetAndBack) {
    Sample sample;
    sample.time = Utc{1'700'000'000'000'000};
    sample.time_source = TimeSource::vehicle;
    sample.latitude_deg = 54.321;
    sample.longitude_deg = -179.9999;
    sample.altitude_msl_m = 123.4;
    sample.heading_deg = 359.99;
    sample.pitch_deg = -45.5;
    sample.roll_deg = 60.25;
    sample.velocity_north_mps = 3.0;
    sample.velocity_east_mps = -4.0;
    sample.name = "KESTREL";
    sample.satellites = 12;
    sample.frame_center = GeoPoint{54.3, 10.1};
    const klv::LocalSet set = to_local_set(sample);
    const Sample back = from_local_set(set, klv::to_utc(*set.time(), klv::TimeSystem::posix));
    EXPECT_EQ(back.time, sample.time);
    EXPECT_NEAR(*back.latitude_deg, 54.321, 5e-8);
    EXPECT_NEAR(*back.longitude_deg, -179.9999, 1e-7);
    EXPECT_NEAR(*back.altitude_msl_m, 123.4, 0.16);
    EXPECT_NEAR(*back.heading_deg, 359.99, 0.003);
    EXPECT_NEAR(*back.pitch_deg, -45.5, 1e-7);
    EXPECT_NEAR(*back.roll_deg, 60.25, 1e-7);
    EXPECT_NEAR(*back.ground_speed_mps, 5.0, 0.01);
    EXPECT_EQ(*back.name, "KESTREL");
    EXPECT_EQ(*back.satellites, 12);
    EXPECT_NEAR(back.frame_center->latitude_deg, 54.3, 5e-8);
    EXPECT_FALSE(back.footprint);
}

TEST(Sample, GoesThroughJsonAndBack) {
    Sample sample;
    sample.time = Utc{1'700'000'000'000'000};
    sample.time_source = TimeSource::mapped;
    sample.latitude_deg = 54.321;
    sample.longitude_deg = 10.1;
    sample.battery_percent = 80;
    sample.mode = "AUTO";
    sample.armed = true;
    sample.footprint = {{{1, 2}, {3, 4}, {5, 6}, {-7, -8}}};
    const auto back = sample_from_json(to_json(sample), Utc{1});
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, sample);
}
