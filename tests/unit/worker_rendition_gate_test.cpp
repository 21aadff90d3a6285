// RenditionGate: what a decoder is given when somebody wants its rendition again.
#include "server/worker/camera_pipeline.hpp"

#include <gmock/gmock.h>
#include <gst/video/video.h>

#include <vector>

using namespace masthead;
using namespace masthead::worker;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

constexpr GstClockTime kFrame = 40 * GST_MSECOND;

/// A gate on a pad, and the numbers of the frames that came through.
class Road {
  public:
    Road() {
        gst_init(nullptr, nullptr);
        from_ = Ref<GstPad>::sink(gst_pad_new("from", GST_PAD_SRC));
        to_ = Ref<GstPad>::sink(gst_pad_new("to", GST_PAD_SINK));
        gst_pad_set_element_private(to_.get(), this);
        gst_pad_set_chain_function(to_.get(), [](GstPad* pad, GstObject*, GstBuffer* frame) {
            static_cast<Road*>(gst_pad_get_element_private(pad))->arrive(frame);
            return GST_FLOW_OK;
        });
        gst_pad_set_event_function(from_.get(), [](GstPad* pad, GstObject*, GstEvent* event) -> gboolean {
            const auto owned = Ref<GstEvent>::adopt(event);
            static_cast<Road*>(gst_pad_get_element_private(pad))->wishes +=
                gst_video_event_is_force_key_unit(owned.get()) ? 1 : 0;
            return TRUE;
        });
        gst_pad_set_element_private(from_.get(), this);
        gst_pad_set_active(from_.get(), TRUE);
        gst_pad_set_active(to_.get(), TRUE);
        gst_pad_link(from_.get(), to_.get());
        gst_pad_push_event(from_.get(), gst_event_new_stream_start("gate"));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_pad_push_event(from_.get(), gst_event_new_segment(&segment));
        gate = RenditionGate::of(from_.get());
    }
    void give(int number, bool key_frame = false, gsize bytes = 100) {
        GstBuffer* frame = gst_buffer_new_allocate(nullptr, bytes, nullptr);
        GST_BUFFER_PTS(frame) = static_cast<GstClockTime>(number) * kFrame;
        GST_BUFFER_OFFSET(frame) = static_cast<guint64>(number);
        if (!key_frame) {
            GST_BUFFER_FLAG_SET(frame, GST_BUFFER_FLAG_DELTA_UNIT);
        }
        gst_pad_push(from_.get(), frame);
    }
    /// Since the last call.
    [[nodiscard]] std::vector<int> came() { return std::exchange(came_, {}); }
    /// Of them, those that a decoder shows.
    [[nodiscard]] bool is_shown(int number) const {
        return !gate->is_only_reference(static_cast<GstClockTime>(number) * kFrame);
    }
    [[nodiscard]] GstPad* pad() const { return from_.get(); }

    std::shared_ptr<RenditionGate> gate;
    int wishes = 0; // for a key frame

  private:
    void arrive(GstBuffer* frame) {
        const auto owned = Ref<GstBuffer>::adopt(frame);
        came_.push_back(static_cast<int>(GST_BUFFER_OFFSET(frame)));
    }

    Ref<GstPad> from_;
    Ref<GstPad> to_;
    std::vector<int> came_;
};

} // namespace

TEST(RenditionGate, LetsAllPassUntilItIsClosed) {
    Road road;
    road.give(0, true);
    road.give(1);
    EXPECT_THAT(road.came(), ElementsAre(0, 1));
    EXPECT_FALSE(RenditionGate::is_closed_at(road.pad()));
    road.gate->close();
    EXPECT_TRUE(RenditionGate::is_closed_at(road.pad()));
    road.give(2, true);
    road.give(3);
    EXPECT_THAT(road.came(), IsEmpty());
}

TEST(RenditionGate, GivesWhatLeadsToTheNewestFrameWhenItOpensAndShowsThatOneFirst) {
    Road road;
    road.gate->close();
    for (int number = 0; number < 10; ++number) {
        road.give(number, number % 4 == 0);
    }
    road.gate->open();
    EXPECT_THAT(road.came(), IsEmpty()) << "nothing on the caller's thread";
    road.give(10);
    road.give(11);
    EXPECT_THAT(road.came(), ElementsAre(8, 9, 10, 11));
    EXPECT_FALSE(road.is_shown(8));
    EXPECT_FALSE(road.is_shown(9));
    EXPECT_TRUE(road.is_shown(10));
    EXPECT_TRUE(road.is_shown(11));
    EXPECT_EQ(road.wishes, 0);
}

TEST(RenditionGate, BeginsWithTheNextFrameWhereThatIsAKeyFrame) {
    Road road;
    road.gate->close();
    road.give(0, true);
    road.give(1);
    road.gate->open();
    road.give(2, true);
    EXPECT_THAT(road.came(), ElementsAre(2));
    EXPECT_TRUE(road.is_shown(2));
}

TEST(RenditionGate, WaitsForAKeyFrameAndAsksForOneWhereItKeptNone) {
    Road road;
    road.gate->close();
    road.give(1);
    road.gate->open();
    road.give(2);
    road.give(3);
    EXPECT_THAT(road.came(), IsEmpty());
    EXPECT_EQ(road.wishes, 1) << "once a second";
    road.give(4, true);
    road.give(5);
    EXPECT_THAT(road.came(), ElementsAre(4, 5));
}

TEST(RenditionGate, KeepsNoEndlessGroupOfPictures) {
    Road road;
    road.gate->close();
    road.give(0, true, 9 << 20);
    road.give(1, false, 9 << 20);
    road.gate->open();
    road.give(2);
    EXPECT_THAT(road.came(), IsEmpty()) << "too many bytes";
    road.gate->close();
    for (int number = 3; number < 3 + 300; ++number) { // 12 s
        road.give(number, number == 3);
    }
    road.gate->open();
    road.give(400);
    EXPECT_THAT(road.came(), IsEmpty()) << "too long";
}

TEST(RenditionGate, IsClosedByNobodyWhereARenditionIsRestreamed) {
    gst_init(nullptr, nullptr);
    const auto recipe = parse_recipe_json(
        R"({"title":"t","ingest":{"uri":"udp://127.0.0.1:5000"},"renditions":{"low":{},"out":{}},)"
        R"("outputs":{"webrtc":{"renditions":["source","low","out"]},)"
        R"("restream":{"x":{"uri":"udp://127.0.0.1:5002","rendition":"out"}}}})");
    ASSERT_TRUE(recipe) << recipe.error().message;
    auto camera = build_camera_pipeline(*recipe, {.frame_telemetry = [](const Sample&) {}});
    ASSERT_TRUE(camera) << camera.error().message;
    gate_renditions(*recipe, *camera);
    ASSERT_EQ(camera->gates.size(), 1U);
    EXPECT_EQ(camera->gates.begin()->first, "low");
}
