// Elements while several threads use them at once, as GStreamer allows. ThreadSanitizer judges (tests/tsan);
// without it these tests still end wrongly after a crash, a hang or a lost stream.
#include "plugins/elements/frame_matcher.hpp"
#include "plugins/glib/loop_thread.hpp"
#include "tests/unit/elements_harness.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

using namespace masthead;
using namespace masthead::test;
using namespace std::chrono_literals;

namespace {

constexpr Utc kStart{1'700'000'000'000'000};
constexpr int kRounds = 200;
constexpr GstClockTime kFrame = 40 * GST_MSECOND;

Utc capture_of(int frame) { return kStart + std::chrono::milliseconds(40 * frame); }

/// Does `what` again and again on a thread of its own for as long as this lives.
class Meanwhile {
  public:
    explicit Meanwhile(std::function<void(int round)> what)
        : thread_([this, what = std::move(what)] {
              for (int round = 0; !ending_; ++round) {
                  what(round);
                  rounds_ = round + 1;
                  rounds_.notify_all();
              }
          }) {}
    ~Meanwhile() {
        rounds_.wait(0); // it has met the other side at least once
        ending_ = true;
        thread_.join();
    }
    Meanwhile(const Meanwhile&) = delete;
    Meanwhile& operator=(const Meanwhile&) = delete;

  private:
    std::atomic<bool> ending_{false};
    std::atomic<int> rounds_{0};
    std::thread thread_;
};

/// klvsync whose pads are fed by hand.
struct Sync {
    Sync() {
        element = Ref<GstElement>::sink(gst_element_factory_make("klvsync", nullptr));
        video.reset(gst_harness_new_with_element(element.get(), "sink", "src"));
        klv.reset(gst_harness_new_with_element(element.get(), "klv_sink", "klv_src"));
        gst_harness_set_drop_buffers(video.get(), TRUE);
        gst_harness_set_drop_buffers(klv.get(), TRUE);
        gst_harness_set_src_caps_str(video.get(), kH264ByteStream);
        gst_harness_set_src_caps_str(klv.get(), "meta/x-klv, parsed=(boolean)true");
    }
    [[nodiscard]] GstFlowReturn push_frame(int number) const {
        const Bytes bytes = *from_hex("0000000165888400");
        return gst_harness_push(video.get(), buffer_at(bytes, kFrame * number).release());
    }
    void push_packet(int number) const {
        gst_harness_push(klv.get(), buffer_at(packet_at(capture_of(number)), kFrame * number).release());
    }
    static void begin_stream(GstHarness* harness, int number) {
        const std::string id = "a stream with a name that needs memory " + std::to_string(number);
        gst_harness_push_event(harness, gst_event_new_stream_start(id.c_str()));
        gst_harness_push_event(
            harness,
            gst_event_new_caps(Ref<GstCaps>::adopt(gst_pad_get_current_caps(harness->srcpad)).get()));
        begin_segment(harness);
    }
    static void begin_segment(GstHarness* harness) {
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_harness_push_event(harness, gst_event_new_segment(&segment));
    }
    static void flush(GstHarness* harness) {
        gst_harness_push_event(harness, gst_event_new_flush_start());
        gst_harness_push_event(harness, gst_event_new_flush_stop(TRUE));
    }

    Ref<GstElement> element;
    Harness video;
    Harness klv;
};

} // namespace

TEST(KlvSyncThreads, TakeTelemetryOnOneThreadAndFramesOnAnother) {
    const Sync sync;
    const Meanwhile telemetry([&](int round) {
        sync.push_packet(round);
        if (round % 16 == 15) {
            Sync::flush(sync.klv.get());
            Sync::begin_segment(sync.klv.get());
        }
    });
    const Meanwhile reader([&](int) { (void)number_property(sync.video.get(), "frames-with-klv"); });
    for (int number = 0; number < kRounds; ++number) {
        ASSERT_EQ(sync.push_frame(number), GST_FLOW_OK);
    }
    EXPECT_EQ(number_property(sync.video.get(), "frames"), kRounds);
}

TEST(KlvSyncThreads, TakeAFlushInTheMiddleOfAStreamThatBegins) {
    const Sync sync;
    {
        const Meanwhile streams([&](int round) {
            Sync::begin_stream(sync.video.get(), round);
            (void)sync.push_frame(round); // flushing, now and then
        });
        for (int round = 0; round < 10 * kRounds; ++round) {
            Sync::flush(sync.video.get());
        }
    }
    Sync::begin_stream(sync.video.get(), 0);
    EXPECT_EQ(sync.push_frame(0), GST_FLOW_OK);
}

TEST(FrameMatcherThreads, WakeAFrameThatWaitsByTelemetryFlushAndEnd) {
    FrameMatcher matcher{TrackLimits{}};
    const MatchRules rules{.time_system = klv::TimeSystem::posix, .latency = 0ms, .write = {}};
    const Meanwhile telemetry([&](int round) {
        EXPECT_TRUE(matcher.add_packet(packet_at(capture_of(round)), kFrame * round, capture_of(round), false,
                                       rules));
        if (round % 8 == 7) {
            matcher.clear_klv();
        }
    });
    const Meanwhile flushes([&](int round) {
        matcher.set_flushing(round % 2 == 0);
        matcher.klv_ended(round % 3 == 0);
    });
    for (int number = 0; number < kRounds; ++number) {
        FrameTimes frame;
        frame.running = kFrame * number;
        frame.arrival = capture_of(number);
        const auto matched = matcher.match(frame, rules, std::chrono::steady_clock::now() + 20ms);
        EXPECT_TRUE(matched.capture);
    }
}

TEST(LoopThread, RunsTheTasksOfManyThreadsInTheirOrder) {
    constexpr int kTasks = 500;
    std::vector<std::vector<int>> seen(3); // the loop's thread alone writes them
    {
        LoopThread loop("test");
        std::vector<std::thread> posters;
        for (std::size_t poster = 0; poster < seen.size(); ++poster) {
            posters.emplace_back([&loop, &mine = seen[poster]] {
                for (int task = 0; task < kTasks; ++task) {
                    loop.post([&mine, task] { mine.push_back(task); });
                }
            });
        }
        for (std::thread& poster : posters) {
            poster.join();
        }
        std::size_t done = 0;
        loop.call([&] { done = seen[0].size() + seen[1].size() + seen[2].size(); });
        EXPECT_EQ(done, seen.size() * kTasks);
    }
    for (const auto& tasks : seen) {
        EXPECT_TRUE(std::ranges::is_sorted(tasks));
    }
}

TEST(VehicleSrcThreads, TakeTheApplicationsEndWhileTheElementStops) {
    const auto source = Ref<GstElement>::sink(gst_parse_launch("vehiclesrc uri=udp://127.0.0.1:1", nullptr));
    const Meanwhile ends([&](int) { gst_element_send_event(source.get(), gst_event_new_eos()); });
    for (int round = 0; round < kRounds; ++round) {
        EXPECT_NE(gst_element_set_state(source.get(), GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
        EXPECT_EQ(gst_element_set_state(source.get(), GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    }
}

TEST(VehicleSrcThreads, AnswerForTheirLatencyWhileTheElementStarts) {
    const auto source = Ref<GstElement>::sink(gst_parse_launch("vehiclesrc uri=udp://127.0.0.1:1", nullptr));
    const Meanwhile queries([&](int) {
        const auto query = Ref<GstQuery>::adopt(gst_query_new_latency());
        EXPECT_TRUE(gst_element_query(source.get(), query.get()));
    });
    for (int round = 0; round < kRounds / 4; ++round) {
        EXPECT_NE(gst_element_set_state(source.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
        EXPECT_EQ(gst_element_set_state(source.get(), GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    }
}
