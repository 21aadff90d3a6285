// Playlists and coverage: what follows from indexes.
#include "server/archive/coverage.hpp"
#include "server/archive/playlist.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::archive;
using recording::Gop;
using std::chrono::microseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr Utc kStart{1'795'000'000'000'000}; // 2026-11-18T11:06:40Z

/// GOPs of two seconds, one after the other.
PlaylistFile file_of(const std::string& uri, int gops, Utc start = kStart, ts::Ticks pts = 900'000) {
    PlaylistFile file{.uri = uri, .gops = {}};
    for (int i = 0; i < gops; ++i) {
        file.gops.push_back({.offset = static_cast<std::uint64_t>(i) * 1880,
                             .bytes = 1880,
                             .pts = pts + static_cast<ts::Ticks>(i) * 180'000,
                             .ticks = 180'000,
                             .time = start + seconds(2 * i),
                             .frames = 60});
    }
    return file;
}

int count(const std::string& text, const std::string& word) {
    int found = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        ++found;
    }
    return found;
}

} // namespace

TEST(VodPlaylist, NamesEachGopAsAByteRange) {
    const std::string text = vod_playlist({file_of("day/a.ts", 3)}, kStart, kStart + seconds(6));
    EXPECT_EQ(text, "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:2\n"
                    "#EXT-X-PLAYLIST-TYPE:VOD\n"
                    "#EXT-X-PROGRAM-DATE-TIME:2026-11-18T11:06:40.000Z\n"
                    "#EXTINF:2.000000,\n#EXT-X-BYTERANGE:1880@0\nday/a.ts\n"
                    "#EXTINF:2.000000,\n#EXT-X-BYTERANGE:1880@1880\nday/a.ts\n"
                    "#EXTINF:2.000000,\n#EXT-X-BYTERANGE:1880@3760\nday/a.ts\n#EXT-X-ENDLIST\n");
}

TEST(VodPlaylist, HoldsWhatTheRangeTouchesAndNoMore) {
    const std::string text =
        vod_playlist({file_of("a.ts", 10)}, kStart + seconds(5), kStart + seconds(6) + microseconds(1));
    EXPECT_EQ(count(text, "#EXTINF"), 2);
    EXPECT_THAT(text, HasSubstr("1880@3760"));
    EXPECT_EQ(vod_playlist({file_of("a.ts", 10)}, kStart + seconds(20), kStart + seconds(30)), "");
}

TEST(VodPlaylist, NamesEachGopAndTheHeaderOfEachFileAsFragmentedMp4) {
    const auto second = file_of("day/b.ts", 1, kStart + seconds(2), 900'000 + 180'000);
    const std::string text =
        vod_playlist({file_of("day/a.ts", 1), second}, kStart, kStart + seconds(6), Container::fmp4);
    EXPECT_EQ(text, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:2\n"
                    "#EXT-X-PLAYLIST-TYPE:VOD\n"
                    "#EXT-X-PROGRAM-DATE-TIME:2026-11-18T11:06:40.000Z\n"
                    "#EXT-X-MAP:URI=\"day/a.ts/init.mp4\"\n"
                    "#EXTINF:2.000000,\nday/a.ts/gop.m4s?at=0&bytes=1880&ticks=180000\n"
                    "#EXT-X-MAP:URI=\"day/b.ts/init.mp4\"\n"
                    "#EXTINF:2.000000,\nday/b.ts/gop.m4s?at=0&bytes=1880&ticks=180000\n#EXT-X-ENDLIST\n");
}

TEST(VodPlaylist, GoesOnOverFilesOfOneRun) {
    const auto second = file_of("b.ts", 2, kStart + seconds(4), 900'000 + 360'000);
    const std::string text = vod_playlist({file_of("a.ts", 2), second}, kStart, kStart + seconds(60));
    EXPECT_THAT(text, Not(HasSubstr("DISCONTINUITY")));
    EXPECT_EQ(count(text, "PROGRAM-DATE-TIME"), 1);
}

TEST(VodPlaylist, MarksAGapAndSaysTheTimeBehindIt) {
    const auto second = file_of("b.ts", 2, kStart + seconds(60), 900'000 + 60 * 90'000);
    const std::string text = vod_playlist({file_of("a.ts", 2), second}, kStart, kStart + seconds(600));
    EXPECT_THAT(text, HasSubstr("#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-18T11:07:40.000Z\n"));
}

TEST(VodPlaylist, MarksTheBeginOfAnotherRunAndAClockThatStepsBack) {
    const auto next_run = file_of("b.ts", 2, kStart + seconds(4));
    EXPECT_EQ(
        count(vod_playlist({file_of("a.ts", 2), next_run}, kStart, kStart + seconds(60)), "DISCONTINUITY"),
        1);
    const auto clock_back = file_of("b.ts", 2, kStart - seconds(30), 900'000 + 360'000);
    const std::string text =
        vod_playlist({file_of("a.ts", 2), clock_back}, kStart - seconds(60), kStart + seconds(60));
    EXPECT_EQ(count(text, "DISCONTINUITY"), 1);
    EXPECT_THAT(text, HasSubstr("2026-11-18T11:06:10.000Z"));
}

TEST(VodPlaylist, TakesDurationsFromFrameToFrame) {
    PlaylistFile file = file_of("a.ts", 3);
    file.gops[1].pts += 3'000; // a frame was lost before it
    file.gops[1].time = file.gops[1].time + microseconds(33'333);
    const std::string text = vod_playlist({file}, kStart, kStart + seconds(60));
    EXPECT_THAT(text, HasSubstr("#EXTINF:2.033333,"));
    EXPECT_THAT(text, HasSubstr("#EXTINF:1.966667,"));
    EXPECT_THAT(text, Not(HasSubstr("DISCONTINUITY")));
    EXPECT_EQ(count(text, "PROGRAM-DATE-TIME"), 1);
}

TEST(VodPlaylist, SaysTheTimeAgainWhereTheClockDrifts) {
    PlaylistFile file = file_of("a.ts", 3);
    file.gops[2].time = file.gops[2].time + microseconds(1'500);
    EXPECT_EQ(count(vod_playlist({file}, kStart, kStart + seconds(60)), "PROGRAM-DATE-TIME"), 2);
}

TEST(VodPlaylist, TellsPlayersToPassOverAMissingFile) {
    auto lost = file_of("b.ts", 1, kStart + seconds(4), 900'000 + 360'000);
    lost.missing = true;
    const std::string text = vod_playlist({file_of("a.ts", 2), lost}, kStart, kStart + seconds(60));
    EXPECT_EQ(count(text, "#EXT-X-GAP"), 1);
    EXPECT_THAT(text, HasSubstr("#EXT-X-VERSION:8"));
}

TEST(LivePlaylist, IsABoundedWindowWhoseNumbersGoOn) {
    PlaylistFile file = file_of("a.ts", 100);
    file.number = 7;
    file.first_gop = 1000;
    const std::string before = live_playlist({file}, seconds(20));
    EXPECT_EQ(count(before, "#EXTINF"), 10);
    EXPECT_THAT(before, HasSubstr("#EXT-X-MEDIA-SEQUENCE:1090\n#EXT-X-DISCONTINUITY-SEQUENCE:7\n"));
    EXPECT_THAT(before, Not(HasSubstr("ENDLIST")));
    PlaylistFile next = file_of("b.ts", 1, kStart + seconds(200), 900'000 + 200 * 90'000);
    next.number = 8;
    next.first_gop = 1100;
    const std::string after = live_playlist({file, next}, seconds(20));
    EXPECT_EQ(count(after, "#EXTINF"), 10);
    EXPECT_THAT(after, HasSubstr("#EXT-X-MEDIA-SEQUENCE:1091\n"));
    EXPECT_EQ(count(after, "#EXT-X-DISCONTINUITY\n"), 1);
    EXPECT_EQ(live_playlist({}, seconds(20)), "");
}

TEST(Coverage, JoinsRangesThatTouchOrAreNearerThanAsked) {
    const std::vector<Range> ranges{{{30}, {40}}, {{0}, {10}}, {{10}, {20}}, {{15}, {18}}};
    EXPECT_EQ(joined(ranges, microseconds(0)), (std::vector<Range>{{{0}, {20}}, {{30}, {40}}}));
    EXPECT_EQ(joined(ranges, microseconds(10)), (std::vector<Range>{{{0}, {40}}}));
}
