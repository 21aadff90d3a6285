// What an import is made of, without a video: capture times, the telemetry of frames, and the place in the
// archive.
#include "plugins/recording/file_names.hpp"
#include "server/recording/frame_clock.hpp"
#include "server/recording/import_place.hpp"
#include "server/recording/telemetry_feed.hpp"
#include "tests/unit/recording_scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

using namespace masthead;
using namespace masthead::recording_tool;
using namespace std::chrono_literals;

namespace {

constexpr Utc kNoon{1'795'350'896'000'000};

TimedPlace place_at(std::int64_t ms, std::chrono::microseconds off = 0us) {
    return {ms * 90, kNoon + std::chrono::milliseconds(ms) + off};
}

Bytes packet(Utc time, double latitude) {
    Sample sample{.time = time};
    sample.latitude_deg = latitude;
    sample.longitude_deg = 8;
    return *klv::encode(to_local_set(sample));
}

double latitude_of(const FrameKlv& klv) { return *klv::parse(klv.bytes)->set.number(13); }

} // namespace

// --- FrameClock ---

TEST(FrameClock, TakesTheBestSourceThereIs) {
    TimeSources sources{.sei = {place_at(0)},
                        .klv = {place_at(0)},
                        .near_klv = {place_at(0)},
                        .stated = kNoon,
                        .created = kNoon,
                        .subtitles = kNoon};
    const auto method = [&] { return FrameClock::create(sources)->method(); };
    const auto source = [&] { return FrameClock::create(sources)->source(); };
    EXPECT_EQ(method(), FrameTimeMethod::sei);
    sources.sei.clear();
    EXPECT_EQ(method(), FrameTimeMethod::klv);
    sources.klv.clear();
    EXPECT_THAT(source(), testing::HasSubstr("no PTS"));
    sources.near_klv.clear();
    EXPECT_EQ(source(), "the start that was given");
    sources.stated.reset();
    EXPECT_THAT(source(), testing::HasSubstr("creation time"));
    sources.created.reset();
    EXPECT_THAT(source(), testing::HasSubstr("subtitles"));
    sources.subtitles.reset();
    EXPECT_FALSE(FrameClock::create(sources));
}

TEST(FrameClock, DoesNotBelieveClocksThatWereNeverSet) {
    EXPECT_FALSE(FrameClock::create({.klv = {{0, Utc{5'000'000}}}, .created = Utc{0}}));
}

TEST(FrameClock, GivesAFrameItsOwnInstantElseOneFromItsNeighbours) {
    TimeSources sources;
    for (const int ms : {0, 100, 200, 300, 400}) {
        sources.klv.push_back(place_at(ms, ms == 200 ? 7ms : 0us)); // one is off
    }
    const auto clock = FrameClock::create(std::move(sources));
    EXPECT_EQ(clock->at(200 * 90 + 20).utc, kNoon + 207ms); // its own, containers round
    EXPECT_EQ(clock->at(200 * 90).error, 0us);
    EXPECT_EQ(clock->at(240 * 90).utc, kNoon + 240ms);
    EXPECT_EQ(clock->at(240 * 90).error, 8ms); // what the neighbours differ by, and rounding
    EXPECT_EQ(clock->at(-40 * 90).utc, kNoon - 40ms);
    EXPECT_EQ(clock->at(1000 * 90).utc, kNoon + 1000ms);
}

TEST(FrameClock, FollowsAClockThatWasSetInTheMiddle) {
    TimeSources sources;
    for (int ms = 0; ms < 20'000; ms += 100) {
        sources.klv.push_back(place_at(ms, ms < 10'000 ? 0s : 3600s));
    }
    const auto clock = FrameClock::create(std::move(sources));
    EXPECT_EQ(clock->at(5'050 * 90).utc, kNoon + 5050ms);
    EXPECT_EQ(clock->at(15'050 * 90).utc, kNoon + 15050ms + 3600s);
}

TEST(FrameClock, ReadsSeiAsMispTimeWhereTheKlvSaysSo) {
    const auto misp = klv::to_misp(kNoon, klv::TimeSystem::misp);
    const auto posix = klv::to_misp(kNoon, klv::TimeSystem::posix);
    EXPECT_EQ(sei_time_system({{0, misp}}, {place_at(0)}), klv::TimeSystem::misp);
    EXPECT_EQ(sei_time_system({{0, posix}}, {place_at(0)}), klv::TimeSystem::posix);
    EXPECT_EQ(sei_time_system({{0, misp}}, {}), klv::TimeSystem::posix);
}

// --- TelemetryFeed ---

TEST(TelemetryFeed, BlendsPacketsInWhateverOrderTheyCame) {
    TelemetryFeed feed;
    for (const int second : {3, 0, 2, 1}) {
        const Utc time = kNoon + std::chrono::seconds(second);
        ASSERT_TRUE(feed.add(time, packet(time, 47 + second), klv::TimeSystem::posix));
    }
    feed.begin();
    EXPECT_EQ(feed.first(), kNoon);
    const auto between = feed.at(kNoon + 500ms, 0us, 40ms);
    ASSERT_TRUE(between);
    EXPECT_EQ(between->method, Method::interpolated);
    EXPECT_NEAR(latitude_of(*between), 47.5, 1e-6);
    // Frames are not quite in the order of time.
    EXPECT_NEAR(latitude_of(*feed.at(kNoon + 2400ms, 0us, 40ms)), 49.4, 1e-6);
    EXPECT_NEAR(latitude_of(*feed.at(kNoon + 2320ms, 0us, 40ms)), 49.32, 1e-6);
    EXPECT_EQ(feed.at(kNoon + 2s, 0us, 40ms)->bytes, packet(kNoon + 2s, 49)); // its own, as it came
    EXPECT_FALSE(feed.at(kNoon + 10s, 0us, 40ms));
}

TEST(TelemetryFeed, GoesBackWithAClockThatWasSetBack) {
    TelemetryFeed feed;
    for (int second = 0; second < 600; ++second) {
        const Utc time = kNoon + std::chrono::seconds(second);
        ASSERT_TRUE(feed.add(time, packet(time, second * 0.01), klv::TimeSystem::posix));
    }
    feed.begin();
    EXPECT_NEAR(latitude_of(*feed.at(kNoon + 500s + 500ms, 0us, 40ms)), 5.005, 1e-6);
    EXPECT_NEAR(latitude_of(*feed.at(kNoon + 10s + 500ms, 0us, 40ms)), 0.105, 1e-6);
    EXPECT_NEAR(latitude_of(*feed.at(kNoon + 300s + 500ms, 0us, 40ms)), 3.005, 1e-6);
}

TEST(TelemetryFeed, TakesTelemetryThatComesVeryOften) {
    TelemetryFeed feed;
    for (int i = 0; i < 20'000; ++i) { // 1000 a second
        const Utc time = kNoon + i * 1ms;
        ASSERT_TRUE(feed.add(time, packet(time, i * 1e-4), klv::TimeSystem::posix));
    }
    feed.begin();
    for (int frame = 0; frame < 500; ++frame) {
        const auto klv = feed.at(kNoon + frame * 40ms, 0us, 40ms);
        ASSERT_TRUE(klv);
        EXPECT_NEAR(latitude_of(*klv), frame * 40 * 1e-4, 1e-6);
    }
}

// --- ImportPlace ---

namespace {

/// Records `frames` of the scene into `folder`.
void record(const std::filesystem::path& folder, int frames = 30) {
    recording::Recorder recorder({.folder = folder});
    recording::Scene scene;
    for (int i = 0; i < frames; ++i) {
        ASSERT_TRUE(recorder.take(scene.next()));
    }
    ASSERT_TRUE(recorder.finish());
}

} // namespace

TEST(ImportPlace, PutsAWholeRecordingInItsPlaceAndNothingElse) {
    const recording::TemporaryFolder root;
    const auto camera = root.path() / "kestrel" / "nose";
    {
        auto place = ImportPlace::create(root.path(), camera);
        ASSERT_TRUE(place) << place.error().message;
        record(place->folder());
        EXPECT_TRUE(recording::recordings_under(root.path()).empty()); // not to be seen yet
        const auto files = place->publish();
        ASSERT_TRUE(files) << files.error().message;
        ASSERT_EQ(files->size(), 1U);
        EXPECT_EQ(files->front(), "kestrel/nose/" + recording::stem_of(recording::kSceneStart) + ".ts");
        EXPECT_TRUE(std::filesystem::exists(recording::index_of(root.path() / files->front())));
    }
    std::size_t left = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root.path())) {
        left += entry.path().filename() != "kestrel" ? 1 : 0;
    }
    EXPECT_EQ(left, 0U);
}

TEST(ImportPlace, NeverWritesOverAFileAndTakesBackWhatItHadMoved) {
    const recording::TemporaryFolder root;
    const auto camera = root.path() / "kestrel" / "nose";
    auto place = ImportPlace::create(root.path(), camera);
    ASSERT_TRUE(place);
    record(place->folder());
    const auto taken = camera / (recording::stem_of(recording::kSceneStart) + ".ts");
    std::filesystem::create_directories(taken.parent_path());
    std::ofstream(taken) << "mine";
    const auto files = place->publish();
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().code, Code::conflict);
    EXPECT_EQ(std::filesystem::file_size(taken), 4U);
    EXPECT_FALSE(std::filesystem::exists(recording::index_of(taken)));
}

TEST(ImportPlace, RemovesWhatAKilledImportLeftButNotWhatOneIsWorkingOn) {
    const recording::TemporaryFolder root;
    std::filesystem::create_directories(root.path() / ".import-dead00");
    const auto first = ImportPlace::create(root.path(), root.path() / "a" / "b");
    ASSERT_TRUE(first);
    EXPECT_FALSE(std::filesystem::exists(root.path() / ".import-dead00"));
    const auto second = ImportPlace::create(root.path(), root.path() / "a" / "b");
    ASSERT_TRUE(second);
    EXPECT_TRUE(std::filesystem::exists(first->folder()));
}

TEST(ImportPlace, FindsTimesThatTheCameraHasRecorded) {
    const recording::TemporaryFolder root;
    const auto camera = root.path() / "kestrel" / "nose";
    record(camera); // one second
    const Utc begin = recording::kSceneStart;
    EXPECT_TRUE(check_free(camera, begin - 10s, begin));
    EXPECT_TRUE(check_free(camera, begin + 1100ms, begin + 10s));
    EXPECT_TRUE(check_free(root.path() / "kestrel" / "tail", begin, begin + 1s));
    const auto taken = check_free(camera, begin + 900ms, begin + 10s);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::conflict);
    EXPECT_THAT(taken.error().message, testing::HasSubstr(recording::stem_of(begin)));
}
