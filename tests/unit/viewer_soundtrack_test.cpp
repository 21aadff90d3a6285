// When sound is heard, and under which RTP time: no clock, no streams.
#include "plugins/elements/viewer/soundtrack.hpp"

#include <gst/rtp/gstrtpbuffer.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace std::chrono_literals;

namespace {

using Instant = Soundtrack::Instant;
constexpr Instant kStart(1h);
constexpr GstClockTime kPiece = 20 * GST_MSECOND;

SoundPiece piece_at(GstClockTime running_time) { return {.opus = {}, .running_time = running_time}; }

std::vector<GstClockTime> heard_at(Soundtrack& sound, Instant now) {
    std::vector<GstClockTime> times;
    while (const auto piece = sound.next(now)) {
        times.push_back(piece->running_time);
    }
    return times;
}

} // namespace

TEST(Soundtrack, WaitsForThePictureOfItsTime) {
    Soundtrack sound;
    sound.add(piece_at(5 * GST_SECOND));
    EXPECT_TRUE(heard_at(sound, kStart).empty()) << "there is no picture yet";
    sound.picture(4'900 * GST_MSECOND, kStart);
    EXPECT_TRUE(heard_at(sound, kStart + 99ms).empty());
    EXPECT_EQ(sound.due(), kStart + 100ms);
    EXPECT_EQ(heard_at(sound, kStart + 100ms), std::vector<GstClockTime>{5 * GST_SECOND});
    EXPECT_FALSE(sound.due());
}

TEST(Soundtrack, DoesNotHoldBackWhatComesLate) {
    Soundtrack sound;
    sound.picture(5 * GST_SECOND, kStart);
    sound.add(piece_at(4'800 * GST_MSECOND));
    sound.add(piece_at(4'820 * GST_MSECOND));
    EXPECT_EQ(heard_at(sound, kStart).size(), 2U);
}

TEST(Soundtrack, IsSilentBesideAPictureThatStandsStill) {
    Soundtrack sound;
    sound.picture(5 * GST_SECOND, kStart);
    sound.add(piece_at(8 * GST_SECOND));
    EXPECT_TRUE(heard_at(sound, kStart + KeptFrames::kStandstill).empty());
    sound.picture(9 * GST_SECOND, kStart + 4s);
    EXPECT_TRUE(heard_at(sound, kStart + 4s).empty()) << "it was not kept for later";
    sound.add(piece_at(9 * GST_SECOND));
    EXPECT_EQ(heard_at(sound, kStart + 4s).size(), 1U);
}

TEST(Soundtrack, KeepsTheNewestOfTooMuch) {
    Soundtrack sound;
    for (std::size_t i = 0; i < Soundtrack::kMostPieces + 10; ++i) {
        sound.add(piece_at(i * kPiece));
    }
    sound.picture(100 * GST_SECOND, kStart);
    const auto heard = heard_at(sound, kStart);
    ASSERT_EQ(heard.size(), Soundtrack::kMostPieces);
    EXPECT_EQ(heard.front(), GstClockTime{10 * kPiece});
}

TEST(SoundStamps, FollowTheSamplesAndNotTheJitterOfTimes) {
    SoundStamps stamps(1'000);
    const std::uint32_t first = stamps.stamp(GST_SECOND, kPiece);
    EXPECT_EQ(stamps.stamp(GST_SECOND + kPiece + 700'000, kPiece), first + 960);
    EXPECT_EQ(stamps.stamp(GST_SECOND + 2 * kPiece - 900'000, kPiece), first + 1'920);
}

TEST(SoundStamps, StepOverAGap) {
    SoundStamps stamps(0xFFFF'FF00); // wraps
    const std::uint32_t first = stamps.stamp(GST_SECOND, kPiece);
    EXPECT_EQ(stamps.stamp(3 * GST_SECOND, kPiece), first + 96'000);
    EXPECT_EQ(stamps.stamp(2 * GST_SECOND, kPiece), first + 48'000) << "and back";
}

TEST(SoundPacket, IsTheViewersOwn) {
    auto opus = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 3, nullptr));
    gst_buffer_memset(opus.get(), 0, 7, 3);
    SoundStream stream{.ssrc = 5, .payload_type = 109, .sequence_number = 0xFFFF};
    const auto packet = sound_packet({opus, GST_SECOND, 48}, stream);
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    ASSERT_TRUE(gst_rtp_buffer_map(packet.get(), GST_MAP_READ, &rtp));
    EXPECT_EQ(gst_rtp_buffer_get_ssrc(&rtp), 5U);
    EXPECT_EQ(gst_rtp_buffer_get_payload_type(&rtp), 109);
    EXPECT_EQ(gst_rtp_buffer_get_seq(&rtp), 0xFFFF);
    EXPECT_EQ(gst_rtp_buffer_get_timestamp(&rtp), 48U);
    EXPECT_EQ(gst_rtp_buffer_get_payload_len(&rtp), 3U);
    gst_rtp_buffer_unmap(&rtp);
    EXPECT_EQ(GST_BUFFER_PTS(packet.get()), GST_SECOND);
    EXPECT_EQ(stream.sequence_number, 0);
}
