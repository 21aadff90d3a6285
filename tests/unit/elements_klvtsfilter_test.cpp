// KLV in MPEG-TS, in every way it is carried, through klvtsfilter and vehiclesrc: on the very PTS of its
// frame.
#include "tests/unit/ts_scene.hpp"

#include <sstream>

using namespace masthead;
using namespace masthead::test;

namespace {

// tsdemux follows the sender's clock while it runs: what it makes of one PTS may change between two packets.
constexpr GstClockTime kLiveSlack = 0;

struct Carriage {
    std::string name;
    SceneOptions options;
};

SceneOptions with_klv(std::vector<TsStream> klv,
                      std::function<void(TsWriter&, int number, std::uint64_t pts)> write) {
    SceneOptions options;
    options.klv = std::move(klv);
    options.write_klv = std::move(write);
    return options;
}

std::vector<Carriage> carriages() {
    const auto raw = [](TsWriter& out, int i, std::uint64_t pts) {
        out.pes(kKlvPid, scene_packet(i), {.stream_id = 0xBD, .pts = pts});
    };
    const auto fragments = [](TsWriter& out, int i, std::uint64_t pts) {
        const Bytes whole = scene_packet(i);
        const ByteSpan klv = whole;
        out.pes(kKlvPid, cell(klv.first(10), 2), {.stream_id = 0xFC, .pts = pts});
        out.pes(kKlvPid, cell(klv.subspan(10, 20), 0), {.stream_id = 0xFC});
        out.pes(kKlvPid, cell(klv.subspan(30), 1), {.stream_id = 0xFC});
    };
    const auto cut_up = [](TsWriter& out, int i, std::uint64_t pts) {
        const Bytes whole = scene_packet(i);
        out.pes(kKlvPid, ByteSpan(whole).first(25), {.stream_id = 0xBD, .pts = pts});
        out.pes(kKlvPid, ByteSpan(whole).subspan(25), {.stream_id = 0xBD});
    };
    const auto without_header = [](TsWriter& out, int i, std::uint64_t pts) {
        out.pes(kKlvPid, scene_packet(i), {.stream_id = 0xFC, .pts = pts});
    };
    const auto in_turn = [](TsWriter& out, int i, std::uint64_t pts) { // PIDs in pieces, one within the other
        const Bytes whole = scene_packet(i);
        const std::uint16_t pid = i % 2 == 0 ? kKlvPid : kKlvPid + 1;
        out.pes(pid, cell(ByteSpan(whole).first(25), 2), {.stream_id = 0xFC, .pts = pts});
        out.pes(pid, cell(ByteSpan(whole).subspan(25), 1), {.stream_id = 0xFC});
    };
    const SceneOptions usual;
    return {
        {"synchronous", usual},
        {"synchronous in fragments", with_klv({synchronous_klv()}, fragments)},
        {"asynchronous", with_klv({asynchronous_klv()}, raw)},
        {"asynchronous cut up", with_klv({asynchronous_klv()}, cut_up)},
        {"private type with stream id 0xFC", with_klv({asynchronous_klv()}, without_header)},
        {"two PIDs", with_klv({synchronous_klv(), synchronous_klv(kKlvPid + 1)}, in_turn)},
        {"two empty PIDs before it",
         with_klv({asynchronous_klv(kKlvPid + 3), synchronous_klv(kKlvPid + 2), synchronous_klv()},
                  usual.write_klv)},
    };
}

/// The scene's frames, in their order, and each with its packet from the first to the last that came.
void expect_whole(const Camera::Streams& came, std::size_t at_least) {
    EXPECT_GE(came.video.size(), at_least);
    EXPECT_GE(packets_on_their_frames(came, kLiveSlack), static_cast<int>(came.video.size()) - 1);
    for (std::size_t i = 1; i < came.video.size(); ++i) {
        EXPECT_EQ(frame_number(came.video[i].bytes), frame_number(came.video[i - 1].bytes) + 1);
    }
}

/// Until the last of `count` frames came, but for those that end only where another begins.
std::function<bool(const Camera::Streams&)> nearly(int count) {
    return [count](const Camera::Streams& came) {
        return !came.video.empty() && frame_number(came.video.back().bytes) >= count - 4;
    };
}

/// A sender, and a camera that listened to it from before it began.
struct Live {
    Live(const std::string& scheme, const std::vector<Bytes>& parts) : name(scheme) {
        const std::string port = std::to_string(free_udp_port());
        const std::map<std::string, std::string> sinks{
            {"udp", "udpsink host=127.0.0.1 port=" + port},
            {"rtp", "rtpmp2tpay ! udpsink host=127.0.0.1 port=" + port},
            {"srt", "srtsink uri=srt://127.0.0.1:" + port + "?mode=listener wait-for-connection=true"},
        };
        camera = std::make_unique<Camera>("uri=" + scheme + "://127.0.0.1:" + port);
        camera->start();
        sender = std::make_unique<TsSender>(parts, sinks.at(scheme));
    }
    std::string name;
    std::unique_ptr<Camera> camera;
    std::unique_ptr<TsSender> sender;
};

} // namespace

TEST(KlvTsFilter, GivesVehicleSrcTheKlvOfALiveStreamOnItsFrames) {
    std::vector<Live> lives;
    auto parts = scene_as_ts();
    parts.resize(75);
    for (const std::string scheme : {"udp", "rtp", "srt"}) {
        lives.emplace_back(scheme, parts);
    }
    for (Live& live : lives) {
        SCOPED_TRACE(live.name);
        expect_whole(live.camera->when(nearly(75)), 40);
    }
}

TEST(KlvTsFilter, GivesVehicleSrcEveryPacketOfAFileOnItsFrame) {
    for (const Carriage& carriage : carriages()) {
        SCOPED_TRACE(carriage.name);
        const auto file = recording_of(carriage.options);
        Camera camera("uri=file://" + file.string());
        camera.start();
        EXPECT_TRUE(camera.ends());
        const auto came = camera.came();
        EXPECT_EQ(came.video.size(), std::size_t{kSceneFrames});
        EXPECT_EQ(packets_on_their_frames(came), kSceneFrames);
        camera.stop();
        std::filesystem::remove(file);
    }
}

TEST(KlvTsFilter, LetsAStreamComeThatTheFirstTablesDidNotName) {
    // What a GStreamer srtsink tells each caller first: the tables from when its muxer knew the KLV alone.
    TsWriter head;
    head.tables({synchronous_klv()}, kKlvPid, 31);
    for (std::uint64_t i = 20; i > 0; --i) {
        const std::uint64_t pts = 900'000 - i * kFrameTicks;
        head.pes(kKlvPid, cell(packet_at(kSceneStart - std::chrono::milliseconds(40 * i)), 3),
                 {.stream_id = 0xFC, .pts = pts, .pcr = pts - kMuxDelay});
    }
    auto parts = scene_as_ts();
    parts.insert(parts.begin(), head.take());
    const auto file = file_of(parts);
    Camera camera("uri=file://" + file.string());
    camera.start();
    EXPECT_TRUE(camera.ends());
    auto came = camera.came();
    std::erase_if(came.klv, [](const Came& packet) { return packet_number(packet.bytes) < 0; }); // the head's
    EXPECT_EQ(came.video.size(), std::size_t{kSceneFrames});
    EXPECT_EQ(packets_on_their_frames(came), kSceneFrames);
    camera.stop();
    std::filesystem::remove(file);
}

TEST(KlvTsFilter, HoldsUpNoVideoForAPidThatCarriesNothing) {
    const auto file = recording_of(with_klv({synchronous_klv()}, [](TsWriter&, int, std::uint64_t) {}));
    Camera camera("uri=file://" + file.string());
    camera.start();
    EXPECT_TRUE(camera.ends());
    EXPECT_EQ(camera.came().video.size(), std::size_t{kSceneFrames});
    EXPECT_TRUE(camera.came().klv.empty());
    camera.stop();
    std::filesystem::remove(file);
}

TEST(KlvTsFilter, KeepsKlvOnItsFramesWhereTheClockWrapsOrJumps) {
    constexpr std::uint64_t kHour = 3600 * 90'000ULL;
    const auto even = [](std::uint64_t start) {
        return [start](int i) { return start + static_cast<std::uint64_t>(i) * kFrameTicks; };
    };
    const auto jump = [](std::int64_t by) {
        return [by](int i) {
            return 2 * kHour + static_cast<std::uint64_t>(i) * kFrameTicks +
                   (i < 75 ? 0 : static_cast<std::uint64_t>(by));
        };
    };
    const struct {
        const char* name;
        std::function<std::uint64_t(int)> pts;
    } cases[] = {{"wraps", even((1ULL << 33) - 75 * kFrameTicks)},
                 {"jumps an hour ahead", jump(kHour)},
                 {"jumps an hour back", jump(-static_cast<std::int64_t>(kHour))},
                 {"jumps two seconds ahead", jump(180'000)},
                 {"jumps two seconds back", jump(-180'000)}};
    for (const auto& each : cases) {
        for (const bool klv_first : {false, true}) {
            SCOPED_TRACE(each.name + std::string(klv_first ? ", KLV first" : ""));
            SceneOptions options;
            options.pts = each.pts;
            options.klv_first = klv_first;
            const auto file = recording_of(options);
            Camera camera("uri=file://" + file.string());
            camera.start();
            EXPECT_TRUE(camera.ends());
            const auto came = camera.came();
            EXPECT_GE(came.video.size(), std::size_t{kSceneFrames} - 2);
            EXPECT_GE(packets_on_their_frames(came), kSceneFrames - 2);
            for (std::size_t i = 1; i < came.video.size(); ++i) {
                const auto step = GST_CLOCK_DIFF(came.video[i - 1].pts, came.video[i].pts);
                EXPECT_GE(step, 0) << i;
                EXPECT_LE(step, 3 * static_cast<GstClockTimeDiff>(GST_SECOND)) << i;
            }
            camera.stop();
            std::filesystem::remove(file);
        }
    }
}

TEST(KlvTsFilter, GoesOnWithinASecondWhereALiveClockJumps) {
    constexpr std::int64_t kHour = 3600 * 90'000LL;
    std::vector<std::pair<std::int64_t, Live>> lives;
    for (const std::int64_t by :
         {kHour, -kHour, std::int64_t{180'000}, std::int64_t{-180'000}, std::int64_t{0}}) {
        SceneOptions options; // a jump, or the wrap, after 60 frames
        options.pts = [by](int i) {
            const auto start =
                by == 0 ? (1ULL << 33) - 60 * kFrameTicks : 2 * static_cast<std::uint64_t>(kHour);
            return start + static_cast<std::uint64_t>(i) * kFrameTicks +
                   (i < 60 ? 0 : static_cast<std::uint64_t>(by));
        };
        for (const bool klv_first : {false, true}) {
            options.klv_first = klv_first;
            lives.emplace_back(by, Live("udp", scene_as_ts(options)));
        }
    }
    for (auto& [by, live] : lives) {
        SCOPED_TRACE(by);
        const auto came = live.camera->when(nearly(kSceneFrames));
        ASSERT_FALSE(came.video.empty());
        packets_on_their_frames(came, kLiveSlack);
        GstClockTime last = came.video.front().pts;
        for (std::size_t i = 1; i < came.video.size(); ++i) {
            EXPECT_EQ(frame_number(came.video[i].bytes), frame_number(came.video[i - 1].bytes) + 1);
            const GstClockTime pts = came.video[i].pts;
            ASSERT_TRUE(GST_CLOCK_TIME_IS_VALID(pts)) << i;
            EXPECT_GT(pts, last);
            EXPECT_LT(pts, last + GST_SECOND);
            last = pts;
        }
        EXPECT_GE(came.klv.size() + 4, came.video.size());
    }
}

TEST(KlvTsFilter, AgreesWithFfprobeOnTheTimesOfSynchronousKlv) {
    const auto file = recording_of({});
    gchar* text = nullptr;
    ASSERT_TRUE(g_spawn_command_line_sync(
        ("ffprobe -v error -select_streams d -show_entries packet=pts -of default=nw=1:nk=1 " + file.string())
            .c_str(),
        &text, nullptr, nullptr, nullptr));
    std::istringstream lines(take_string(text));
    std::vector<std::int64_t> theirs; // 90 kHz
    for (std::string line; std::getline(lines, line);) {
        theirs.push_back(std::stoll(line));
    }
    Camera camera("uri=file://" + file.string());
    camera.start();
    EXPECT_TRUE(camera.ends());
    const auto came = camera.came();
    ASSERT_EQ(theirs.size(), came.klv.size());
    for (std::size_t i = 0; i < theirs.size(); ++i) {
        const auto since = GST_CLOCK_DIFF(came.klv.front().pts, came.klv[i].pts);
        EXPECT_NEAR(static_cast<double>(since),
                    static_cast<double>(theirs[i] - theirs.front()) * 1e9 / 90'000, 1000);
    }
    camera.stop();
    std::filesystem::remove(file);
}

TEST(KlvTsFilter, KeepsFromTheDemuxerWhatItWouldDieOf) {
    // A frame without PTS before any time can be told: tsdemux 1.22 aborts.
    const auto file = temporary("hostile.ts");
    TsWriter out;
    for (int round = 0; round < 3; ++round) {
        out.tables({h264_stream(), synchronous_klv()}, round == 1 ? kKlvPid : kVideoPid,
                   static_cast<std::uint8_t>(round));
        for (int i = 0; i < 50; ++i) {
            PesOptions options{.sized = false};
            if (i % 3 != 0) {
                options.pts = 900'000 + static_cast<std::uint64_t>(i) * kFrameTicks;
            }
            out.pes(kVideoPid, scene()[static_cast<std::size_t>(i)], options);
        }
    }
    std::ofstream(file, std::ios::binary) << as_text(out.bytes());
    Camera camera("uri=file://" + file.string());
    camera.start();
    EXPECT_TRUE(camera.ends());
    EXPECT_FALSE(camera.came().video.empty());
    camera.stop();
    std::filesystem::remove(file);
}

TEST(KlvTsFilter, FailsAtTheEndOfAFileThatNeverSaysWhatIsInIt) {
    const auto file = temporary("untold.ts");
    TsWriter out;
    for (int i = 0; i < 50; ++i) {
        out.pes(kVideoPid, scene()[static_cast<std::size_t>(i)],
                {.pts = 900'000, .pcr = 900'000, .sized = false});
    }
    std::ofstream(file, std::ios::binary) << as_text(out.bytes());
    Camera camera("uri=file://" + file.string());
    camera.start();
    EXPECT_TRUE(camera.wait_for(GST_MESSAGE_ERROR));
    camera.stop();
    std::filesystem::remove(file);
}
