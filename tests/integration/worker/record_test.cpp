// Recording by the real masthead-worker: killed at random, and without a disk to write to.
#include "plugins/recording/file_names.hpp"
#include "plugins/recording/index_repair.hpp"
#include "tests/integration/worker/ts_camera.hpp"
#include "tests/integration/worker/workers.hpp"
#include "tests/unit/recording_scene.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <random>

using namespace masthead;
using namespace masthead::test;
using control::RecordingPhase;
using testing::HasSubstr;

namespace {

class Recording : public Workers {
  protected:
    Recording() : Recording(std::make_unique<recording::TemporaryFolder>()) {}

    [[nodiscard]] std::filesystem::path root() const { return folder_->path(); }
    void record(const std::string& vehicle, std::uint16_t port) {
        const std::string recipe = R"({"title":"t","ingest":{"uri":"udp://127.0.0.1:)" +
                                   std::to_string(port) +
                                   R"("},"telemetry":{"source":"none"},"outputs":{"record":{}}})";
        fleet_.set_vehicles({{vehicle, control::VehicleKind::drone, {}, {}, {{"nose", recipe}}}});
    }
    /// How often a file was told of: at least as many of its GOPs are on the disk.
    [[nodiscard]] std::size_t told(const std::string& file) const {
        return static_cast<std::size_t>(std::ranges::count_if(heard_.recordings, [&](const auto& state) {
            return state.file == file && state.state == RecordingPhase::recording;
        }));
    }
    [[nodiscard]] std::string newest() const {
        return heard_.recordings.empty() ? "" : heard_.recordings.back().file;
    }
    /// Lets the loop run.
    void wait(std::chrono::milliseconds time) const {
        const gint64 end = g_get_monotonic_time() + time.count() * 1000;
        EXPECT_TRUE(saying([] {}, [end] { return g_get_monotonic_time() >= end; }));
    }

  private:
    explicit Recording(std::unique_ptr<recording::TemporaryFolder> folder)
        : Workers(folder->path()), folder_(std::move(folder)) {}
    std::unique_ptr<recording::TemporaryFolder> folder_;
};

int kills() {
    const char* wanted = std::getenv("MASTHEAD_KILLS");
    return wanted ? std::atoi(wanted) : 3;
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_F(Recording, LosesNothingBeforeTheLastGopWhenItsWorkerIsKilled) {
    const std::uint16_t port = free_udp_port();
    const TsCamera camera(port);
    record("kestrel", port);
    std::mt19937 random(4711);
    std::set<std::string> files;
    for (int round = 0; round < kills(); ++round) {
        ASSERT_TRUE(until([&] { return !files.contains(newest()) && told(newest()) >= 2; }));
        wait(std::chrono::milliseconds(random() % 1500));
        const std::string file = newest();
        const std::size_t known = told(file);
        kill_worker_of("kestrel");
        files.insert(file);
        // Its successor puts it in order before it records itself.
        ASSERT_TRUE(until([&] { return !files.contains(newest()); }));
        const auto index = recording::load_index(root() / file);
        ASSERT_TRUE(index) << index.error().message;
        EXPECT_GE(index->gops.size() + 1, known); // the first word says that it was begun
        EXPECT_EQ(text_of(recording::index_of(root() / file)), *recording::scan(root() / file));
        EXPECT_EQ(index->gops.back().offset + index->gops.back().bytes,
                  std::filesystem::file_size(root() / file));
    }
}

TEST_F(Recording, IsCountedWithWhatComesFromTheCamera) {
    const std::uint16_t port = free_udp_port();
    const TsCamera camera(port);
    record("kestrel", port);
    ASSERT_TRUE(until([&] {
        return !heard_.figures.empty() && heard_.figures.back().recorded_frames > 30 &&
               heard_.figures.back().frames_per_1000_s > 0;
    }));
    const control::CameraFigures& figures = heard_.figures.back();
    EXPECT_EQ(figures.vehicle, "kestrel");
    EXPECT_EQ(figures.camera, "nose");
    EXPECT_GE(figures.frames, figures.recorded_frames);
    EXPECT_GT(figures.bytes, figures.frames);
    EXPECT_GT(figures.bitrate_bps, 0U);
    EXPECT_GT(figures.recorded_bytes, figures.recorded_frames * 188) << "a frame fills a packet";
    ASSERT_EQ(figures.outputs.size(), 1U);
    EXPECT_EQ(figures.outputs[0].name, "record");
    kill_worker_of("kestrel");
    ASSERT_TRUE(until([&] { return heard_.figures.back().frames < 30; })) << "its successor counts anew";
}

TEST_F(Recording, IsAnAlarmAndNoHarmToTheCameraWhenTheDiskCannotBeWritten) {
    std::ofstream(root() / "kestrel") << "in the way";
    const std::uint16_t port = free_udp_port();
    const TsCamera camera(port);
    record("kestrel", port);
    ASSERT_TRUE(until([&] {
        return !heard_.recordings.empty() && heard_.recordings.back().state == RecordingPhase::failing;
    }));
    EXPECT_THAT(heard_.recordings.back().detail, HasSubstr("Not a directory"));
    ASSERT_TRUE(until([&] {
        const auto* state = heard_.camera("nose");
        return state && state->state == control::CameraPhase::playing &&
               state->detail.find("output 'record'") != std::string::npos;
    }));
    std::filesystem::remove(root() / "kestrel");
    ASSERT_TRUE(until([&] { return heard_.recordings.back().state == RecordingPhase::recording; }));
    ASSERT_TRUE(until([&] { return heard_.camera("nose")->detail.empty(); }));
    EXPECT_TRUE(std::ranges::none_of(heard_.workers, [](const auto& worker) {
        return !worker.up && worker.pid == 0;
    })) << "the worker never went";
}
