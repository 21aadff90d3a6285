#include "plugins/elements/meta/frame_meta.hpp"
#include "plugins/elements/nal.hpp"
#include "plugins/telemetry/track.hpp"
#include "tests/unit/elements_harness.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>

using namespace masthead;
using namespace masthead::test;
using namespace std::chrono_literals;

namespace {

constexpr Utc kStart{1'700'000'000'000'000};
constexpr GstClockTime kFrame = 40 * GST_MSECOND;
constexpr klv::Tag kLatitude = 13;

Bytes frame_with_sei(Utc captured, klv::TimeSystem system = klv::TimeSystem::posix) {
    const Bytes payload = klv::encode_sei_payload({klv::to_misp(captured, system)}, klv::VideoCodec::h264);
    return joined({nal::make_sei(payload, {}), *from_hex("00000001658884")});
}

Bytes plain_frame() { return *from_hex("0000000165888400"); }

/// klvsync with test pads on all four sides.
struct Sync {
    explicit Sync(const char* launch = "klvsync", const char* caps = kH264ByteStream) {
        element = Ref<GstElement>::sink(gst_parse_launch(launch, nullptr));
        video.reset(gst_harness_new_with_element(element.get(), "sink", "src"));
        klv.reset(gst_harness_new_with_element(element.get(), "klv_sink", "klv_src"));
        gst_harness_set_src_caps_str(video.get(), caps);
        gst_harness_set_src_caps_str(klv.get(), "meta/x-klv, parsed=(boolean)true");
    }

    void push_klv(const Bytes& packet, GstClockTime pts = GST_CLOCK_TIME_NONE) const {
        ASSERT_EQ(gst_harness_push(klv.get(), buffer_at(packet, pts).release()), GST_FLOW_OK);
    }
    [[nodiscard]] Ref<GstBuffer> push_frame(const Bytes& frame, GstClockTime pts = 0) const {
        return push_frame(buffer_at(frame, pts));
    }
    [[nodiscard]] Ref<GstBuffer> push_frame(Ref<GstBuffer> frame) const {
        return Ref<GstBuffer>::adopt(gst_harness_push_and_pull(video.get(), frame.release()));
    }
    [[nodiscard]] Ref<GstBuffer> pull_klv() const {
        return Ref<GstBuffer>::adopt(gst_harness_try_pull(klv.get()));
    }
    [[nodiscard]] unsigned gaps() const {
        unsigned count = 0;
        while (const auto event = Ref<GstEvent>::adopt(gst_harness_try_pull_event(klv.get()))) {
            count += GST_EVENT_TYPE(event.get()) == GST_EVENT_GAP ? 1 : 0;
        }
        return count;
    }

    Ref<GstElement> element;
    Harness video;
    Harness klv;
};

const MastheadFrameMeta& meta_of(const Ref<GstBuffer>& frame) {
    return *masthead_buffer_get_frame_meta(frame.get());
}

klv::LocalSet klv_of(const MastheadFrameMeta& meta) {
    gsize size = 0;
    const void* data = g_bytes_get_data(meta.klv, &size);
    return klv::parse({static_cast<const std::byte*>(data), size}).value().set;
}

double latitude_at(Utc time) { return *set_at(time).number(kLatitude); }

} // namespace

TEST(KlvSync, InterpolatesForTheSeiTimeOfTheFrame) {
    const Sync sync;
    sync.push_klv(packet_at(kStart));
    sync.push_klv(packet_at(kStart + 100ms));
    const auto frame = sync.push_frame(frame_with_sei(kStart + 50ms), GST_SECOND);
    const auto& meta = meta_of(frame);
    EXPECT_EQ(meta.time_method, MASTHEAD_TIME_METHOD_SEI);
    EXPECT_EQ(meta.utc_us, static_cast<guint64>((kStart + 50ms).us));
    EXPECT_EQ(meta.value_method, static_cast<guint8>(Method::interpolated));
    EXPECT_EQ(meta.flags, 1);
    const auto set = klv_of(meta);
    EXPECT_EQ(set.time()->us, static_cast<std::uint64_t>((kStart + 50ms).us));
    EXPECT_NEAR(*set.number(kLatitude), latitude_at(kStart + 50ms), 1e-6);
    EXPECT_EQ(set.text(10), "KESTREL");
}

TEST(KlvSync, SendsTheSamePacketWithTheFramesOwnPts) {
    const Sync sync;
    sync.push_klv(packet_at(kStart));
    const auto frame = sync.push_frame(frame_with_sei(kStart), 5 * GST_SECOND);
    const auto packet = sync.pull_klv();
    ASSERT_TRUE(packet);
    EXPECT_EQ(GST_BUFFER_PTS(packet.get()), 5 * GST_SECOND);
    EXPECT_EQ(GST_BUFFER_DURATION(packet.get()), kFrame);
    gsize size = 0;
    const auto* data = static_cast<const std::byte*>(g_bytes_get_data(meta_of(frame).klv, &size));
    EXPECT_EQ(bytes_of(packet.get()), Bytes(data, data + size));
}

TEST(KlvSync, SendsExactlyOneBufferOrGapForEachFrameAndTheFrameFirst) {
    const Sync sync;
    std::string order;
    const auto probe = [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto& text = *static_cast<std::string*>(data);
        if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
            text += 'b';
        } else if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_GAP) {
            text += 'g';
        }
        return GST_PAD_PROBE_OK;
    };
    const auto video_probe = [](GstPad*, GstPadProbeInfo*, gpointer data) {
        *static_cast<std::string*>(data) += 'v';
        return GST_PAD_PROBE_OK;
    };
    const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(sync.element.get(), "src"));
    const auto klv_src = Ref<GstPad>::adopt(gst_element_get_static_pad(sync.element.get(), "klv_src"));
    gst_pad_add_probe(src.get(), GST_PAD_PROBE_TYPE_BUFFER, video_probe, &order, nullptr);
    gst_pad_add_probe(
        klv_src.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM), probe,
        &order, nullptr);
    (void)sync.push_frame(frame_with_sei(kStart), 0);
    sync.push_klv(packet_at(kStart + 40ms));
    (void)sync.push_frame(frame_with_sei(kStart + 40ms), kFrame);
    (void)sync.push_frame(frame_with_sei(kStart + 10s), 2 * kFrame);
    EXPECT_EQ(order, "vgvbvg");
    EXPECT_EQ(number_property(sync.video.get(), "frames"), 3U);
    EXPECT_EQ(number_property(sync.video.get(), "frames-with-klv"), 1U);
}

TEST(KlvSync, StartsTheKlvPadProperlyAndEndsItWithTheVideo) {
    const Sync sync;
    (void)sync.push_frame(plain_frame());
    gst_harness_push_event(sync.video.get(), gst_event_new_eos());
    std::string types;
    while (const auto event = Ref<GstEvent>::adopt(gst_harness_try_pull_event(sync.klv.get()))) {
        types += GST_EVENT_TYPE_NAME(event.get());
        types += ' ';
    }
    EXPECT_EQ(types, "stream-start caps segment gap eos ");
}

TEST(KlvSync, PassesAnEmbeddedPacketOfTheFramesInstantUnchanged) {
    const Sync sync;
    auto set = set_at(kStart + 40ms);
    set.set_raw(9999, *from_hex("c0ffee"));
    const Bytes packet = packet_of(set);
    sync.push_klv(packet_at(kStart));
    sync.push_klv(packet);
    sync.push_klv(packet_at(kStart + 80ms));
    const auto frame = sync.push_frame(frame_with_sei(kStart + 40ms));
    EXPECT_EQ(meta_of(frame).value_method, static_cast<guint8>(Method::measured));
    EXPECT_EQ(bytes_of(sync.pull_klv().get()), packet);
}

TEST(KlvSync, LeavesOutAStaleSample) {
    const Sync sync("klvsync max-age=500");
    sync.push_klv(packet_at(kStart - 100ms));
    sync.push_klv(packet_at(kStart));
    EXPECT_TRUE(meta_of(sync.push_frame(frame_with_sei(kStart + 400ms))).klv);
    const auto stale = sync.push_frame(frame_with_sei(kStart + 600ms), kFrame);
    if (meta_of(stale).klv) {
        EXPECT_FALSE(klv_of(meta_of(stale)).has(kLatitude));
    }
}

TEST(KlvSync, TakesTheRtcpTimeWhereThereIsNoSei) {
    const Sync sync;
    sync.push_klv(packet_at(kStart));
    auto frame = buffer_at(plain_frame(), 0);
    const auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("timestamp/x-ntp"));
    const auto ntp_ns = (static_cast<GstClockTime>(kStart.us) + 2'208'988'800'000'000ULL) * 1000;
    gst_buffer_add_reference_timestamp_meta(frame.get(), caps.get(), ntp_ns, GST_CLOCK_TIME_NONE);
    const auto out = sync.push_frame(std::move(frame));
    EXPECT_EQ(meta_of(out).time_method, MASTHEAD_TIME_METHOD_RTCP);
    EXPECT_EQ(meta_of(out).utc_us, static_cast<guint64>(kStart.us));
    EXPECT_TRUE(meta_of(out).klv);
}

TEST(KlvSync, TellsTheTimeOfReorderedFramesByTheKlvOfTheirOwnPts) {
    const Sync sync;
    const unsigned order[] = {0, 3, 1, 2, 6, 4, 5, 9, 7, 8}; // as with two B-frames
    for (unsigned i = 0; i < 10; ++i) {
        sync.push_klv(packet_at(kStart + i * 40ms), i * kFrame);
    }
    unsigned by_klv = 0;
    for (const unsigned i : order) {
        const auto frame = sync.push_frame(plain_frame(), i * kFrame);
        if (meta_of(frame).time_method == MASTHEAD_TIME_METHOD_KLV) {
            ++by_klv;
            EXPECT_EQ(meta_of(frame).utc_us, static_cast<guint64>((kStart + i * 40ms).us));
            EXPECT_EQ(meta_of(frame).value_method, static_cast<guint8>(Method::measured));
        }
    }
    EXPECT_GE(by_klv, 8U);
}

TEST(KlvSync, FallsBackToArrivalLessLatency) {
    const Sync sync("klvsync latency=300");
    gst_harness_use_systemclock(sync.video.get());
    const auto clock = Ref<GstClock>::adopt(gst_element_get_clock(sync.element.get()));
    const GstClockTime running =
        gst_clock_get_time(clock.get()) - gst_element_get_base_time(sync.element.get());
    const Utc now = utc_now();
    const auto frame = sync.push_frame(plain_frame(), running);
    EXPECT_EQ(meta_of(frame).time_method, MASTHEAD_TIME_METHOD_ARRIVAL);
    EXPECT_NEAR(static_cast<double>(meta_of(frame).utc_us), static_cast<double>((now - 300ms).us), 100'000);
    EXPECT_GE(meta_of(frame).time_error_us, 100'000U);
}

TEST(KlvSync, WritesMispTimeAndLeapSecondsWhenTold) {
    const Sync sync("klvsync write-time-system=misp");
    sync.push_klv(packet_at(kStart));
    const auto set = klv_of(meta_of(sync.push_frame(frame_with_sei(kStart))));
    EXPECT_EQ(*set.time(), klv::to_misp(kStart, klv::TimeSystem::misp));
    const auto leap_seconds = set.integer(136);
    ASSERT_TRUE(leap_seconds);
    EXPECT_EQ(klv::to_utc(*set.time(), klv::TimeSystem::misp, static_cast<int>(*leap_seconds)), kStart);
}

TEST(KlvSync, ReadsMispTimeByItem136AndWritesPosix) {
    const Sync sync;
    auto set = set_at(kStart);
    set.set_time(klv::to_misp(kStart, klv::TimeSystem::misp));
    ASSERT_TRUE(set.set_integer(136, -29));
    sync.push_klv(packet_of(set));
    const auto out = klv_of(meta_of(sync.push_frame(frame_with_sei(kStart))));
    EXPECT_EQ(out.time()->us, static_cast<std::uint64_t>(kStart.us));
    EXPECT_FALSE(out.has(136));
}

TEST(KlvSync, AddsItsWaitToTheLatency) {
    const Sync sync("klvsync max-wait=200");
    gst_harness_set_upstream_latency(sync.video.get(), 30 * GST_MSECOND);
    EXPECT_EQ(gst_harness_query_latency(sync.video.get()), 230 * GST_MSECOND);
}

TEST(KlvSync, WaitsForALaterSampleAndThenInterpolates) {
    const Sync sync("klvsync max-wait=9000");
    sync.push_klv(packet_at(kStart));
    auto frame =
        std::async(std::launch::async, [&] { return sync.push_frame(frame_with_sei(kStart + 50ms)); });
    sync.push_klv(packet_at(kStart + 100ms));
    ASSERT_EQ(frame.wait_for(8s), std::future_status::ready);
    EXPECT_EQ(meta_of(frame.get()).value_method, static_cast<guint8>(Method::interpolated));
}

TEST(KlvSync, StopsWaitingWhenTheKlvEndsOrAFlushBeginsOrItIsShutDown) {
    using End = std::function<void(const Sync&)>;
    const End ends[] = {
        [](const Sync& sync) { gst_harness_push_event(sync.klv.get(), gst_event_new_eos()); },
        [](const Sync& sync) { gst_harness_push_event(sync.video.get(), gst_event_new_flush_start()); },
        [](const Sync& sync) { gst_element_set_state(sync.element.get(), GST_STATE_NULL); },
    };
    for (const End& end : ends) {
        const Sync sync("klvsync max-wait=9000");
        sync.push_klv(packet_at(kStart));
        auto flow = std::async(std::launch::async, [&] {
            return gst_harness_push(sync.video.get(), buffer_at(frame_with_sei(kStart + 50ms), 0).release());
        });
        end(sync);
        EXPECT_EQ(flow.wait_for(8s), std::future_status::ready);
    }
}

TEST(KlvSync, DoesNotWaitForTheThreadThatFeedsBothPads) {
    const Sync sync("klvsync max-wait=9000");
    sync.push_klv(packet_at(kStart));
    const auto before = std::chrono::steady_clock::now();
    for (unsigned i = 1; i <= 20; ++i) {
        ASSERT_TRUE(sync.push_frame(frame_with_sei(kStart + i * 40ms), i * kFrame));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - before, 4s);
}

TEST(KlvSync, WorksWithoutAnyKlvPadLinked) {
    const Harness harness(gst_harness_new_with_padnames("klvsync", "sink", "src"));
    g_object_set(harness->element, "max-wait", 9000U, nullptr);
    gst_harness_set_src_caps_str(harness.get(), kH264ByteStream);
    const auto before = std::chrono::steady_clock::now();
    for (unsigned i = 0; i < 20; ++i) {
        const auto frame = Ref<GstBuffer>::adopt(gst_harness_push_and_pull(
            harness.get(), buffer_at(frame_with_sei(kStart), i * kFrame).release()));
        EXPECT_FALSE(masthead_buffer_get_frame_meta(frame.get())->klv);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - before, 4s);
}

TEST(KlvSync, FollowsACapsChange) {
    const Sync sync;
    sync.push_klv(packet_at(kStart));
    EXPECT_EQ(meta_of(sync.push_frame(frame_with_sei(kStart))).time_method, MASTHEAD_TIME_METHOD_SEI);
    gst_harness_set_src_caps_str(sync.video.get(),
                                 "video/x-h265, stream-format=(string)byte-stream, alignment=(string)au");
    const nal::Format h265{klv::VideoCodec::h265, 0};
    const Bytes payload =
        klv::encode_sei_payload({klv::to_misp(kStart, klv::TimeSystem::posix)}, klv::VideoCodec::h265);
    const Bytes frame = joined({nal::make_sei(payload, h265), *from_hex("000000012601af10")});
    EXPECT_EQ(meta_of(sync.push_frame(frame, kFrame)).time_method, MASTHEAD_TIME_METHOD_SEI);
}

TEST(KlvSync, FlushesBothSourcePadsAndGoesOn) {
    const Sync sync;
    (void)sync.push_frame(frame_with_sei(kStart));
    (void)sync.gaps();
    gst_harness_push_event(sync.video.get(), gst_event_new_flush_start());
    gst_harness_push_event(sync.video.get(), gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(sync.video.get(), gst_event_new_segment(&segment));
    ASSERT_TRUE(sync.push_frame(frame_with_sei(kStart)));
    EXPECT_EQ(sync.gaps(), 1U);
}

TEST(KlvSync, ForgetsTelemetryWhenTheKlvPadIsFlushed) {
    const Sync sync;
    sync.push_klv(packet_at(kStart));
    gst_harness_push_event(sync.klv.get(), gst_event_new_flush_start());
    gst_harness_push_event(sync.klv.get(), gst_event_new_flush_stop(TRUE));
    EXPECT_FALSE(meta_of(sync.push_frame(frame_with_sei(kStart))).klv);
}

TEST(KlvSync, IsNotStoppedByBadPackets) {
    const Sync sync;
    for (const char* hex : {"", "00", "060e2b34", "060e2b34020b01010e01030101000000ff",
                            "060e2b34020b01010e0103010100000003020401"}) {
        sync.push_klv(*from_hex(hex));
    }
    sync.push_klv(packet_at(kStart));
    EXPECT_TRUE(meta_of(sync.push_frame(frame_with_sei(kStart))).klv);
}

TEST(KlvSync, SaysHowFramesGetTheirTimeWhenThatChanges) {
    const Sync sync;
    const auto bus = Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(sync.element.get(), bus.get());
    (void)sync.push_frame(plain_frame());
    (void)sync.push_frame(frame_with_sei(kStart), kFrame);
    (void)sync.push_frame(frame_with_sei(kStart + 40ms), 2 * kFrame);
    std::string methods;
    while (const auto message =
               Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT))) {
        const GstStructure* said = gst_message_get_structure(message.get());
        EXPECT_STREQ(gst_structure_get_name(said), "klv-sync");
        methods += gst_structure_get_string(said, "time-method");
        methods += ' ';
    }
    EXPECT_EQ(methods, "arrival sei ");
    gst_element_set_bus(sync.element.get(), nullptr);
}
