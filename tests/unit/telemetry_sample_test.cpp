#include "plugins/telemetry/fields.hpp"
#include "plugins/telemetry/sample.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace masthead;

namespace {

constexpr Utc kTime{1'700'000'000'123'456};

/// Every field set, to something that its item can hold.
Sample full_sample() {
    Sample sample;
    sample.time = kTime;
    sample.time_source = TimeSource::vehicle;
    for (const NumberField& field : kNumberFields) {
        const klv::Row* row = klv::row(field.tag);
        const double min = row ? std::max(field.min, row->min) : field.min;
        const double max = row ? std::min(field.max, row->max) : field.max;
        sample.*field.member = min + (max - min) * 0.6180339887;
    }
    sample.ground_speed_mps = std::hypot(*sample.velocity_north_mps, *sample.velocity_east_mps);
    sample.satellites = 12;
    sample.armed = true;
    sample.mode = "AUTO";
    sample.name = "KESTREL \xC3\xA9";
    sample.frame_center = GeoPoint{54.321, -10.123};
    sample.footprint = {{{54.1, -179.9}, {54.2, 179.9}, {-54.3, 0}, {0, -1}}};
    return sample;
}

/// `sample` without what has no item.
Sample with_items_only(Sample sample) {
    for (const NumberField& field : kNumberFields) {
        if (field.tag == 0) {
            (sample.*field.member).reset();
        }
    }
    sample.armed.reset();
    sample.mode.reset();
    return sample;
}

double tolerance(const NumberField& field) {
    return field.tag == 0 ? 0 : klv::row(field.tag)->resolution * 1.0001;
}

} // namespace

TEST(Sample, GoesThroughALocalSetAndBackWithEveryFieldThatHasAnItem) {
    const Sample sample = full_sample();
    const auto packet = klv::parse(*klv::encode(to_local_set(sample)));
    ASSERT_TRUE(packet);
    const Sample back = from_local_set(packet->set, klv::to_utc(*packet->set.time(), klv::TimeSystem::posix));
    EXPECT_EQ(back.time, sample.time);
    for (const NumberField& field : kNumberFields) {
        const auto& value = back.*field.member;
        EXPECT_EQ(value.has_value(), field.tag != 0) << field.name;
        if (value) {
            EXPECT_NEAR(*value, *(sample.*field.member), tolerance(field)) << field.name;
        }
    }
    EXPECT_EQ(back.satellites, sample.satellites);
    EXPECT_EQ(back.name, sample.name);
    EXPECT_FALSE(back.armed);
    EXPECT_FALSE(back.mode);
    EXPECT_NEAR(back.frame_center->longitude_deg, -10.123, 1e-7);
    ASSERT_TRUE(back.footprint);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR((*back.footprint)[i].latitude_deg, (*sample.footprint)[i].latitude_deg, 5e-8);
        EXPECT_NEAR((*back.footprint)[i].longitude_deg, (*sample.footprint)[i].longitude_deg, 1e-7);
    }
}

TEST(Sample, WritesNothingItDoesNotKnow) {
    Sample sample;
    sample.time = kTime;
    const klv::LocalSet set = to_local_set(sample);
    ASSERT_EQ(set.items().size(), 1U);
    EXPECT_EQ(set.time()->us, 1'700'000'000'123'456U);
    Sample back = from_local_set(set, kTime);
    back.time_source = TimeSource::arrival;
    EXPECT_EQ(back, sample);
}

TEST(Sample, WritesMispTimeWhenAsked) {
    Sample sample;
    sample.time = kTime;
    EXPECT_EQ(to_local_set(sample, klv::TimeSystem::misp).time()->us, 1'700'000'029'123'456U);
}

TEST(Sample, LeavesOutWhatTheStandardCannotHold) {
    Sample sample;
    sample.time = kTime;
    sample.roll_deg = 120;          // item 91 ends at 90
    sample.altitude_msl_m = 50'000; // item 15 ends at 19000
    sample.altitude_hae_m = 30'000; // item 75 ends at 19000, 104 does not
    sample.ground_speed_mps = 300;  // item 56 ends at 255
    sample.name = std::string(128, 'x');
    sample.heading_deg = std::nan("");
    const klv::LocalSet set = to_local_set(sample);
    for (const klv::Tag tag : {91U, 15U, 75U, 56U, 59U, 5U}) {
        EXPECT_FALSE(set.has(tag)) << tag;
    }
    EXPECT_NEAR(*set.number(104), 30'000, 0.01);
}

TEST(Sample, WritesSpeedAndCourseAsAVelocityBecauseItem56IsCoarse) {
    Sample sample;
    sample.ground_speed_mps = 2.37;
    sample.course_deg = 123.4;
    const Sample back = from_local_set(to_local_set(sample), kTime);
    EXPECT_NEAR(*back.ground_speed_mps, 2.37, 0.015);
    EXPECT_NEAR(*back.velocity_north_mps, 2.37 * std::cos(123.4 * M_PI / 180), 0.006);
    EXPECT_NEAR(*back.velocity_east_mps, 2.37 * std::sin(123.4 * M_PI / 180), 0.006);
}

TEST(Sample, ReadsTheOlderItemsWhereTheFullOnesAreMissing) {
    klv::LocalSet set;
    ASSERT_TRUE(set.set_number(6, -10));
    ASSERT_TRUE(set.set_number(7, 20));
    ASSERT_TRUE(set.set_number(75, 100));
    ASSERT_TRUE(set.set_number(56, 12));
    ASSERT_TRUE(set.set_number(23, 50));
    ASSERT_TRUE(set.set_number(24, 179.99));
    for (const klv::Tag tag : {26U, 28U, 30U, 32U}) {
        ASSERT_TRUE(set.set_number(tag, -0.01));
        ASSERT_TRUE(set.set_number(tag + 1, 0.02));
    }
    const Sample sample = from_local_set(set, kTime);
    EXPECT_NEAR(*sample.pitch_deg, -10, 0.001);
    EXPECT_NEAR(*sample.roll_deg, 20, 0.001);
    EXPECT_NEAR(*sample.altitude_hae_m, 100, 0.2);
    EXPECT_NEAR(*sample.ground_speed_mps, 12, 0.01);
    ASSERT_TRUE(sample.footprint);
    EXPECT_NEAR((*sample.footprint)[2].latitude_deg, 49.99, 1e-5);
    EXPECT_NEAR((*sample.footprint)[2].longitude_deg, -179.99, 1e-5);
}

TEST(Sample, HasAPositionWholeOrNotAtAll) {
    klv::LocalSet set;
    ASSERT_TRUE(set.set_number(13, 54));
    EXPECT_FALSE(from_local_set(set, kTime).latitude_deg);
    set.set_raw(14, *from_hex("80000000"));
    EXPECT_FALSE(from_local_set(set, kTime).latitude_deg);
}

TEST(Sample, NewFieldsReplaceOldOnesAndTheNewerTimeStands) {
    Sample base = full_sample();
    Sample update;
    update.time = kTime + std::chrono::seconds(1);
    update.time_source = TimeSource::mapped;
    update.heading_deg = 1.5;
    update.mode = "LOITER";
    const Sample both = merged(base, update);
    EXPECT_EQ(both.time, update.time);
    EXPECT_EQ(both.time_source, TimeSource::mapped);
    EXPECT_EQ(*both.heading_deg, 1.5);
    EXPECT_EQ(*both.mode, "LOITER");
    EXPECT_EQ(both.footprint, base.footprint);
    base.heading_deg = 1.5;
    base.mode = "LOITER";
    base.time = update.time;
    base.time_source = update.time_source;
    EXPECT_EQ(both, base);

    Sample late;
    late.time = kTime - std::chrono::seconds(1);
    late.heading_deg = 2;
    EXPECT_EQ(merged(base, late).time, base.time);
    EXPECT_EQ(*merged(base, late).heading_deg, 2);
}

TEST(Sample, TheFullSampleLosesOnlyWhatHasNoItem) {
    const Sample sample = with_items_only(full_sample());
    Sample back = from_local_set(to_local_set(sample), kTime);
    for (const NumberField& field : kNumberFields) {
        if (sample.*field.member) {
            back.*field.member = sample.*field.member; // compared with their tolerance above
        }
    }
    back.frame_center = sample.frame_center;
    back.footprint = sample.footprint;
    EXPECT_EQ(back, sample);
}
