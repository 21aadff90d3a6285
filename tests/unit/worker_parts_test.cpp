// The pure parts of the worker.
#include "server/worker/address_book.hpp"
#include "server/worker/command_log.hpp"
#include "server/worker/embedded_items.hpp"
#include "server/worker/pipeline_life.hpp"
#include "server/worker/sample_throttle.hpp"

#include <gmock/gmock.h>

using namespace masthead;
using namespace masthead::worker;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// --- Who is who on a link ---

TEST(AddressBook, KnowsAVehicleByItsConfiguredAddress) {
    AddressBook book;
    book.add({"kestrel", "1"});
    book.add({"merlin", "2"});
    EXPECT_EQ(book.vehicle_of("2"), "merlin");
    EXPECT_EQ(book.vehicle_of("1"), "kestrel");
    EXPECT_EQ(book.vehicle_of("3"), std::nullopt);
}

TEST(AddressBook, GivesTheFirstSpeakerTheSeatWithoutAnAddressAndKeepsIt) {
    AddressBook book;
    book.add({"kestrel", std::nullopt});
    EXPECT_EQ(book.address_of("kestrel"), std::nullopt);
    EXPECT_EQ(book.vehicle_of("7"), "kestrel");
    EXPECT_EQ(book.vehicle_of("8"), std::nullopt);
    EXPECT_EQ(book.vehicle_of("7"), "kestrel");
    EXPECT_EQ(book.address_of("kestrel"), "7");
}

TEST(AddressBook, NeverGivesAFreeSeatToAKnownVehicle) {
    AddressBook book;
    book.add({"first", std::nullopt});
    book.add({"kestrel", "1"});
    EXPECT_EQ(book.vehicle_of("1"), "kestrel");
    EXPECT_EQ(book.address_of("first"), std::nullopt);
}

// --- Commands ---

TEST(CommandLog, RefusesAnIdItHasSeenUntilThatIsLongAgo) {
    CommandLog log(2);
    EXPECT_TRUE(log.add("a"));
    EXPECT_FALSE(log.add("a"));
    EXPECT_TRUE(log.add("b"));
    EXPECT_TRUE(log.add("c"));
    EXPECT_FALSE(log.add("c"));
    EXPECT_TRUE(log.add("a")) << "its memory is bounded";
}

// --- Telemetry rate ---

namespace {

Sample at(std::int64_t us) {
    Sample sample;
    sample.time = Utc{us};
    return sample;
}

} // namespace

TEST(SampleThrottle, LetsTheFirstSampleThroughAtOnceAndTheNextAfterItsInterval) {
    SampleThrottle throttle(50ms, 10);
    throttle.add("kestrel", at(1), 0ms);
    EXPECT_EQ(throttle.take(0ms).size(), 1U);
    throttle.add("kestrel", at(2), 10ms);
    EXPECT_THAT(throttle.take(10ms), IsEmpty());
    EXPECT_EQ(throttle.due(), 50ms);
    EXPECT_EQ(throttle.take(50ms).size(), 1U);
    EXPECT_EQ(throttle.due(), std::nullopt);
}

TEST(SampleThrottle, MergesWhatCameInBetweenAndSaysItOnce) {
    SampleThrottle throttle(50ms, 10);
    throttle.add("kestrel", at(1), 0ms);
    (void)throttle.take(0ms);
    Sample pose = at(2);
    pose.heading_deg = 90;
    Sample state = at(3);
    state.mode = "AUTO";
    throttle.add("kestrel", pose, 10ms);
    throttle.add("kestrel", state, 20ms);
    const auto taken = throttle.take(60ms);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].second.heading_deg, 90);
    EXPECT_EQ(taken[0].second.mode, "AUTO");
    EXPECT_EQ(taken[0].second.time.us, 3);
    throttle.add("kestrel", at(4), 120ms);
    EXPECT_EQ(throttle.take(120ms)[0].second.mode, std::nullopt) << "said before, not said again";
}

TEST(SampleThrottle, HoldsSpeakersApart) {
    SampleThrottle throttle(50ms, 10);
    throttle.add("kestrel", at(1), 0ms);
    (void)throttle.take(0ms);
    throttle.add("tern", at(2), 10ms);
    const auto taken = throttle.take(10ms);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].first, "tern");
}

TEST(SampleThrottle, MakesRoomForANewSpeakerByForgettingTheOneSilentLongest) {
    SampleThrottle throttle(1000ms, 2);
    throttle.add("a", at(1), 0ms);
    throttle.add("b", at(1), 1ms);
    throttle.add("a", at(2), 2ms);
    throttle.add("c", at(1), 3ms);
    std::vector<std::string> heard;
    for (const auto& [key, sample] : throttle.take(10ms)) {
        heard.push_back(key);
    }
    EXPECT_THAT(heard, ElementsAre("a", "c"));
}

// --- Link items beside a camera's own ---

namespace {

klv::LocalSet heading_and_altitude(Utc time, klv::TimeSystem system) {
    klv::LocalSet set;
    set.set_time(klv::to_misp(time, system));
    EXPECT_TRUE(set.set_number(5, 90));
    EXPECT_TRUE(set.set_number(15, 100));
    return set;
}

constexpr Utc kArrival{1'700'000'000'000'000};

} // namespace

TEST(EmbeddedItems, LeavesItemsThatTheCameraSaysToTheCamera) {
    EmbeddedItems items(std::nullopt);
    klv::LocalSet embedded;
    embedded.set_time(klv::to_misp(kArrival, klv::TimeSystem::posix));
    ASSERT_TRUE(embedded.set_number(5, 45));
    items.note(embedded, 0s, kArrival);
    klv::LocalSet link = heading_and_altitude(kArrival, klv::TimeSystem::posix);
    items.leave_to_camera(link, 1s);
    EXPECT_FALSE(link.has(5));
    EXPECT_TRUE(link.has(15));
    EXPECT_TRUE(link.has(2)) << "its time stays";
}

TEST(EmbeddedItems, LetsTheLinkSpeakAgainWhenTheCameraHasFallenSilent) {
    EmbeddedItems items(std::nullopt);
    items.note(heading_and_altitude(kArrival, klv::TimeSystem::posix), 0s, kArrival);
    klv::LocalSet link = heading_and_altitude(kArrival, klv::TimeSystem::posix);
    items.leave_to_camera(link, 6s);
    EXPECT_TRUE(link.has(5));
}

TEST(EmbeddedItems, LetsTheLinkSayWhatTheCameraSaysItDoesNotKnow) {
    EmbeddedItems items(std::nullopt);
    klv::LocalSet embedded;
    embedded.set_raw(5, {});
    items.note(embedded, 0s, kArrival);
    klv::LocalSet link = heading_and_altitude(kArrival, klv::TimeSystem::posix);
    items.leave_to_camera(link, 1s);
    EXPECT_TRUE(link.has(5));
}

TEST(EmbeddedItems, TellsHowTheCameraCountsTimeUnlessTheRecipeSaysIt) {
    EmbeddedItems items(std::nullopt);
    EXPECT_EQ(items.system(), klv::TimeSystem::posix);
    items.note(heading_and_altitude(kArrival, klv::TimeSystem::misp), 0s, kArrival);
    EXPECT_EQ(items.system(), klv::TimeSystem::misp);
    EmbeddedItems told(klv::TimeSystem::posix);
    told.note(heading_and_altitude(kArrival, klv::TimeSystem::misp), 0s, kArrival);
    EXPECT_EQ(told.system(), klv::TimeSystem::posix);
}

// --- A camera's life ---

namespace {

struct Life {
    PipelineLife life;
    PipelineLife::Instant now = 1'000s;

    std::vector<LifeAction> feed(LifeInput input, PipelineLife::Instant after = 0s) {
        now += after;
        auto step = next(life, input, now);
        life = std::move(step.life);
        return std::move(step.actions);
    }
    [[nodiscard]] PipelineLife::Instant timer_in() const { return *life.timer - now; }
};

} // namespace

TEST(PipelineLife, TakesABrokenPipelineDownAndBuildsItAgainAfterAWhile) {
    Life camera;
    EXPECT_THAT(camera.feed(LifeInput::start), ElementsAre(LifeAction::build));
    EXPECT_THAT(camera.feed(LifeInput::failed), ElementsAre(LifeAction::say_retrying, LifeAction::tear_down));
    EXPECT_THAT(camera.feed(LifeInput::torn_down, 100ms), IsEmpty());
    EXPECT_EQ(camera.timer_in(), 400ms) << "half a second from the failure";
    EXPECT_THAT(camera.feed(LifeInput::timer, 400ms), ElementsAre(LifeAction::build));
}

TEST(PipelineLife, HearsOnlyTheFirstOfManyErrors) {
    Life camera;
    camera.feed(LifeInput::start);
    camera.feed(LifeInput::failed);
    EXPECT_THAT(camera.feed(LifeInput::failed), IsEmpty());
    EXPECT_EQ(camera.life.backoff.failures, 1);
}

TEST(PipelineLife, BuildsAtOnceWhenTakingDownLastedLongerThanTheWait) {
    Life camera;
    camera.feed(LifeInput::start);
    camera.feed(LifeInput::failed);
    camera.feed(LifeInput::torn_down, 3s);
    EXPECT_EQ(camera.timer_in(), 0s);
}

TEST(PipelineLife, WaitsLongerAfterEachFailureButNeverMoreThanTenSeconds) {
    Life camera;
    camera.feed(LifeInput::start);
    std::vector<PipelineLife::Instant> waits;
    for (int i = 0; i < 7; ++i) {
        camera.feed(LifeInput::failed);
        camera.feed(LifeInput::torn_down);
        waits.push_back(camera.timer_in());
        camera.feed(LifeInput::timer, waits.back());
    }
    EXPECT_THAT(waits, ElementsAre(500ms, 1s, 2s, 4s, 8s, 10s, 10s));
}

TEST(PipelineLife, ForgetsFailuresAfterThirtySecondsOfPlaying) {
    Life camera;
    camera.feed(LifeInput::start);
    for (int i = 0; i < 3; ++i) {
        camera.feed(LifeInput::failed);
        camera.feed(LifeInput::torn_down);
        camera.feed(LifeInput::timer, camera.timer_in());
    }
    camera.feed(LifeInput::playing);
    camera.feed(LifeInput::playing, 10s);
    EXPECT_EQ(camera.timer_in(), 20s);
    camera.feed(LifeInput::timer, 20s);
    camera.feed(LifeInput::failed);
    camera.feed(LifeInput::torn_down);
    EXPECT_EQ(camera.timer_in(), 500ms);
}

TEST(PipelineLife, EndsOnlyWhenThePipelineIsDown) {
    Life camera;
    camera.feed(LifeInput::start);
    EXPECT_THAT(camera.feed(LifeInput::stop), ElementsAre(LifeAction::tear_down));
    EXPECT_THAT(camera.feed(LifeInput::torn_down), ElementsAre(LifeAction::ended));
}

TEST(PipelineLife, EndsWhenStoppedWhileTakingDownOrWaiting) {
    Life camera;
    camera.feed(LifeInput::start);
    camera.feed(LifeInput::failed);
    EXPECT_THAT(camera.feed(LifeInput::stop), IsEmpty());
    EXPECT_THAT(camera.feed(LifeInput::torn_down), ElementsAre(LifeAction::ended));
    Life other;
    other.feed(LifeInput::start);
    other.feed(LifeInput::failed);
    other.feed(LifeInput::torn_down);
    EXPECT_THAT(other.feed(LifeInput::stop), ElementsAre(LifeAction::ended));
}
