// A camera's sound through the real masthead-worker: it reaches viewers, and nothing it does harms the video.
#include "tests/integration/worker/ts_camera.hpp"
#include "tests/integration/worker/workers.hpp"

#include <gmock/gmock.h>

using namespace masthead;
using namespace masthead::control;
using namespace masthead::test;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char* kAac =
    "audiotestsrc is-live=true freq=440 ! audio/x-raw,rate=44100,channels=2 ! avenc_aac ! aacparse";
constexpr std::int64_t kFramesASecond = 15;

class Sound : public Workers {
  protected:
    /// Waits until that many more buffers have come to the pad of viewersink.
    [[nodiscard]] bool flows(const std::string& pad, std::int64_t more) {
        std::optional<std::int64_t> first;
        return saying(
            [&] {
                (void)fleet_.ask_graph({"graph-1", "kestrel", "nose"});
            },
            [&] {
                const auto link = heard_.link_into("viewers", pad);
                const auto flow = link ? link->object("flow")->integer("buffers") : Result<std::int64_t>(0);
                first = first ? first : std::optional(flow.value_or(0));
                return flow.value_or(0) >= *first + more;
            });
    }
    [[nodiscard]] bool is_heard() const {
        return heard_.camera("nose") && heard_.camera("nose")->audio == true;
    }
};

WorkerCamera launched(const std::string& sound) {
    return {"nose", R"({"title":"test","ingest":{"launch":"videotestsrc is-live=true ! )"
                    R"(video/x-raw,width=320,height=180,framerate=15/1 ! x264enc tune=zerolatency ! )"
                    R"(video/x-h264,profile=constrained-baseline ! h264parse name=video )" +
                        sound + R"( name=audio"},"telemetry":{"source":"none"},"outputs":{"webrtc":{}}})"};
}

} // namespace

TEST_F(Sound, IsOfferedToViewersAndDrawnInTheGraph) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port, {.sound = kAac});
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", port)})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing) && is_heard(); }));
    ASSERT_TRUE(flows("audio", 100));
    EXPECT_THAT(heard_.link_into("viewers", "audio")->string("caps").value_or(""), HasSubstr("audio/x-opus"));
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.offers.empty(); })) << heard_.viewers_text();
    EXPECT_THAT(heard_.offers[0].sdp, HasSubstr("OPUS/48000/2"));
}

TEST_F(Sound, MayBreakOffAndTheVideoGoesOn) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port, {.sound = kAac});
    fleet_.set_vehicles({vehicle("kestrel", {camera("nose", port)})});
    ASSERT_TRUE(until([&] { return is_heard(); }));
    ASSERT_TRUE(flows("audio", 50));
    const std::size_t said = heard_.cameras.size();
    ts.silence();
    ASSERT_TRUE(flows("sink", 5 * kFramesASecond)) << "longer than a silent camera is waited for";
    EXPECT_EQ(heard_.cameras.size(), said) << "the camera's state did not change";
}

TEST_F(Sound, OfAnUnknownKindIsSaidAndTheVideoGoesOn) {
    fleet_.set_vehicles(
        {vehicle("kestrel", {launched("audiotestsrc is-live=true ! avenc_aac ! capssetter replace=true "
                                      "caps=audio/mpeg,mpegversion=3 ! identity")})});
    ASSERT_TRUE(until([&] {
        return heard_.camera_is("nose", CameraPhase::playing) &&
               heard_.camera("nose")->detail.find("sound: ") != std::string::npos;
    }));
    EXPECT_NE(heard_.camera("nose")->audio, true);
    ASSERT_TRUE(flows("sink", 2 * kFramesASecond));
    const auto times_lost = [&] {
        return std::ranges::count_if(heard_.cameras,
                                     [](const CameraState& one) { return one.detail.find("sound: ") == 0; });
    };
    const auto lost = times_lost();
    ASSERT_TRUE(until([&] { return times_lost() > lost; })) << "it is tried again";
    ASSERT_TRUE(flows("sink", 2 * kFramesASecond));
    for (const CameraState& state : heard_.cameras) {
        EXPECT_NE(state.state, CameraPhase::retrying) << state.detail;
    }
}

TEST_F(Sound, IsLeftOutWhereTheRecipeDoesNotWantIt) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port, {.sound = kAac});
    WorkerCamera mute = camera("nose", port);
    mute.recipe.replace(mute.recipe.find(R"("webrtc":{})"), 11, R"("webrtc":{"audio":false})");
    fleet_.set_vehicles({vehicle("kestrel", {mute})});
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::playing); }));
    ASSERT_TRUE(flows("sink", kFramesASecond));
    EXPECT_EQ(heard_.camera("nose")->audio, false);
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.offers.empty(); }));
    EXPECT_THAT(heard_.offers[0].sdp, Not(HasSubstr("m=audio")));
}
