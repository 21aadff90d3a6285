#include "plugins/klv/time.hpp"

#include <gtest/gtest.h>

#include <limits>

using namespace masthead;
using namespace masthead::klv;
using namespace std::chrono_literals;

namespace {

constexpr Utc k2023{1'700'000'000'123'456};
constexpr Utc kStartOf2017{1'483'228'800'000'000};

} // namespace

TEST(MispTime, IsUtcItselfWhenTheSourceMeansPosix) {
    EXPECT_EQ(to_misp(k2023, TimeSystem::posix).us, 1'700'000'000'123'456U);
    EXPECT_EQ(to_utc({1'700'000'000'123'456}, TimeSystem::posix, -29), k2023);
}

TEST(MispTime, IsAheadOfUtcByTheLeapSeconds) {
    EXPECT_EQ(to_misp(k2023, TimeSystem::misp).us, 1'700'000'029'123'456U);
    EXPECT_EQ(to_misp(kStartOf2017 - 1us, TimeSystem::misp).us, 1'483'228'799'999'999U + 28'000'000U);
    EXPECT_EQ(to_misp(kStartOf2017, TimeSystem::misp).us, 1'483'228'800'000'000U + 29'000'000U);
    EXPECT_EQ(to_misp(Utc{78'796'800'000'000}, TimeSystem::misp).us, 78'796'803'000'000U);
    EXPECT_EQ(to_misp(Utc{0}, TimeSystem::misp).us, 0U);
}

TEST(MispTime, GoesToUtcAndBackOnBothSidesOfEachLeap) {
    for (const std::int64_t leap : {78'796'800LL, 1'341'100'800LL, 1'435'708'800LL, 1'483'228'800LL}) {
        for (const std::int64_t offset : {-40'000'000LL, -2'000'000LL, -1LL, 0LL, 1LL, 40'000'000LL}) {
            const Utc t{leap * 1'000'000 + offset};
            EXPECT_EQ(to_utc(to_misp(t, TimeSystem::misp), TimeSystem::misp), t) << leap << " " << offset;
        }
    }
}

TEST(MispTime, BelievesThePacketsOwnLeapSecondsAndCorrection) {
    EXPECT_EQ(to_utc({1'700'000'030'123'456}, TimeSystem::misp, -30), k2023);
    EXPECT_EQ(to_utc({1'700'000'000'000'000}, TimeSystem::posix, std::nullopt, 123'456), k2023);
    EXPECT_EQ(to_utc({1'700'000'030'000'000}, TimeSystem::misp, -30, 123'456), k2023);
}

TEST(MispTime, StaysWithinTheCalendarForAnyInput) {
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(to_utc({kMost}, TimeSystem::misp, std::numeric_limits<int>::max(), kLargest), kLastUtc);
    EXPECT_EQ(to_utc({kMost}, TimeSystem::posix), kLastUtc);
    EXPECT_EQ(to_utc({0}, TimeSystem::misp, std::numeric_limits<int>::min(), kLeast), Utc{0});
    EXPECT_EQ(to_misp(Utc{kLeast}, TimeSystem::misp).us, 0U);
    (void)detect({kMost}, false, Utc{kLeast});
}

TEST(MispTime, IsToldFromPosixByLeapSecondsOrByArrival) {
    const MispTime posix{1'700'000'000'000'000};
    EXPECT_EQ(detect(posix, false, Utc{1'700'000'000'200'000}), TimeSystem::posix);
    EXPECT_EQ(detect(posix, true, Utc{1'700'000'000'200'000}), TimeSystem::misp);
    const MispTime misp{1'700'000'029'000'000};
    EXPECT_EQ(detect(misp, false, Utc{1'700'000'000'200'000}), TimeSystem::misp);
    EXPECT_EQ(detect(misp, false, Utc{1'700'000'010'000'000}), TimeSystem::misp);
}

TEST(SeiPayload, HasTheBytesOfTheStandard) {
    const SeiTime time{{0x0001020304050607}, true, false};
    EXPECT_EQ(to_hex(encode_sei_payload(time, VideoCodec::h264)), "4d4953506d6963726f73656374696d65"
                                                                  "1f"
                                                                  "0001ff0203ff0405ff0607");
    EXPECT_EQ(to_hex(encode_sei_payload({time.time, false, true}, VideoCodec::h265)),
              "a8687dd4d7593758a5cef0338b6545f1"
              "df"
              "0001ff0203ff0405ff0607");
}

TEST(SeiPayload, ReadsBackWhatItWritesForBothCodecs) {
    for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::h265}) {
        const auto back =
            decode_sei_payload(encode_sei_payload({{1'700'000'000'123'456}, false, true}, codec));
        ASSERT_TRUE(back);
        EXPECT_EQ(back->time.us, 1'700'000'000'123'456U);
        EXPECT_FALSE(back->locked);
        EXPECT_TRUE(back->discontinuity);
    }
}

TEST(SeiPayload, DividesNanosecondsDown) {
    const auto bytes = from_hex("cf848278ee23306c9265e8fef22fb8b8"
                                "1f"
                                "1797ffa5fbff1edaff8e40");
    const auto time = decode_sei_payload(*bytes);
    ASSERT_TRUE(time);
    EXPECT_EQ(time->time.us, 0x1797a5fb1eda8e40U / 1000);
    EXPECT_TRUE(time->locked);
}

TEST(SeiPayload, LeavesOtherUserDataAlone) {
    Bytes bytes = encode_sei_payload({{1}, true, false}, VideoCodec::h264);
    EXPECT_FALSE(decode_sei_payload(ByteSpan(bytes).first(27)));
    EXPECT_FALSE(decode_sei_payload({}));
    Bytes longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(decode_sei_payload(longer));
    Bytes other_id = bytes;
    other_id[3] = std::byte{'X'};
    EXPECT_FALSE(decode_sei_payload(other_id));
    for (const std::size_t marker : {19U, 22U, 25U}) {
        Bytes no_marker = bytes;
        no_marker[marker] = std::byte{0xFE};
        EXPECT_FALSE(decode_sei_payload(no_marker)) << marker;
    }
}
