#include "plugins/elements/meta/frame_meta.hpp"
#include "tests/unit/elements_harness.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::test;

namespace {

constexpr Utc kInstant{1'700'000'000'000'000};

/// klvsplit with test pads on all three sides.
struct Split {
    Split() : element(Ref<GstElement>::sink(gst_element_factory_make("klvsplit", nullptr))) {
        video.reset(gst_harness_new_with_element(element.get(), "sink", "src"));
        klv.reset(gst_harness_new_with_element(element.get(), nullptr, "klv_src"));
        gst_harness_set_src_caps_str(video.get(), kH264ByteStream);
    }

    /// `packet`: what the frame carries.
    GstFlowReturn push(GstClockTime pts, const Bytes& packet = {}) const {
        auto frame = buffer_at(*from_hex("0000000165888400"), pts);
        MastheadFrameMeta* meta = masthead_buffer_add_frame_meta(frame.get());
        meta->klv = packet.empty() ? nullptr : g_bytes_new(packet.data(), packet.size());
        return gst_harness_push(video.get(), frame.release());
    }
    [[nodiscard]] static Ref<GstBuffer> pull(const Harness& harness) {
        return Ref<GstBuffer>::adopt(gst_harness_try_pull(harness.get()));
    }
    /// Of the KLV pad, since the last call.
    [[nodiscard]] std::vector<Ref<GstEvent>> events() const {
        std::vector<Ref<GstEvent>> all;
        while (auto event = Ref<GstEvent>::adopt(gst_harness_try_pull_event(klv.get()))) {
            all.push_back(std::move(event));
        }
        return all;
    }

    Ref<GstElement> element;
    Harness video;
    Harness klv;
};

} // namespace

TEST(KlvSplit, GivesEachFramesPacketWithTheFramesOwnTime) {
    const Split split;
    ASSERT_EQ(split.push(GST_SECOND, packet_at(kInstant)), GST_FLOW_OK);
    const auto frame = Split::pull(split.video);
    const auto packet = Split::pull(split.klv);
    ASSERT_TRUE(frame && packet);
    EXPECT_TRUE(masthead_buffer_get_frame_meta(frame.get()));
    EXPECT_EQ(bytes_of(packet.get()), packet_at(kInstant));
    EXPECT_EQ(GST_BUFFER_PTS(packet.get()), GST_SECOND);
    EXPECT_EQ(GST_BUFFER_DURATION(packet.get()), 40 * GST_MSECOND);
}

TEST(KlvSplit, FillsTheTimeOfAFrameWithoutMetadata) {
    const Split split;
    ASSERT_EQ(split.push(GST_SECOND), GST_FLOW_OK);
    ASSERT_EQ(gst_harness_push(split.video.get(),
                               buffer_at(*from_hex("0000000165888400"), 2 * GST_SECOND).release()),
              GST_FLOW_OK)
        << "a frame that never met klvsync";
    EXPECT_FALSE(Split::pull(split.klv));
    std::vector<GstClockTime> gaps;
    for (const auto& event : split.events()) {
        if (GST_EVENT_TYPE(event.get()) == GST_EVENT_GAP) {
            GstClockTime at = 0;
            gst_event_parse_gap(event.get(), &at, nullptr);
            gaps.push_back(at);
        }
    }
    EXPECT_EQ(gaps, (std::vector<GstClockTime>{GST_SECOND, 2 * GST_SECOND}));
}

TEST(KlvSplit, MakesTheKlvAStreamOfItsOwn) {
    const Split split;
    ASSERT_EQ(split.push(0, packet_at(kInstant)), GST_FLOW_OK);
    gst_harness_push_event(split.video.get(), gst_event_new_eos());
    std::vector<GstEventType> types;
    for (const auto& event : split.events()) {
        types.push_back(GST_EVENT_TYPE(event.get()));
        if (types.back() == GST_EVENT_CAPS) {
            GstCaps* caps = nullptr;
            gst_event_parse_caps(event.get(), &caps);
            EXPECT_EQ(take_string(gst_caps_to_string(caps)), "meta/x-klv, parsed=(boolean)true");
        }
    }
    EXPECT_EQ(types, (std::vector<GstEventType>{GST_EVENT_STREAM_START, GST_EVENT_CAPS, GST_EVENT_SEGMENT,
                                                GST_EVENT_EOS}));
    const auto id = [](const Harness& harness) {
        const auto pad = Ref<GstPad>::share(harness->sinkpad);
        return take_string(gst_pad_get_stream_id(pad.get()));
    };
    EXPECT_EQ(id(split.klv), id(split.video) + "/klv");
}

TEST(KlvSplit, AsksTheVideosOwnBranchWhatItTakes) {
    const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(
        "klvsplit name=split split.src ! video/x-h264,stream-format=byte-stream ! fakesink", nullptr));
    const auto split = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "split"));
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(split.get(), "sink"));
    const auto caps = Ref<GstCaps>::adopt(gst_pad_query_caps(sink.get(), nullptr));
    EXPECT_EQ(take_string(gst_caps_to_string(caps.get())), "video/x-h264, stream-format=(string)byte-stream");
}
