#include "plugins/elements/source_life.hpp"
#include "plugins/elements/source_uri.hpp"
#include "plugins/glib/signal.hpp"
#include "tests/unit/vehicle_camera.hpp"

#include <gio/gio.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

using namespace masthead;
using namespace masthead::test;
using namespace std::chrono_literals;

namespace {

SourceLife::Instant at(std::chrono::milliseconds since) { return SourceLife::Instant(since); }

/// A real RTSP camera that can be switched off and on again at one port.
class RtspCamera {
  public:
    void on() {
        loop_ = std::make_unique<Loop>();
        server_ = Ref<GstRTSPServer>::adopt(gst_rtsp_server_new());
        gst_rtsp_server_set_address(server_.get(), "127.0.0.1");
        gst_rtsp_server_set_service(server_.get(), std::to_string(port_).c_str());
        GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
        const std::string launch =
            std::string("( videotestsrc is-live=true ! ") + kPicture +
            " ! x264enc tune=zerolatency key-int-max=25 ! valve name=gate ! rtph264pay name=pay0 pt=96 )";
        gst_rtsp_media_factory_set_launch(factory, launch.c_str());
        connect<GstRTSPMedia*>(factory, "media-configure", [this](GstRTSPMedia* media) {
            const auto bin = Ref<GstElement>::adopt(gst_rtsp_media_get_element(media));
            const std::lock_guard lock(mutex_);
            gate_ = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "gate"));
        });
        const auto mounts = Ref<GstRTSPMountPoints>::adopt(gst_rtsp_server_get_mount_points(server_.get()));
        gst_rtsp_mount_points_add_factory(mounts.get(), "/camera", factory);
        source_.reset(gst_rtsp_server_create_source(server_.get(), nullptr, nullptr));
        ASSERT_TRUE(source_);
        g_source_attach(source_.get(), loop_->context.get());
        port_ = gst_rtsp_server_get_bound_port(server_.get());
        loop_->start();
    }
    void off() {
        gst_rtsp_server_client_filter(
            server_.get(), [](GstRTSPServer*, GstRTSPClient*, gpointer) { return GST_RTSP_FILTER_REMOVE; },
            nullptr);
        loop_.reset();
        source_.reset();
        server_.reset();
    }
    /// The session stays, and nothing comes in it any more.
    void fall_silent() {
        const std::lock_guard lock(mutex_);
        g_object_set(gate_.get(), "drop", TRUE, nullptr);
    }
    ~RtspCamera() {
        if (server_) {
            off();
        }
    }
    [[nodiscard]] std::string uri() const {
        return "rtsp://user:secret@127.0.0.1:" + std::to_string(port_) + "/camera";
    }
    void reserve_port() {
        const auto socket = Ref<GSocketListener>::adopt(g_socket_listener_new());
        port_ = g_socket_listener_add_any_inet_port(socket.get(), nullptr, nullptr);
    }

  private:
    struct Loop {
        Owned<GMainContext> context{g_main_context_new()};
        Owned<GMainLoop> loop{g_main_loop_new(context.get(), FALSE)};
        std::thread thread;
        void start() {
            thread = std::thread([this] { g_main_loop_run(loop.get()); });
        }
        ~Loop() {
            const Owned<GSource> quit(g_idle_source_new());
            g_source_set_callback(
                quit.get(),
                [](gpointer loop) -> gboolean {
                    g_main_loop_quit(static_cast<GMainLoop*>(loop));
                    return G_SOURCE_REMOVE;
                },
                loop.get(), nullptr);
            g_source_attach(quit.get(), context.get());
            thread.join();
        }
    };
    int port_ = 0;
    std::unique_ptr<Loop> loop_;
    Ref<GstRTSPServer> server_;
    Owned<GSource> source_;
    std::mutex mutex_;
    Ref<GstElement> gate_; // of the newest session; guarded by mutex_
};

} // namespace

TEST(SourceLife, TriesAgainAfterAGrowingTime) {
    SourceLife life;
    EXPECT_EQ(life.begin(at(0ms)), SourceAction::connect);
    EXPECT_EQ(life.failed(at(100ms), false, "no route"), SourceAction::disconnect);
    EXPECT_EQ(life.state(), SourceState::retrying);
    EXPECT_EQ(life.detail(), "no route");
    EXPECT_EQ(life.tick(at(500ms)), SourceAction::none);
    EXPECT_EQ(life.tick(at(600ms)), SourceAction::connect);
    EXPECT_EQ(life.failed(at(700ms), false, "no route"), SourceAction::disconnect);
    EXPECT_EQ(life.tick(at(1600ms)), SourceAction::none);
    EXPECT_EQ(life.tick(at(1700ms)), SourceAction::connect);
}

TEST(SourceLife, GivesUpACameraThatStalls) {
    SourceLife life;
    (void)life.begin(at(0ms));
    life.data(at(200ms));
    EXPECT_EQ(life.state(), SourceState::playing);
    EXPECT_EQ(life.tick(at(3100ms)), SourceAction::none);
    EXPECT_EQ(life.tick(at(3300ms)), SourceAction::disconnect);
    EXPECT_EQ(life.state(), SourceState::retrying);
    life.data(at(3400ms));
    EXPECT_EQ(life.state(), SourceState::retrying);
}

TEST(SourceLife, GivesUpACameraThatNeverSends) {
    SourceLife life;
    (void)life.begin(at(0ms));
    EXPECT_EQ(life.tick(at(9900ms)), SourceAction::none);
    EXPECT_EQ(life.tick(at(10'100ms)), SourceAction::disconnect);
}

TEST(SourceLife, BeginsTheBackOffAnewAfterSomeHealthySeconds) {
    SourceLife life;
    (void)life.begin(at(0ms));
    for (int i = 0; i < 6; ++i) {
        (void)life.failed(at(i * 20s), false, "no route");
        EXPECT_EQ(life.tick(at(i * 20s + 10s)), SourceAction::connect);
    }
    life.data(at(200s));
    life.data(at(206s));
    (void)life.failed(at(207s), false, "gone");
    EXPECT_EQ(life.tick(at(207'500ms)), SourceAction::connect);
}

TEST(SourceUri, NamesWhatIsWrong) {
    for (const char* text :
         {"", "camera", "http://host/x", "udp://127.0.0.1", "rtsp:///x", "udp://127.0.0.1:99999",
          "srt://host", "file://", "file://srv/flight.ts", "rtsp://host:0/x", "udp://:0", "rtsp://[::1/x"}) {
        const auto uri = parse_source_uri(text);
        ASSERT_FALSE(uri) << text;
        EXPECT_EQ(uri.error().code, Code::invalid_argument) << text;
    }
}

TEST(SourceUri, NeverShowsAPassword) {
    const auto uri = parse_source_uri("rtsp://user:secret@192.0.2.1:554/live?token=secret");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->shown, "rtsp://192.0.2.1:554/live");
}

TEST(SourceUri, NeverQuotesAPasswordItCouldNotRead) {
    for (const char* text : {"rtsp://user:secret", "rtsp//user:secret@host", "rtsp://user:secret%zz@host/x",
                             "rtsp://user:secret@host:secret/x", "rtsp://user:secret@[host/x"}) {
        const auto uri = parse_source_uri(text);
        ASSERT_FALSE(uri) << text;
        EXPECT_EQ(uri.error().message.find("secret"), std::string::npos) << uri.error().message;
    }
}

TEST(VehicleSrc, FailsToStartWithAUriThatNamesNoCamera) {
    Camera camera("uri=http://127.0.0.1/x");
    EXPECT_EQ(camera.start(), GST_STATE_CHANGE_FAILURE);
}

TEST(VehicleSrc, RefusesAUriThatNamesNoCameraWhereItIsToReconnect) {
    for (const char* properties : {"reconnect=true", "reconnect=true uri=http://127.0.0.1/x",
                                   "reconnect=true uri=udp://127.0.0.1:0"}) {
        Camera camera(properties);
        EXPECT_NE(camera.start(), GST_STATE_CHANGE_FAILURE) << properties;
        const auto refused = camera.wait_for("refused");
        ASSERT_TRUE(refused) << properties;
        EXPECT_TRUE(
            std::string(gst_structure_get_string(refused.get(), "detail")).starts_with("camera URI: "))
            << properties;
        camera.stop();
    }
}

constexpr const char* kEncoded = " ! x264enc tune=zerolatency key-int-max=10 ! h264parse name=video\"";

TEST(VehicleSrc, TakesALaunchFragmentInsteadOfAUriAndStartsItAnewWhenItEnds) {
    Camera camera("reconnect=true launch=\"videotestsrc num-buffers=40 is-live=true ! " +
                  std::string(kPicture) + kEncoded);
    camera.start();
    EXPECT_GE(camera.frames(30).size(), 30U);
    const auto playing = camera.wait_for("playing");
    ASSERT_TRUE(playing);
    EXPECT_STREQ(gst_structure_get_string(playing.get(), "codec"), "H.264");
    EXPECT_TRUE(camera.wait_for("retrying"));
    EXPECT_TRUE(camera.wait_for("playing"));
    camera.stop();
}

TEST(VehicleSrc, RefusesALaunchFragmentThatGivesNoVideoItCanTake) {
    const struct {
        std::string properties;
        const char* says;
    } cases[] = {
        {"launch=\"acmesrc name=video\"", "acmesrc"},
        {"launch=\"videotestsrc is-live=true name=video\"", "encode it to H.264"},
        {"launch=\"videotestsrc is-live=true\"", "no end"},
        {"uri=rtsp://127.0.0.1/x launch=\"videotestsrc name=video\"", "both set"},
        {"launch=\"videotestsrc name=scene" + std::string(kEncoded) +
             " launch-values=\"values, scene=(structure)[properties, pattern=(string)nosuch]\"",
         "does not take 'nosuch'"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.properties);
        Camera camera("reconnect=true " + each.properties);
        camera.start();
        const auto refused = camera.wait_for("refused");
        ASSERT_TRUE(refused);
        EXPECT_NE(std::string(gst_structure_get_string(refused.get(), "detail")).find(each.says),
                  std::string::npos)
            << gst_structure_get_string(refused.get(), "detail");
        camera.stop();
    }
}

TEST(VehicleSrc, RefusesADeviceThatIsNotThereOrIsNoCamera) {
    for (const std::string device : {"/dev/no-such-camera", "/dev/null"}) {
        Camera camera("reconnect=true launch=\"v4l2src device=" + device + " ! videoconvert" + kEncoded);
        camera.start();
        const auto refused = camera.wait_for("refused");
        ASSERT_TRUE(refused) << device;
        const std::string detail = gst_structure_get_string(refused.get(), "detail");
        EXPECT_NE(detail.find(device), std::string::npos) << detail;
        EXPECT_NE(detail.find("plugged in"), std::string::npos) << detail;
        camera.stop();
    }
}

TEST(VehicleSrc, RefusesAFileThatIsNotThereUntilItIs) {
    const auto file = temporary("late.ts");
    Camera camera("reconnect=true uri=file://" + file.string());
    camera.start();
    const auto refused = camera.wait_for("refused");
    ASSERT_TRUE(refused);
    EXPECT_NE(std::string(gst_structure_get_string(refused.get(), "detail")).find("late.ts"),
              std::string::npos);
    run(std::string("videotestsrc num-buffers=50 ! ") + kPicture +
        " ! x264enc ! mpegtsmux ! filesink location=" + file.string());
    EXPECT_TRUE(camera.wait_for("playing"));
    camera.stop();
    std::filesystem::remove(file);
}

TEST(VehicleSrc, PlaysARecordingToItsEnd) {
    const auto file = temporary("flight.ts");
    run(std::string("videotestsrc num-buffers=50 ! ") + kPicture +
        " ! x264enc bframes=0 ! mpegtsmux ! filesink location=" + file.string());
    Camera camera("uri=file://" + file.string());
    camera.start();
    const auto playing = camera.wait_for("playing");
    ASSERT_TRUE(playing);
    EXPECT_STREQ(gst_structure_get_string(playing.get(), "codec"), "H.264");
    gboolean b_frames = TRUE;
    gst_structure_get_boolean(playing.get(), "b-frames", &b_frames);
    EXPECT_FALSE(b_frames);
    EXPECT_TRUE(camera.ends());
    camera.stop();
    std::filesystem::remove(file);
}

TEST(VehicleSrc, SaysPlainlyThatACameraSendsBFrames) {
    for (const std::string encoder :
         {"x264enc bframes=2 b-adapt=false", "x265enc option-string=bframes=2:b-adapt=0"}) {
        const auto file = temporary("b.ts");
        const std::string parser = encoder.starts_with("x264") ? "h264parse" : "h265parse";
        run(std::string("videotestsrc num-buffers=50 ! ") + kPicture + " ! " + encoder + " ! " + parser +
            " ! mpegtsmux ! filesink location=" + file.string());
        Camera camera("uri=file://" + file.string());
        camera.start();
        gboolean b_frames = FALSE;
        while (!b_frames) {
            const auto playing = camera.wait_for("playing");
            ASSERT_TRUE(playing) << encoder;
            gst_structure_get_boolean(playing.get(), "b-frames", &b_frames);
            if (b_frames) {
                EXPECT_NE(std::string(gst_structure_get_string(playing.get(), "detail")).find("B-frames"),
                          std::string::npos);
            }
        }
        camera.stop();
        std::filesystem::remove(file);
    }
}

TEST(VehicleSrc, SaysThatAFileIsMissing) {
    Camera camera("uri=file:///nowhere/flight.ts");
    camera.start();
    EXPECT_TRUE(camera.wait_for(GST_MESSAGE_ERROR));
}

TEST(VehicleSrc, WaitsForACameraThatIsAbsentAndComesBackToOneThatWasGone) {
    RtspCamera real;
    real.reserve_port();
    Camera camera("uri=" + real.uri());
    camera.start();
    const auto absent = camera.wait_for("retrying");
    ASSERT_TRUE(absent);
    EXPECT_EQ(std::string(gst_structure_get_string(absent.get(), "detail")).find("secret"),
              std::string::npos);
    real.on();
    ASSERT_TRUE(camera.wait_for("playing"));
    const auto first = camera.frames(5);
    real.off();
    ASSERT_TRUE(camera.wait_for("retrying"));
    real.on();
    ASSERT_TRUE(camera.wait_for("playing"));
    const auto second = camera.frames(5);
    ASSERT_FALSE(first.empty());
    ASSERT_FALSE(second.empty());
    EXPECT_GT(second.front(), first.back());
    EXPECT_EQ(camera.pads(), "video ");
}

TEST(VehicleSrc, NoticesWithinFourSecondsThatAnRtspCameraFellSilentAndCallsItAgain) {
    RtspCamera real;
    real.on();
    Camera camera("uri=" + real.uri());
    camera.start();
    ASSERT_GE(camera.frames(10).size(), 10U);
    real.fall_silent();
    expect_said_within_four_seconds(camera);
    ASSERT_TRUE(camera.wait_for("playing"));
    EXPECT_GE(camera.frames(10).size(), 10U);
}

TEST(VehicleSrc, ShutsDownWhileItConnects) {
    // Takes the connection and never answers.
    const auto listener = Ref<GSocketListener>::adopt(g_socket_listener_new());
    const int port = g_socket_listener_add_any_inet_port(listener.get(), nullptr, nullptr);
    for (const std::string& uri :
         {"rtsp://127.0.0.1:" + std::to_string(port) + "/x", std::string("rtsp://192.0.2.1/x"),
          std::string("udp://127.0.0.1:" + std::to_string(port))}) {
        Camera camera("uri=" + uri);
        camera.start();
        ASSERT_TRUE(camera.wait_for("connecting"));
        const auto before = std::chrono::steady_clock::now();
        camera.stop();
        EXPECT_LT(std::chrono::steady_clock::now() - before, 5s) << uri;
    }
}

TEST(VehicleSrc, PlaysAnewAfterItWasShutDown) {
    const auto file = temporary("again.ts");
    run(std::string("videotestsrc num-buffers=25 ! ") + kPicture +
        " ! x264enc ! mpegtsmux ! filesink location=" + file.string());
    Camera camera("uri=file://" + file.string());
    for (int i = 0; i < 3; ++i) {
        camera.start();
        ASSERT_TRUE(camera.wait_for("playing"));
        camera.stop();
    }
    EXPECT_EQ(camera.pads(), "video video video ");
    std::filesystem::remove(file);
}
