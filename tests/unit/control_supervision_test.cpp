// The life of a worker process, with a clock made of arguments.
#include "server/control/supervision.hpp"

#include <gmock/gmock.h>

using namespace masthead::control;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Action = SupervisionAction;
using Input = SupervisionInput;
using Phase = Supervision::Phase;

namespace {

/// Feeds a Supervision and keeps its state.
struct Life {
    Supervision state;
    Instant now = 1'000s;

    std::vector<Action> feed(Input input, Instant after = 0s) {
        now += after;
        auto step = next(state, input, now);
        state = std::move(step.state);
        return std::move(step.actions);
    }
    [[nodiscard]] Instant timer_in() const { return *state.timer - now; }
};

Life running() {
    Life life;
    life.feed(Input::start);
    life.feed(Input::ready, 100ms);
    return life;
}

} // namespace

TEST(Supervision, SpawnsAndSaysUpWhenTheWorkerIsReady) {
    Life life;
    EXPECT_THAT(life.feed(Input::start), ElementsAre(Action::spawn));
    EXPECT_EQ(life.state.phase, Phase::starting);
    EXPECT_THAT(life.feed(Input::ready), ElementsAre(Action::say_up));
    EXPECT_EQ(life.state.phase, Phase::up);
}

TEST(Supervision, StartsADeadWorkerAgainAfterTwoTenthsOfASecond) {
    Life life = running();
    EXPECT_THAT(life.feed(Input::exited), ElementsAre(Action::say_down));
    EXPECT_EQ(life.timer_in(), 200ms);
    EXPECT_THAT(life.feed(Input::timer, 200ms), ElementsAre(Action::spawn));
}

TEST(Supervision, WaitsLongerAfterEachDeathInARowButNeverMoreThanTenSeconds) {
    Life life;
    life.feed(Input::start);
    std::vector<Instant> waits;
    for (int i = 0; i < 9; ++i) {
        life.feed(Input::exited, 10ms);
        waits.push_back(life.timer_in());
        life.feed(Input::timer, waits.back());
    }
    EXPECT_THAT(waits, ElementsAre(200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10s, 10s, 10s));
}

TEST(Supervision, ForgetsEarlierDeathsAfterThirtySecondsOfHealth) {
    Life life = running();
    for (int i = 0; i < 3; ++i) {
        life.feed(Input::exited);
        life.feed(Input::timer, life.timer_in());
        life.feed(Input::ready);
    }
    EXPECT_EQ(life.timer_in(), 30s);
    EXPECT_THAT(life.feed(Input::timer, 30s), IsEmpty());
    life.feed(Input::exited, 1s);
    EXPECT_EQ(life.timer_in(), 200ms);
}

TEST(Supervision, KeepsTheMomentOfDeathUntilTheWorkerIsBack) {
    Life life = running();
    life.feed(Input::exited);
    const Instant death = life.now;
    life.feed(Input::timer, 200ms);
    life.feed(Input::exited, 50ms);
    EXPECT_EQ(life.state.died_at, death);
    life.feed(Input::timer, 400ms);
    life.feed(Input::ready, 50ms);
    EXPECT_FALSE(life.state.died_at);
}

TEST(Supervision, KillsAWorkerThatDoesNotGetReady) {
    Life life;
    life.feed(Input::start);
    EXPECT_THAT(life.feed(Input::timer, life.timer_in()), ElementsAre(Action::kill));
    EXPECT_THAT(life.feed(Input::exited), ElementsAre(Action::say_down));
    EXPECT_EQ(life.state.phase, Phase::waiting);
}

TEST(Supervision, KillsAWorkerWhoseChannelEnded) {
    Life life = running();
    EXPECT_THAT(life.feed(Input::hung_up), ElementsAre(Action::kill));
    EXPECT_THAT(life.feed(Input::exited), ElementsAre(Action::say_down));
}

TEST(Supervision, AsksToEndThenKillsThenSaysEnded) {
    Life life = running();
    EXPECT_THAT(life.feed(Input::stop), ElementsAre(Action::say_down, Action::ask_to_end));
    EXPECT_THAT(life.feed(Input::timer, 5s), ElementsAre(Action::kill));
    EXPECT_THAT(life.feed(Input::exited), ElementsAre(Action::ended));
    EXPECT_EQ(life.state.phase, Phase::idle);
    EXPECT_FALSE(life.state.timer);
}

TEST(Supervision, StopsAtOnceWhenThereIsNoProcess) {
    Life life = running();
    life.feed(Input::exited);
    EXPECT_THAT(life.feed(Input::stop), ElementsAre(Action::ended));
    EXPECT_THAT(Life().feed(Input::stop), ElementsAre(Action::ended));
}

TEST(Supervision, SpawnsWithNewSettingsOnlyAfterTheOldProcessIsGone) {
    Life life = running();
    EXPECT_THAT(life.feed(Input::restart), ElementsAre(Action::say_down, Action::ask_to_end));
    EXPECT_THAT(life.feed(Input::restart), IsEmpty());
    EXPECT_THAT(life.feed(Input::exited, 300ms), ElementsAre(Action::spawn));
    EXPECT_FALSE(life.state.died_at) << "an ordered restart is no death";
}

TEST(Supervision, StopsForGoodWhenStoppedDuringARestart) {
    Life life = running();
    life.feed(Input::restart);
    life.feed(Input::stop);
    EXPECT_THAT(life.feed(Input::exited), ElementsAre(Action::ended));
}

TEST(Supervision, NewSettingsEndTheWait) {
    Life life = running();
    for (int i = 0; i < 5; ++i) {
        life.feed(Input::exited);
        life.feed(Input::timer, life.timer_in());
    }
    life.feed(Input::exited);
    EXPECT_THAT(life.feed(Input::restart), ElementsAre(Action::spawn));
    life.feed(Input::exited);
    EXPECT_EQ(life.timer_in(), 200ms);
}
