#include "plugins/telemetry/sample.hpp"
#include "plugins/telemetry/track.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace std::chrono_literals;

namespace {

constexpr Utc kStart{1'700'000'000'000'000};

klv::LocalSet heading(double degrees) {
    klv::LocalSet set;
    EXPECT_TRUE(set.set_number(5, degrees));
    return set;
}

} // namespace

TEST(Track, BlendsHeadingAcrossNorth) {
    Track track;
    track.add(heading(350), kStart);
    track.add(heading(20), kStart + 200ms);
    const Match match = track.at(kStart + 100ms);
    EXPECT_EQ(match.method, Method::interpolated);
    EXPECT_NEAR(*match.set.number(5), 5, 0.01);
    EXPECT_EQ(match.set.time()->us, static_cast<std::uint64_t>((kStart + 100ms).us));
    EXPECT_EQ(match.age, -100ms);
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
