// CameraFlow: what comes in, and what a queue lets go of because what is behind it is too slow.
#include "server/worker/camera_flow.hpp"
#include "server/worker/rendition_gate.hpp"

#include <gst/app/gstappsink.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::worker;

namespace {

Ref<GstElement> pipeline_with(const char* queue) {
    gst_init(nullptr, nullptr);
    auto pipeline = Ref<GstElement>::sink(
        gst_parse_launch((std::string("appsrc name=camera format=time ! queue name=") + queue +
                          " leaky=downstream max-size-buffers=4 max-size-time=0 max-size-bytes=0 ! appsink "
                          "name=end sync=false "
                          "async=false max-buffers=1")
                             .c_str(),
                         nullptr));
    return pipeline;
}

Ref<GstElement> named(const Ref<GstElement>& pipeline, const char* name) {
    return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
}

/// The sink is full, then so is the queue.
void overfill(const Ref<GstElement>& pipeline, int frames) {
    const auto camera = named(pipeline, "camera");
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    for (int i = 0; i < frames; ++i) {
        GstFlowReturn flow = GST_FLOW_OK;
        const auto frame = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 100, nullptr));
        GST_BUFFER_OFFSET(frame.get()) = static_cast<guint64>(i);
        g_signal_emit_by_name(camera.get(), "push-buffer", frame.get(), &flow);
        EXPECT_EQ(flow, GST_FLOW_OK);
    }
    g_signal_emit_by_name(camera.get(), "end-of-stream", nullptr);
}

/// How many frames come out until the end.
std::uint64_t taken_from(const Ref<GstElement>& pipeline) {
    const auto end = named(pipeline, "end");
    std::uint64_t taken = 0;
    while (Ref<GstSample>::adopt(gst_app_sink_pull_sample(GST_APP_SINK(end.get())))) {
        ++taken;
    }
    return taken;
}

} // namespace

TEST(CameraFlow, CountsWhatComesInAndExactlyWhatIsLetGoOf) {
    CameraFlow flow;
    const auto pipeline = pipeline_with("video-in");
    flow.watch(GST_BIN(pipeline.get()));
    overfill(pipeline, 200);
    const std::uint64_t taken = taken_from(pipeline);
    EXPECT_LT(taken, 200U);
    EXPECT_EQ(flow.totals().frames, 200U);
    EXPECT_EQ(flow.totals().bytes, 20'000U);
    EXPECT_EQ(flow.totals().dropped_frames, 200 - taken);
    EXPECT_EQ(CameraFlow::dropped_by(named(pipeline, "video-in").get()), 200 - taken);
    EXPECT_EQ(CameraFlow::dropped_by(named(pipeline, "end").get()), std::nullopt);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

TEST(CameraFlow, GoesOnCountingInTheNextPipeline) {
    CameraFlow flow;
    for (const std::uint64_t frames : {50, 100}) {
        const auto pipeline = pipeline_with("video-in");
        flow.watch(GST_BIN(pipeline.get()));
        overfill(pipeline, 50);
        EXPECT_GT(taken_from(pipeline), 0U);
        EXPECT_EQ(flow.totals().frames, frames);
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    }
}

TEST(CameraFlow, TakesNoSoundForFrames) {
    CameraFlow flow;
    const auto pipeline = pipeline_with("sound-in");
    flow.watch(GST_BIN(pipeline.get()));
    overfill(pipeline, 50);
    const std::uint64_t taken = taken_from(pipeline);
    EXPECT_EQ(flow.totals().frames, 0U);
    EXPECT_EQ(flow.totals().dropped_frames, 0U);
    EXPECT_EQ(CameraFlow::dropped_by(named(pipeline, "sound-in").get()), 50 - taken);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

TEST(CameraFlow, TakesForLostNothingThatAGateKeeps) {
    CameraFlow flow;
    const auto pipeline = pipeline_with("encode-low");
    flow.watch(GST_BIN(pipeline.get()));
    const auto pad =
        Ref<GstPad>::adopt(gst_element_get_static_pad(named(pipeline, "encode-low").get(), "src"));
    RenditionGate::of(pad.get())->close();
    overfill(pipeline, 4); // as many as fit
    EXPECT_EQ(taken_from(pipeline), 0U);
    EXPECT_EQ(flow.totals().dropped_frames, 0U);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
