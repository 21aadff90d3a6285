// What a viewer gets of the kept frames, when, and under which timestamp: no clock, no streams.
#include "plugins/elements/viewer/playhead.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace masthead;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kTicksAFrame = 3'600; // 25 a second
constexpr auto kFrameTime = 40ms;
constexpr std::uint32_t kFirstTimestamp = 0xFFFF'F000; // wraps within the first frames

using Instant = KeptFrames::Instant;

/// A camera whose frames come when they are due, and one viewer of it.
class Play {
  public:
    explicit Play(unsigned key_frame_interval) : interval_(key_frame_interval) {}

    void frames(unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            one_frame();
        }
    }
    void leave_out_one() { ++number_; }
    void frame_bytes(std::size_t bytes) { bytes_ = bytes; }

    /// Everything that is due until `end`, at the times the playhead asks for.
    void run(unsigned frames_more) {
        for (unsigned i = 0; i < frames_more; ++i) {
            pull_until(came(number_));
            one_frame();
            pull(now());
        }
    }
    void pull(Instant at) {
        now_ = std::max(now_, at);
        while (auto step = playhead.next(kept, now_, has_room)) {
            sent.push_back({step->frame->number, step->rtp_timestamp, now_});
        }
    }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] static std::uint32_t timestamp_of(std::uint64_t number) {
        return kFirstTimestamp + static_cast<std::uint32_t>(number) * kTicksAFrame;
    }

    struct Sent {
        std::uint64_t number;
        std::uint32_t timestamp;
        Instant at;
    };
    KeptFrames kept;
    Playhead playhead;
    std::vector<Sent> sent;
    bool has_room = true;

  private:
    [[nodiscard]] static Instant came(std::uint64_t number) {
        return Instant(1h) + static_cast<int>(number) * kFrameTime;
    }
    void one_frame() {
        auto frame = std::make_shared<PaidFrame>();
        frame->number = number_;
        frame->bytes = bytes_;
        frame->key_frame = number_ % interval_ == 0;
        frame->header.rtp_timestamp = timestamp_of(number_);
        now_ = came(number_++);
        kept.add(std::move(frame), now_);
    }
    void pull_until(Instant end) {
        pull(now_);
        while (playhead.due() && *playhead.due() < end) {
            pull(*playhead.due());
        }
    }

    unsigned interval_;
    std::uint64_t number_ = 0;
    std::size_t bytes_ = 1'000;
    Instant now_;
};

void expect_each_frame_once_with_rising_timestamps(const std::vector<Play::Sent>& sent) {
    for (std::size_t i = 1; i < sent.size(); ++i) {
        EXPECT_EQ(sent[i].number, sent[i - 1].number + 1);
        EXPECT_GT(static_cast<std::int32_t>(sent[i].timestamp - sent[i - 1].timestamp), 0) << "frame " << i;
    }
}

} // namespace

TEST(Playhead, BeginsWithTheKeyFrameAtOnceAndCatchesUp) {
    Play play(100);
    play.frames(80);
    play.run(30);
    ASSERT_FALSE(play.sent.empty());
    EXPECT_EQ(play.sent.front().number, 0U);
    expect_each_frame_once_with_rising_timestamps(play.sent);
    EXPECT_EQ(play.sent.size(), 110U);
    EXPECT_EQ(play.sent.back().timestamp, Play::timestamp_of(109)) << "caught up: the live timestamps";
    EXPECT_EQ(play.sent.back().at, play.now());
    EXPECT_FALSE(play.playhead.due());
}

TEST(Playhead, SendsKeptFramesAsFastAsTheirTimestampsSay) {
    Play play(100);
    play.frames(80);
    play.run(30);
    const auto& first = play.sent.front();
    for (const auto& sent : play.sent) {
        const double said_ms = static_cast<std::int32_t>(sent.timestamp - first.timestamp) / 90.0;
        const double true_ms = std::chrono::duration<double, std::milli>(sent.at - first.at).count();
        EXPECT_LE(said_ms, true_ms + 0.1) << "never before its time";
        EXPECT_GE(said_ms, true_ms - 40.1) << "later only when the camera has not made it yet";
    }
}

TEST(Playhead, IsBackWithTheLiveFramesAfterAQuarterOfItsAge) {
    Play play(200);
    play.frames(101); // the key frame is four seconds old
    const Instant joined = play.now();
    play.run(30);
    const auto live = std::find_if(play.sent.begin(), play.sent.end(), [](const auto& sent) {
        return sent.timestamp == Play::timestamp_of(sent.number);
    });
    ASSERT_NE(live, play.sent.end());
    EXPECT_LE(live->at - joined, 4'000ms / (Playhead::kSpeed - 1) + kFrameTime);
}

TEST(Playhead, SendsALiveViewerEachFrameUnderItsOwnTimestamp) {
    Play play(25);
    play.run(60);
    ASSERT_EQ(play.sent.size(), 60U);
    for (const auto& sent : play.sent) {
        EXPECT_EQ(sent.timestamp, Play::timestamp_of(sent.number));
    }
    EXPECT_EQ(play.playhead.dropped(), 0U);
}

TEST(Playhead, WaitsForAKeyFrameWhenThereIsNone) {
    Play play(100);
    play.frames(10);
    play.leave_out_one();
    play.frames(1);
    play.run(50);
    EXPECT_TRUE(play.sent.empty());
    EXPECT_TRUE(play.playhead.wants_key_frame());
    play.run(50);
    ASSERT_FALSE(play.sent.empty());
    EXPECT_EQ(play.sent.front().number, 100U);
    EXPECT_FALSE(play.playhead.wants_key_frame());
}

TEST(Playhead, GoesOnWhereItStoppedWhenThereIsRoomAgain) {
    Play play(1'000);
    play.run(20);
    play.has_room = false;
    play.run(25);
    EXPECT_EQ(play.sent.size(), 20U);
    play.has_room = true;
    play.run(25);
    EXPECT_EQ(play.sent.size(), 70U);
    expect_each_frame_once_with_rising_timestamps(play.sent);
    EXPECT_EQ(play.sent.back().timestamp, Play::timestamp_of(69));
    EXPECT_EQ(play.playhead.dropped(), 0U);
}

TEST(Playhead, IsHeldUpAgainAndAgainWhileItCatchesUpAndTimestampsStillRise) {
    Play play(1'000);
    play.frames(100);
    for (int i = 0; i < 41; ++i) {
        play.has_room = i % 2 == 0;
        play.run(2);
    }
    expect_each_frame_once_with_rising_timestamps(play.sent);
    EXPECT_EQ(play.sent.back().number, play.kept.end() - 1);
}

TEST(Playhead, SkipsToTheKeyFrameAndCountsWhenWhatItMissedIsGone) {
    Play play(50);
    play.run(20);
    play.has_room = false;
    play.run(40);
    play.has_room = true;
    play.run(30);
    ASSERT_GT(play.sent.size(), 20U);
    EXPECT_EQ(play.sent[19].number, 19U);
    EXPECT_EQ(play.sent[20].number, 50U);
    EXPECT_EQ(play.playhead.dropped(), 30U);
    EXPECT_EQ(play.sent.back().timestamp, Play::timestamp_of(89));
}

TEST(Playhead, SkipsToTheNextKeyFrameAfterAGap) {
    Play play(50);
    play.run(20);
    play.leave_out_one();
    play.run(40);
    EXPECT_EQ(play.sent[20].number, 50U);
    EXPECT_EQ(play.playhead.dropped(), 30U);
}

TEST(KeptFrames, KeepsToItsBoundsAndLiveViewersStillGetEachFrame) {
    Play play(10'000);
    play.frame_bytes(100'000);
    play.run(100);
    EXPECT_EQ(play.sent.size(), 100U);
    EXPECT_FALSE(play.kept.begins_with_key_frame());
    EXPECT_LE((play.kept.end() - play.kept.begin()) * 100'000, KeptFrames::kMaxBytes);

    Play longer(10'000);
    longer.run(260); // ten seconds are 250 frames
    EXPECT_EQ(longer.sent.size(), 260U);
    EXPECT_FALSE(longer.kept.begins_with_key_frame());
    EXPECT_LT(longer.kept.end() - longer.kept.begin(), 250U);
}

TEST(Playhead, BeginsWithNothingWhileTheStreamStandsStill) {
    Play play(250);
    play.frames(30);
    play.pull(play.now() + KeptFrames::kStandstill);
    EXPECT_TRUE(play.sent.empty());
    play.run(1);
    ASSERT_FALSE(play.sent.empty());
    EXPECT_EQ(play.sent.front().number, 0U);
}
