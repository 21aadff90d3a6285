#include "plugins/elements/capture_time.hpp"
#include "plugins/elements/frame_matcher.hpp"
#include "tests/unit/elements_harness.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace std::chrono_literals;

namespace {

constexpr Utc kStart{1'700'000'000'000'000};
constexpr GstClockTime kFrame = 40 * GST_MSECOND;

} // namespace

TEST(SeiTimeSystem, IsTheReadingThatLiesNearArrival) {
    const auto posix = klv::to_misp(kStart, klv::TimeSystem::posix);
    const auto misp = klv::to_misp(kStart, klv::TimeSystem::misp);
    EXPECT_EQ(sei_time_system(posix, kStart + 200ms, std::nullopt), klv::TimeSystem::posix);
    EXPECT_EQ(sei_time_system(misp, kStart + 200ms, std::nullopt), klv::TimeSystem::misp);
}

TEST(SeiTimeSystem, AsksTheTelemetryWhenARecordingIsPlayed) {
    const auto misp = klv::to_misp(kStart, klv::TimeSystem::misp);
    EXPECT_EQ(sei_time_system(misp, kStart + 24h, kStart + 1s), klv::TimeSystem::misp);
}

TEST(SeiTimeSystem, IsNotFooledByTelemetryThatStopped) {
    const auto posix = klv::to_misp(kStart, klv::TimeSystem::posix);
    EXPECT_EQ(sei_time_system(posix, kStart + 100ms, kStart - 25s), klv::TimeSystem::posix);
}

TEST(PtsRelation, GivesAFrameTheTimeOfThePacketThatHasItsPts) {
    PtsRelation relation;
    for (unsigned i = 0; i < 4; ++i) {
        relation.add_packet(i * kFrame, kStart + i * 40'100us);
        relation.add_frame(i * kFrame);
    }
    const auto time = relation.at(3 * kFrame + 11'000, false);
    ASSERT_TRUE(time);
    EXPECT_EQ(time->utc, kStart + 3 * 40'100us);
    EXPECT_EQ(time->method, MASTHEAD_TIME_METHOD_KLV);
    EXPECT_EQ(time->error, 0us);
}

TEST(PtsRelation, FillsInFramesBetweenPackets) {
    PtsRelation relation;
    for (unsigned i = 0; i < 16; ++i) {
        relation.add_frame(i * kFrame);
        if (i % 4 == 0) {
            relation.add_packet(i * kFrame, kStart + i * 40ms);
        }
    }
    const auto time = relation.at(14 * kFrame, false);
    ASSERT_TRUE(time);
    EXPECT_EQ(time->utc, kStart + 14 * 40ms);
    EXPECT_LE(time->error, 1ms);
}

TEST(PtsRelation, KnowsAFramesPacketAlthoughTheDemuxersClockWasSetBetweenThem) {
    PtsRelation relation;
    const auto shift = [](unsigned i) { return i == 7 ? 8 * GST_MSECOND : i == 12 ? 11 * GST_MSECOND : 0; };
    for (unsigned i = 0; i < 40; ++i) {
        relation.add_frame(i * kFrame);
        relation.add_packet(i * kFrame - shift(i), kStart + i * 40ms);
    }
    const auto near = relation.at(7 * kFrame, true, 40ms);
    ASSERT_TRUE(near);
    EXPECT_EQ(near->utc, kStart + 7 * 40ms);
    EXPECT_EQ(near->error, 0us);
    const auto far = relation.at(12 * kFrame, true, 40ms);
    ASSERT_TRUE(far);
    EXPECT_GT(far->error, 0us) << "more than a quarter of a frame away it may be another's";
}

TEST(PtsRelation, DoesNotTrustPacketsThatAreStampedAsTheyArrive) {
    PtsRelation relation;
    for (unsigned i = 0; i < 50; ++i) {
        relation.add_frame(i * kFrame);
        relation.add_packet(i * kFrame + (i * 7 % 39) * GST_MSECOND, kStart + i * 40ms);
        EXPECT_FALSE(relation.at(i * kFrame, false));
    }
}

TEST(PtsRelation, TrustsASteadyDistanceOnlyOfEmbeddedPackets) {
    PtsRelation relation;
    for (unsigned i = 0; i < 10; ++i) {
        relation.add_packet(i * 100 * GST_MSECOND + 17 * GST_MSECOND, kStart + i * 100ms + 17ms);
    }
    EXPECT_FALSE(relation.at(400 * GST_MSECOND, false));
    const auto time = relation.at(400 * GST_MSECOND, true);
    ASSERT_TRUE(time);
    EXPECT_EQ(time->utc, kStart + 400ms);
}

TEST(FrameMatcher, KeepsTheSteadyRoadOfEmbeddedKlvWhileALinkSpeaksToo) {
    FrameMatcher matcher{TrackLimits{}};
    const MatchRules rules{.time_system = klv::TimeSystem::posix};
    const auto add = [&](Utc utc, GstClockTime running, bool embedded) {
        klv::LocalSet set;
        set.set_time(klv::to_misp(utc, klv::TimeSystem::posix));
        ASSERT_TRUE(matcher.add_packet(*klv::encode(set), running, utc, embedded, rules));
    };
    for (unsigned i = 0; i < 10; ++i) {
        add(kStart + i * 100ms + 17ms, i * 100 * GST_MSECOND + 17 * GST_MSECOND, true);
        add(kStart + i * 100ms + 30ms, GST_CLOCK_TIME_NONE, false);
    }
    FrameTimes frame;
    frame.running = 400 * GST_MSECOND;
    frame.arrival = kStart + 2s;
    const auto matched = matcher.match(frame, rules, std::chrono::steady_clock::now());
    ASSERT_TRUE(matched.capture);
    EXPECT_EQ(matched.capture->method, MASTHEAD_TIME_METHOD_KLV);
    EXPECT_EQ(matched.capture->utc, kStart + 400ms);
}

TEST(WaitSchedule, DoesNotLetFramesThatQueuedUpWaitAgain) {
    WaitSchedule schedule;
    const auto start = std::chrono::steady_clock::time_point(1h);
    EXPECT_EQ(schedule.deadline(0ms, 0ms, 200ms, start), start + 200ms);
    // The next frame came while the first one waited: it may wait until its own time, not from now on.
    const auto next = schedule.deadline(40ms, 40ms, 200ms, start + 200ms);
    EXPECT_LT(next, start + 245ms);
    EXPECT_GE(next, start + 240ms);
}

TEST(WaitSchedule, LetsAFrameThatIsDecodedAheadWaitForItsTurn) {
    WaitSchedule schedule;
    const auto start = std::chrono::steady_clock::time_point(1h);
    EXPECT_EQ(schedule.deadline(40ms, 0ms, 100ms, start), start + 140ms);
    EXPECT_EQ(schedule.deadline(160ms, 40ms, 100ms, start + 40ms), start + 260ms); // two B-frames follow
    EXPECT_EQ(schedule.deadline(80ms, 80ms, 100ms, start + 80ms), start + 180ms);
    EXPECT_EQ(schedule.deadline(120ms, 120ms, 100ms, start + 120ms), start + 220ms);
}
