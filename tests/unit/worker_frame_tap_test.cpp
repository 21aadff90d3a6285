// FrameTap: an outlet begins with a key frame, and one that is slow skips to the next.
#include "server/worker/frame_tap.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::worker;

namespace {

constexpr GstClockTime kFrame = 40 * GST_MSECOND;
constexpr int kTwoSeconds = 50; // frames

/// An outlet that plays, with a gate behind its appsrc.
class Outlet {
  public:
    Outlet() {
        gst_init(nullptr, nullptr);
        pipeline_ =
            Ref<GstElement>::sink(gst_parse_launch("appsrc name=frames is-live=true format=time max-bytes=0 "
                                                   "! appsink name=sink sync=false async=false",
                                                   nullptr));
        const auto clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
        gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
        source = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "frames"));
        sink_ = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "sink"));
        pad_ = Ref<GstPad>::adopt(gst_element_get_static_pad(source.get(), "src"));
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
        gst_element_get_state(pipeline_.get(), nullptr, nullptr, GST_CLOCK_TIME_NONE);
    }
    ~Outlet() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    void close() {
        gate_ = gst_pad_add_probe(
            pad_.get(), static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER),
            [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
    }
    void open() { gst_pad_remove_probe(pad_.get(), gate_); }
    /// The number of the next frame that comes out; nothing within a second.
    [[nodiscard]] std::optional<int> next() const {
        const auto sample =
            Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(sink_.get()), GST_SECOND));
        return sample
                   ? std::optional(static_cast<int>(GST_BUFFER_OFFSET(gst_sample_get_buffer(sample.get()))))
                   : std::nullopt;
    }
    /// Gives the tap frame `number`; true when somebody waits for a key frame.
    bool give(FrameTap& tap, int number, bool key_frame = false) const {
        const auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 100, nullptr));
        GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(number) * kFrame;
        GST_BUFFER_DTS(buffer.get()) = GST_BUFFER_PTS(buffer.get());
        GST_BUFFER_OFFSET(buffer.get()) = static_cast<guint64>(number);
        if (!key_frame) {
            GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
        }
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        const auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("video/x-h264"));
        const auto sample =
            Ref<GstSample>::adopt(gst_sample_new(buffer.get(), caps.get(), &segment, nullptr));
        // A camera that began later than all outlets.
        return tap.take(sample.get(), gst_element_get_base_time(pipeline_.get()) + GST_SECOND);
    }

    Ref<GstElement> source;

  private:
    Ref<GstElement> pipeline_;
    Ref<GstElement> sink_;
    Ref<GstPad> pad_;
    gulong gate_ = 0;
};

} // namespace

TEST(FrameTap, BeginsWithAKeyFrameAndAsksForOne) {
    const Outlet outlet;
    const auto tap = std::make_shared<FrameTap>();
    EXPECT_FALSE(outlet.give(*tap, 0)) << "nobody is there";
    auto place = tap->join(outlet.source, "out");
    EXPECT_TRUE(outlet.give(*tap, 1));
    EXPECT_FALSE(outlet.give(*tap, 2, true));
    EXPECT_FALSE(outlet.give(*tap, 3));
    EXPECT_EQ(outlet.next(), 2);
    EXPECT_EQ(outlet.next(), 3);
    place.reset();
    EXPECT_FALSE(outlet.give(*tap, 4, true));
    EXPECT_EQ(outlet.next(), std::nullopt) << "it has left";
}

TEST(FrameTap, SkipsToTheNextKeyFrameWhereAnOutletIsTooSlow) {
    Outlet slow;
    const Outlet fast;
    const auto tap = std::make_shared<FrameTap>();
    const auto slow_place = tap->join(slow.source, "slow");
    const auto fast_place = tap->join(fast.source, "fast");
    slow.close();
    for (int number = 0; number < 2 * kTwoSeconds; ++number) {
        slow.give(*tap, number, number == 0);
        EXPECT_EQ(fast.next(), number) << "the other one misses nothing";
    }
    slow.open();
    int last = -1;
    while (const auto number = slow.next()) {
        EXPECT_EQ(*number, last + 1);
        last = *number;
    }
    EXPECT_GE(last, kTwoSeconds - 1);
    EXPECT_LE(last, kTwoSeconds + 3) << "what waits is bounded";
    EXPECT_TRUE(slow.give(*tap, 200));
    EXPECT_FALSE(slow.give(*tap, 201, true));
    EXPECT_EQ(slow.next(), 201);
    const auto missed = static_cast<std::uint64_t>(2 * kTwoSeconds - (last + 1) + 1);
    EXPECT_EQ(tap->dropped_frames(), (std::map<std::string, std::uint64_t>{{"slow", missed}}));
}
