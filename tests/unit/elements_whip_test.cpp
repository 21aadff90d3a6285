// vehiclesrc with `whip:`: publishers made of webrtcbin, who do right and wrong.
#include "plugins/elements/source_life.hpp"
#include "tests/integration/viewers/test_publisher.hpp"
#include "tests/unit/vehicle_camera.hpp"

#include <gmock/gmock.h>
#include <gst/video/video.h>

using namespace masthead;
using namespace masthead::test;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

namespace {

/// With a source that waits for a publisher.
class Waiting : public Camera {
  public:
    Waiting() : Camera("uri=whip:") {
        start();
        const auto said = wait_for("connecting");
        EXPECT_STREQ(gst_structure_get_string(said.get(), "detail"), "nobody sends this camera's video yet");
    }
};

} // namespace

TEST(SourceLife, OfACameraThatComesByItselfConnectsOnlyWhenItIsCalled) {
    SourceLife life(SourceLife::Reach::is_called);
    const auto at = [](std::chrono::seconds since) { return SourceLife::Instant(since); };
    EXPECT_EQ(life.begin(at(0s)), SourceAction::none);
    EXPECT_EQ(life.state(), SourceState::connecting);
    EXPECT_EQ(life.tick(at(60s)), SourceAction::none);
    EXPECT_EQ(life.called(at(61s)), SourceAction::connect);
    EXPECT_EQ(life.tick(at(72s)), SourceAction::disconnect);
    EXPECT_EQ(life.state(), SourceState::retrying);
    EXPECT_THAT(life.detail(), HasSubstr("waiting for it to send anew"));
    EXPECT_EQ(life.tick(at(100s)), SourceAction::none);
    EXPECT_EQ(life.called(at(101s)), SourceAction::connect);
    EXPECT_EQ(life.state(), SourceState::connecting);
    EXPECT_EQ(life.detail(), "");
}

TEST(Whip, GivesThePublishersVideoAndGoesOnInTimeWithTheNext) {
    Waiting camera;
    GstClockTime last = 0;
    for (const char* name : {"first", "second"}) {
        TestPublisher publisher(camera.source(), name);
        ASSERT_EQ(publisher.waits_for_refusal(), "");
        const auto said = camera.wait_for("playing");
        ASSERT_TRUE(said) << publisher.detail();
        EXPECT_STREQ(gst_structure_get_string(said.get(), "codec"), "H.264");
        EXPECT_TRUE(publisher.reaches("connected"));
        auto frames = camera.frames(30);
        ASSERT_GE(frames.size(), 30U);
        std::erase(frames, GST_CLOCK_TIME_NONE); // of one that was lost in part
        EXPECT_GT(frames.front(), last);
        last = frames.back();
        EXPECT_THAT(publisher.answer(), HasSubstr("a=recvonly"));
        EXPECT_THAT(publisher.answer(), HasSubstr("a=candidate:"));
        EXPECT_THAT(publisher.answer(), Not(HasSubstr("a=sendonly")));
        publisher.leave();
        EXPECT_TRUE(publisher.reaches("closed"));
        EXPECT_TRUE(camera.wait_for("retrying"));
    }
    EXPECT_EQ(camera.pads(), "video ");
}

TEST(Whip, TakesOnePublisherAtATime) {
    Waiting camera;
    TestPublisher first(camera.source(), "first");
    ASSERT_TRUE(first.reaches("connected")) << first.detail();
    TestPublisher second(camera.source(), "second");
    EXPECT_EQ(second.waits_for_refusal(), "somebody sends this camera's video already");
    EXPECT_GE(camera.frames(30).size(), 30U);
}

TEST(Whip, RefusesWhatItCannotShow) {
    Waiting camera;
    TestPublisher publisher(camera.source(), "vp8", {.codec = "VP8"});
    EXPECT_THAT(publisher.waits_for_refusal(), HasSubstr("set the publisher to H.264"));
}

TEST(Whip, EndsAPublisherWhoseCertificateIsNotTheOneInItsOffer) {
    Waiting camera;
    TestPublisher stranger(camera.source(), "stranger", {.other_certificate = true});
    ASSERT_EQ(stranger.waits_for_refusal(), "");
    EXPECT_TRUE(stranger.reaches("failed"));
    EXPECT_THAT(stranger.detail(), HasSubstr("certificate"));
    EXPECT_EQ(camera.pads(), "");
    TestPublisher next(camera.source(), "next");
    EXPECT_GE(camera.frames(10).size(), 10U) << next.detail();
}

TEST(Whip, MakesRoomForTheNextWhenOneVanishesOrNeverComes) {
    Waiting camera;
    {
        TestPublisher silent(camera.source(), "silent", {.answers = false});
        ASSERT_EQ(silent.waits_for_refusal(), "");
        EXPECT_TRUE(silent.reaches("failed"));
        EXPECT_TRUE(camera.wait_for("retrying"));
    }
    TestPublisher vanishing(camera.source(), "vanishing");
    ASSERT_GE(camera.frames(10).size(), 10U) << vanishing.detail();
    EXPECT_TRUE(camera.wait_for("playing"));
    vanishing.vanish();
    EXPECT_TRUE(camera.wait_for("retrying"));
    TestPublisher next(camera.source(), "next");
    EXPECT_GE(camera.frames(10).size(), 10U) << next.detail();
}

TEST(Whip, PassesTheWishForAKeyFrameOn) {
    Waiting camera;
    TestPublisher publisher(camera.source(), "eager");
    ASSERT_GE(camera.frames(60).size(), 60U) << publisher.detail();
    const std::size_t before = camera.key_frames();
    const auto video = Ref<GstPad>::adopt(gst_element_get_static_pad(camera.source(), "video"));
    // Its own next one is ten seconds away.
    gst_pad_send_event(video.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
    ASSERT_GE(camera.frames(60).size(), 60U);
    EXPECT_GT(camera.key_frames(), before);
}

TEST(Whip, IsNotTakenByACameraOfAnotherKind) {
    Camera camera("uri=udp://127.0.0.1:5999");
    camera.start();
    gchar* refused = nullptr;
    g_signal_emit_by_name(camera.source(), "add-publisher", "anyone", "v=0", &refused);
    EXPECT_THAT(take_string(refused), HasSubstr("takes no WHIP"));
}
