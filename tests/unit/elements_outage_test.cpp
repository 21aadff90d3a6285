// Cameras that fall silent without a word, and senders that begin anew: vehiclesrc says so and comes back.
#include "plugins/elements/source_life.hpp"
#include "tests/unit/ts_scene.hpp"

using namespace masthead;
using namespace masthead::test;
using namespace std::chrono_literals;

namespace {

std::string sink_of(const std::string& scheme, const std::string& port) {
    return scheme == "srt"
               ? "srtsink wait-for-connection=false uri=srt://127.0.0.1:" + port + "?mode=listener"
           : scheme == "rtp" ? "rtpmp2tpay ! udpsink host=127.0.0.1 port=" + port
                             : "udpsink host=127.0.0.1 port=" + port;
}

SceneOptions from(std::uint64_t start) {
    SceneOptions options;
    options.pts = [start](int i) { return start + static_cast<std::uint64_t>(i) * kFrameTicks; };
    return options;
}

} // namespace

TEST(VehicleSrc, NoticesWithinFourSecondsThatAStreamFellSilentAndGoesOnWhenItIsBack) {
    for (const std::string scheme : {"udp", "rtp", "srt"}) {
        SCOPED_TRACE(scheme);
        const std::string port = std::to_string(free_udp_port());
        Camera camera("uri=" + scheme + "://127.0.0.1:" + port);
        camera.start();
        auto sender = std::make_unique<TsSender>(scene_as_ts(), sink_of(scheme, port));
        ASSERT_FALSE(camera.frames(20).empty());
        sender->fall_silent();
        expect_said_within_four_seconds(camera);
        const auto before = camera.came().video.back().pts;
        sender.reset();
        sender = std::make_unique<TsSender>(scene_as_ts(), sink_of(scheme, port));
        ASSERT_TRUE(camera.wait_for("playing"));
        EXPECT_GT(camera.frames(5).front(), before);
        camera.stop();
    }
}

TEST(VehicleSrc, HearsAtOnceASenderThatWasSilentForLong) {
    // Nobody is there to be spared: who only listens never stops listening for long.
    SourceLife life(SourceLife::Reach::listens);
    auto now = SourceLife::Instant(0s);
    (void)life.begin(now);
    for (int i = 0; i < 20; ++i) {
        now += 11s;
        ASSERT_EQ(life.tick(now), SourceAction::disconnect);
        now += 500ms;
        ASSERT_EQ(life.tick(now), SourceAction::connect);
    }
}

TEST(VehicleSrc, GoesOnWithinTwoSecondsWithASenderThatBeginsAnew) {
    for (const std::string scheme : {"udp", "rtp"}) {
        SCOPED_TRACE(scheme);
        const std::string port = std::to_string(free_udp_port());
        Camera camera("uri=" + scheme + "://127.0.0.1:" + port);
        camera.start();
        auto sender = std::make_unique<TsSender>(scene_as_ts(from(900'000)), sink_of(scheme, port));
        ASSERT_FALSE(camera.frames(30).empty());
        sender.reset();
        const std::size_t first = camera.came().video.size();
        const auto stopped = std::chrono::steady_clock::now();
        sender = std::make_unique<TsSender>(scene_as_ts(from(8'000'000'000)), sink_of(scheme, port));
        const auto came =
            camera.when([&](const Camera::Streams& now) { return now.video.size() >= first + 10; });
        EXPECT_LT(std::chrono::steady_clock::now() - stopped, 2s);
        ASSERT_GE(came.video.size(), first + 10);
        EXPECT_GT(came.video.back().pts, came.video[first - 1].pts);
        EXPECT_LT(came.video.back().pts, came.video[first - 1].pts + 2 * GST_SECOND);
        camera.stop();
    }
}

TEST(VehicleSrc, GoesOnWithinTwoSecondsWhereAStreamBeginsToCarryKlv) {
    const std::string port = std::to_string(free_udp_port());
    Camera camera("uri=udp://127.0.0.1:" + port);
    camera.start();
    TsWriter writer;
    std::vector<Bytes> parts;
    for (int i = 0; i < kSceneFrames; ++i) {
        const bool klv = i >= 60;
        if (i % 10 == 0) {
            writer.tables(klv ? std::vector{h264_stream(), synchronous_klv()} : std::vector{h264_stream()},
                          kVideoPid, klv ? 1 : 0);
        }
        const std::uint64_t pts = 900'000 + static_cast<std::uint64_t>(i) * kFrameTicks;
        writer.pes(kVideoPid, scene()[static_cast<std::size_t>(i)],
                   {.pts = pts, .pcr = pts - kMuxDelay, .sized = false});
        if (klv) {
            writer.pes(kKlvPid, cell(scene_packet(i)), {.stream_id = 0xFC, .pts = pts});
        }
        parts.push_back(writer.take());
    }
    const TsSender sender(parts, sink_of("udp", port));
    const auto came = camera.when([](const Camera::Streams& now) { return now.klv.size() >= 10; });
    EXPECT_GE(packets_on_their_frames(came), 5);
    EXPECT_LT(packet_number(came.klv.front().bytes), 60 + 50);
    camera.stop();
}
