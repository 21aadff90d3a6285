#include "plugins/telemetry/footprint.hpp"
#include "plugins/telemetry/sample.hpp"
#include "plugins/telemetry/track.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace std::chrono_literals;

namespace {

constexpr Utc kStart{1'700'000'000'000'000};
constexpr std::chrono::milliseconds kPatience{100};

klv::LocalSet item(klv::Tag tag, double value) {
    klv::LocalSet set;
    EXPECT_TRUE(set.set_number(tag, value));
    return set;
}

klv::LocalSet heading(double degrees) { return item(5, degrees); }

klv::LocalSet raw_item(klv::Tag tag, std::string_view hex) {
    klv::LocalSet set;
    set.set_raw(tag, *from_hex(hex));
    return set;
}

klv::LocalSet named(double heading_deg, std::string_view name) {
    klv::LocalSet set = heading(heading_deg);
    EXPECT_TRUE(set.set_text(59, name));
    return set;
}

/// Two samples 200 ms apart, seen in the middle.
double midway(klv::Tag tag, double from, double to) {
    Track track;
    track.add(item(tag, from), kStart);
    track.add(item(tag, to), kStart + 200ms);
    const Match match = track.at(kStart + 100ms);
    EXPECT_EQ(match.method, Method::interpolated);
    return match.set.number(tag).value_or(-9999);
}

} // namespace

TEST(Track, BlendsAcrossTheSeamOfACircle) {
    EXPECT_NEAR(midway(5, 350, 20), 5, 0.01);
    EXPECT_NEAR(midway(5, 20, 350), 5, 0.01);
    EXPECT_NEAR(midway(5, 355, 3), 359, 0.01);
    EXPECT_NEAR(midway(18, 359.9, 0.3), 0.1, 1e-6);
    EXPECT_NEAR(midway(112, 340, 10), 355, 0.02);
    EXPECT_NEAR(midway(19, 170, -178), 176, 1e-6);
    EXPECT_NEAR(midway(14, 179.9998, -179.9994), -179.9998, 1e-6);
    EXPECT_NEAR(midway(14, -179.9999, 179.9995), 179.9998, 1e-6);
}

TEST(Track, BlendsLinearlyWhereThereIsNoCircle) {
    EXPECT_NEAR(midway(13, -1, 3), 1, 1e-6);
    EXPECT_NEAR(midway(15, 100, 200), 150, 0.5);
    EXPECT_NEAR(midway(90, -80, 80), 0, 1e-6);
}

TEST(Track, TakesASampleWithinAMillisecondAsItIs) {
    Track track;
    track.add(heading(10), kStart);
    track.add(heading(30), kStart + 200ms);
    const Match match = track.at(kStart + 201ms);
    EXPECT_EQ(match.method, Method::measured);
    EXPECT_EQ(to_hex(match.set.find(5)->value), to_hex(heading(30).find(5)->value));
    EXPECT_EQ(match.age, 1ms);
    const Match early = track.at(kStart + 199ms);
    EXPECT_EQ(early.method, Method::measured);
    EXPECT_EQ(early.age, -1ms);
    EXPECT_EQ(track.at(kStart + 198ms).method, Method::interpolated);
}

TEST(Track, SaysTheInstantAskedForAsPosixTime) {
    Track track;
    klv::LocalSet set = heading(10);
    set.set_time({5});
    ASSERT_TRUE(set.set_integer(136, -29));
    ASSERT_TRUE(set.set_integer(137, 1000));
    track.add(set, kStart);
    const Match match = track.at(kStart + 1ms);
    EXPECT_EQ(match.set.items().front().tag, 2U);
    EXPECT_EQ(match.set.time()->us, static_cast<std::uint64_t>(kStart.us + 1000));
    // They belong to the packet that came, not to the one that is written now.
    EXPECT_FALSE(match.set.has(136));
    EXPECT_FALSE(match.set.has(137));
}

TEST(Track, CarriesOnUntilMaxAgeAndThenLeavesTheItemOut) {
    Track track;
    track.add(heading(10), kStart);
    track.add(heading(20), kStart + 100ms);
    const Match match = track.at(kStart + 200ms);
    EXPECT_EQ(match.method, Method::extrapolated);
    EXPECT_NEAR(*match.set.number(5), 30, 0.02);
    EXPECT_EQ(match.age, 100ms);
    EXPECT_EQ(track.at(kStart + 1100ms).method, Method::extrapolated);
    const Match late = track.at(kStart + 1101ms);
    EXPECT_EQ(late.method, Method::none);
    EXPECT_TRUE(late.set.empty());
}

TEST(Track, CarriesOnAtTheRateOfTheLastTwoWhereNothingBoundsTheMotion) {
    Track track;
    for (const auto& [offset, latitude] : {std::pair{0ms, 50.0}, {100ms, 50.0}, {200ms, 50.001}}) {
        track.add(item(23, latitude), kStart + offset);
    }
    EXPECT_NEAR(*track.at(kStart + 300ms).set.number(23), 50.002, 1e-6);
}

TEST(Track, TellsARateFromALongerBaseWhenStepsAreCoarse) {
    Track track;
    // Item 15 has steps of 0.3 m: the last two samples alone would say 0 or 15 m/s of a climb at 1 m/s.
    for (int i = 0; i <= 50; ++i) {
        track.add(item(15, 100 + 0.02 * i), kStart + 20ms * i);
    }
    const Match match = track.at(kStart + 1s + 200ms);
    EXPECT_NEAR(*match.set.number(15), 101.2, 0.6);
    EXPECT_LT(match.error.altitude_m, 1.5);
}

TEST(Track, NeverCarriesOnPastTheRangeOfAnItem) {
    Track track;
    track.add(item(56, 10), kStart);
    track.add(item(56, 5), kStart + 100ms);
    EXPECT_EQ(*track.at(kStart + 900ms).set.number(56), 0);
    track.add(item(90, 80), kStart);
    track.add(item(90, 85), kStart + 100ms);
    EXPECT_NEAR(*track.at(kStart + 900ms).set.number(90), 90, 1e-6);
}

TEST(Track, CannotCarryOnFromASingleSample) {
    Track track;
    track.add(heading(10), kStart);
    EXPECT_EQ(track.at(kStart).method, Method::measured);
    EXPECT_EQ(track.at(kStart + 50ms).method, Method::none);
    EXPECT_EQ(track.at(kStart - 50ms).method, Method::none);
}

TEST(Track, CountsTheAgeOfEachItemOnItsOwn) {
    Track track;
    for (const auto offset : {0ms, 100ms}) {
        track.add(item(15, 100), kStart + offset);
    }
    for (const auto offset : {0ms, 500ms, 1000ms, 1500ms}) {
        track.add(heading(10), kStart + offset);
    }
    const Match match = track.at(kStart + 1250ms);
    EXPECT_EQ(match.method, Method::interpolated);
    EXPECT_TRUE(match.set.has(5));
    EXPECT_FALSE(match.set.has(15));
    const Match worst = track.at(kStart + 1090ms);
    EXPECT_EQ(worst.method, Method::extrapolated);
    EXPECT_TRUE(worst.set.has(15));
}

TEST(Track, DoesNotBlendOverAGapWhoseEndsAreFar) {
    Track track;
    track.add(heading(0), kStart);
    track.add(heading(40), kStart + 4s);
    EXPECT_EQ(track.at(kStart + 900ms).method, Method::interpolated);
    EXPECT_EQ(track.at(kStart + 2s).method, Method::none);
    EXPECT_EQ(track.at(kStart + 3500ms).method, Method::interpolated);
}

TEST(Track, TakesLateSamplesInTheirPlace) {
    Track in_order;
    Track shuffled;
    const std::vector<std::pair<std::chrono::milliseconds, double>> samples{
        {0ms, 10}, {100ms, 14}, {200ms, 25}, {300ms, 20}};
    for (const auto& [offset, degrees] : samples) {
        in_order.add(heading(degrees), kStart + offset);
    }
    for (const std::size_t i : {2U, 0U, 3U, 1U}) {
        shuffled.add(heading(samples[i].second), kStart + samples[i].first);
    }
    for (auto offset = 0ms; offset <= 600ms; offset += 7ms) {
        const Match a = in_order.at(kStart + offset);
        const Match b = shuffled.at(kStart + offset);
        EXPECT_EQ(a.method, b.method);
        EXPECT_EQ(a.set.number(5), b.set.number(5)) << offset.count();
    }
}

TEST(Track, LetsTheLaterOfTwoSamplesForOneInstantCount) {
    Track track;
    track.add(heading(10), kStart);
    track.add(heading(50), kStart);
    EXPECT_NEAR(*track.at(kStart).set.number(5), 50, 0.01);
}

TEST(Track, HoldsNamesFromTheirInstantOn) {
    Track track;
    track.add(named(0, "FIRST"), kStart);
    track.add(heading(10), kStart + 500ms);
    track.add(named(20, "SECOND"), kStart + 1s);
    EXPECT_EQ(*track.at(kStart + 750ms).set.text(59), "FIRST");
    EXPECT_EQ(*track.at(kStart + 1s).set.text(59), "SECOND");
    EXPECT_EQ(*track.at(kStart + 1100ms).set.text(59), "SECOND");
}

TEST(Track, UsesANameThatCameAfterTheInstantWhenThereIsNoOther) {
    Track track;
    track.add(heading(0), kStart);
    track.add(heading(10), kStart + 200ms);
    track.add(named(15, "KESTREL"), kStart + 300ms);
    EXPECT_EQ(*track.at(kStart + 100ms).set.text(59), "KESTREL");
}

TEST(Track, HoldsNothingLongerThanHoldAge) {
    Track track;
    track.add(named(0, "KESTREL"), kStart);
    for (auto offset = 0s; offset <= 31s; offset += 1s) {
        track.add(heading(10), kStart + offset);
    }
    EXPECT_TRUE(track.at(kStart + 30s).set.has(59));
    EXPECT_FALSE(track.at(kStart + 30s + 2ms).set.has(59));
}

TEST(Track, IsSilentWhenOnlyHeldItemsAreLeft) {
    Track track;
    track.add(named(0, "KESTREL"), kStart);
    track.add(named(0, "KESTREL"), kStart + 100ms);
    const Match match = track.at(kStart + 5s);
    EXPECT_EQ(match.method, Method::none);
    EXPECT_TRUE(match.set.empty());
}

TEST(Track, BelievesASourceThatSaysItDoesNotKnowAnyMore) {
    Track track;
    track.add(named(0, "KESTREL"), kStart);
    track.add(named(10, "KESTREL"), kStart + 100ms);
    klv::LocalSet unknown = raw_item(5, "");
    unknown.set_raw(59, {});
    ASSERT_TRUE(unknown.set_number(15, 100));
    track.add(unknown, kStart + 200ms);
    track.add(item(15, 100), kStart + 300ms);
    EXPECT_TRUE(track.at(kStart + 50ms).set.number(5));
    EXPECT_FALSE(track.at(kStart + 150ms).set.has(5));
    EXPECT_FALSE(track.at(kStart + 250ms).set.has(5));
    EXPECT_TRUE(track.at(kStart + 250ms).set.has(15));
    EXPECT_FALSE(track.at(kStart + 250ms).set.text(59));
    // At the very sample the source's own words are passed on.
    EXPECT_TRUE(track.at(kStart + 200ms).set.find(5)->value.empty());
}

TEST(Track, PassesOnASpecialValueOnlyAtItsSample) {
    Track track;
    track.add(item(6, 15), kStart);
    track.add(raw_item(6, "8000"), kStart + 100ms);
    EXPECT_EQ(to_hex(track.at(kStart + 100ms).set.find(6)->value), "8000");
    EXPECT_EQ(track.at(kStart + 50ms).method, Method::none);
}

TEST(Track, KeepsUnknownItemsAndRepeatedOnes) {
    Track track;
    klv::LocalSet set = heading(10);
    set.set_raw(5000, *from_hex("0102"));
    set.append_raw(100, *from_hex("aa"));
    set.append_raw(100, *from_hex("bb"));
    track.add(set, kStart);
    track.add(heading(20), kStart + 100ms);
    const Match match = track.at(kStart + 10ms);
    EXPECT_EQ(to_hex(match.set.find(5000)->value), "0102");
    std::string repeated;
    for (const klv::Item& each : match.set.items()) {
        repeated += each.tag == 100 ? to_hex(each.value) : "";
    }
    EXPECT_EQ(repeated, "aabb");
}

TEST(Track, KeepsTheLengthThatTheSourceGaveAnItem) {
    Track track;
    track.add(raw_item(113, "0384000000"), kStart); // a wrong length: no number
    track.add(raw_item(113, "03840000"), kStart + 100ms);
    track.add(raw_item(113, "03940000"), kStart + 200ms);
    const Match match = track.at(kStart + 150ms);
    ASSERT_TRUE(match.set.find(113));
    EXPECT_EQ(to_hex(match.set.find(113)->value), "038c0000");
}

TEST(Track, KnowsHowFarItReaches) {
    Track track;
    EXPECT_FALSE(track.newest());
    EXPECT_FALSE(track.covers(kStart, kPatience));
    track.add(heading(10), kStart + 1s);
    track.add(heading(10), kStart);
    EXPECT_EQ(track.newest(), kStart + 1s);
    EXPECT_TRUE(track.covers(kStart + 1s, kPatience));
    EXPECT_FALSE(track.covers(kStart + 1s + 1us, kPatience));
    track.clear();
    EXPECT_FALSE(track.newest());
    EXPECT_EQ(track.at(kStart).method, Method::none);
}

TEST(Track, WaitsForEveryPoseItemThatComesSteadily) {
    Track track;
    const auto with = [](klv::Tag tag, double value) {
        klv::LocalSet set;
        EXPECT_TRUE(set.set_number(tag, value));
        return set;
    };
    track.add(with(15, 100), kStart);
    track.add(with(15, 100), kStart + 50ms);
    track.add(heading(10), kStart + 60ms);
    track.add(heading(10), kStart + 80ms);
    EXPECT_FALSE(track.covers(kStart + 80ms, kPatience)); // the next altitude is due at 100 ms
    track.add(with(15, 100), kStart + 100ms);
    EXPECT_TRUE(track.covers(kStart + 80ms, kPatience));
    track.add(heading(10), kStart + 1s);
    EXPECT_TRUE(track.covers(kStart + 1s, kPatience)); // altitude has stopped: nothing to wait for
    track.add(with(8, 12), kStart + 100ms);
    track.add(with(8, 12), kStart + 200ms);
    EXPECT_TRUE(track.covers(kStart + 1s, kPatience)); // air speed is no pose
}

TEST(Track, DoesNotWaitForWhatIsDueTooLate) {
    Track track;
    const auto altitude = [] {
        klv::LocalSet set;
        EXPECT_TRUE(set.set_number(15, 100));
        return set;
    };
    track.add(altitude(), kStart - 200ms);
    track.add(altitude(), kStart);
    track.add(heading(10), kStart + 20ms);
    track.add(heading(10), kStart + 40ms);
    EXPECT_TRUE(track.covers(kStart + 40ms, 100ms)); // the next altitude comes 160 ms later
    EXPECT_FALSE(track.covers(kStart + 40ms, 160ms));
    EXPECT_FALSE(track.covers(kStart + 50ms, 0ms)); // nothing is here yet; max-wait bounds it
}

TEST(Track, GivesWhatBelongsToOneFrameToTheNearestFrameAlone) {
    Track track;
    for (const auto offset : {0ms, 100ms}) {
        klv::LocalSet set = heading(10);
        set.set_raw(74, Bytes{std::byte{4}, std::byte{1}, static_cast<std::byte>(offset.count())}); // VMTI
        track.add(set, kStart + offset);
    }
    const auto has_targets_at = [&](std::chrono::microseconds offset) {
        return track.at(kStart + offset, {}, 40ms).set.has(74);
    };
    EXPECT_TRUE(has_targets_at(0ms));
    EXPECT_TRUE(has_targets_at(19ms));
    EXPECT_FALSE(has_targets_at(25ms));
    EXPECT_FALSE(has_targets_at(60ms));
    EXPECT_TRUE(has_targets_at(85ms));
    EXPECT_TRUE(has_targets_at(20ms)); // just between two frames: with one of them, not with both or neither
    EXPECT_FALSE(has_targets_at(-20ms));
}

TEST(Track, TellsTheMethodByThePose) {
    Track track;
    klv::LocalSet both = heading(10);
    ASSERT_TRUE(both.set_number(8, 12)); // air speed, which comes once a second only
    track.add(both, kStart);
    track.add(both, kStart + 20ms);
    track.add(heading(10), kStart + 40ms);
    EXPECT_EQ(track.at(kStart + 30ms).method, Method::interpolated);
    klv::LocalSet speed;
    ASSERT_TRUE(speed.set_number(8, 12));
    Track without_pose;
    without_pose.add(speed, kStart);
    without_pose.add(speed, kStart + 20ms);
    EXPECT_EQ(without_pose.at(kStart + 30ms).method, Method::extrapolated);
}

TEST(Track, ForgetsWhatIsOlderThanItsHistory) {
    Track track;
    for (auto offset = 0s; offset <= 20s; offset += 1s) {
        track.add(heading(10), kStart + offset);
    }
    EXPECT_EQ(track.at(kStart + 15s).method, Method::measured);
    EXPECT_EQ(track.at(kStart + 10s).method, Method::none);
}

TEST(Track, DropsASampleOlderThanItsHistory) {
    Track track;
    track.add(heading(10), kStart + 10s);
    track.add(heading(99), kStart);
    EXPECT_EQ(track.at(kStart).method, Method::none);
    EXPECT_EQ(track.newest(), kStart + 10s);
}

TEST(Track, StartsAnewWhenOneSampleFromTheFutureWasWrong) {
    Track track;
    track.add(heading(10), kStart + 1000h);
    for (auto offset = 0ms; offset < 1s; offset += 100ms) {
        track.add(heading(20), kStart + offset);
    }
    EXPECT_EQ(track.newest(), kStart + 900ms);
    EXPECT_EQ(track.at(kStart + 850ms).method, Method::interpolated);
}

TEST(Track, StaysBoundedUnderAFloodOfTagsAndSamples) {
    Track track;
    for (klv::Tag tag = 1; tag < 2000; ++tag) {
        track.add(raw_item(1000 + tag, "00"), kStart + std::chrono::microseconds(tag));
    }
    for (int i = 0; i < 5000; ++i) {
        track.add(heading(10), kStart + 20ms + std::chrono::microseconds(i));
    }
    // The strangers filled the room for tags: what comes later is not kept, and nothing grew.
    EXPECT_LE(track.at(kStart + 25ms).set.items().size(), 257U);
    Track known;
    for (int i = 0; i < 5000; ++i) {
        known.add(heading(i % 360), kStart + std::chrono::microseconds(100 * i));
    }
    EXPECT_EQ(known.at(kStart + 1ms).method, Method::none); // only the newest 1024 are kept
    EXPECT_EQ(known.at(kStart + 490ms).method, Method::measured);
}

TEST(Track, StatesNoMoreThanRoundingForASteadyValueBetweenCloseSamples) {
    Track track;
    track.add(heading(10), kStart);
    track.add(heading(10), kStart + 20ms);
    const Match match = track.at(kStart + 10ms);
    EXPECT_GT(match.error.angle_deg, 0);
    EXPECT_LT(match.error.angle_deg, 0.03); // 400 deg/s2 * (20 ms)^2 / 8 and two half steps
    EXPECT_EQ(match.error.position_m, 0);
    EXPECT_EQ(match.error.speed_mps, 0);
}

TEST(Track, WidensTheErrorByTheRateWhenTheInstantIsUncertain) {
    Track track;
    track.add(heading(10), kStart);
    track.add(heading(20), kStart + 100ms);
    const double sure = track.at(kStart + 50ms).error.angle_deg;
    const double unsure = track.at(kStart + 50ms, 10ms).error.angle_deg;
    EXPECT_GE(unsure - sure, 100 * 0.010); // 100 deg/s for 10 ms
    EXPECT_LT(unsure - sure, 2.0);
}
