#include "plugins/bytes/backoff.hpp"
#include "plugins/glib/loop_thread.hpp"
#include "plugins/glib/main_loop.hpp"
#include "plugins/glib/timer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

using namespace masthead;
using namespace std::chrono_literals;

namespace {

class OnALoop : public testing::Test {
  protected:
    void until(const std::function<bool()>& condition) const {
        bool late = false;
        Timer patience(context_.get(), [&] { late = true; });
        patience.arm(20s);
        while (!condition() && !late) {
            g_main_context_iteration(context_.get(), TRUE);
        }
        EXPECT_FALSE(late);
    }
    Owned<GMainContext> context_{g_main_context_new()};
};

} // namespace

TEST_F(OnALoop, ATimerCallsOnceAndTheOneSetLastCounts) {
    int calls = 0;
    Timer timer(context_.get(), [&] { ++calls; });
    Timer later(context_.get(), [] {});
    timer.arm(1h);
    timer.arm(-5ms);
    EXPECT_TRUE(timer.armed());
    later.arm(30ms);
    until([&] { return !later.armed(); });
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(timer.armed());
}

TEST_F(OnALoop, ATimerRepeatsUntilItsCallbackCancelsIt) {
    int calls = 0;
    Timer timer(context_.get(), [&] {
        if (++calls == 3) {
            timer.cancel();
        }
    });
    Timer later(context_.get(), [] {});
    timer.repeat(1ms);
    until([&] { return calls == 3; });
    later.arm(30ms);
    until([&] { return !later.armed(); });
    EXPECT_EQ(calls, 3);
}

TEST_F(OnALoop, ATimerMayBeDestroyedByItsCallback) {
    for (const bool repeats : {false, true}) {
        std::unique_ptr<Timer> timer;
        std::string said;
        timer = std::make_unique<Timer>(context_.get(), [&, text = std::string(100, 'x')] {
            timer.reset();
            said = text; // what the callback holds is still there
        });
        repeats ? timer->repeat(1ms) : timer->arm(1ms);
        until([&] { return !said.empty(); });
        EXPECT_EQ(said.size(), 100U);
    }
}

TEST_F(OnALoop, WhatIsPostedNeverRunsAtOnceAndKeepsItsOrder) {
    std::string seen;
    post(context_.get(), [&] { seen += 'a'; });
    post(context_.get(), [&] { seen += 'b'; });
    EXPECT_EQ(seen, "");
    until([&] { return seen.size() == 2; });
    EXPECT_EQ(seen, "ab");
}

TEST(LoopThread, DoesWhatWasPostedBeforeItEnds) {
    int done = 0;
    {
        LoopThread loop("test");
        for (int i = 0; i < 100; ++i) {
            loop.post([&] { ++done; });
        }
    }
    EXPECT_EQ(done, 100);
}

TEST(Backoff, DoublesUpToItsMostAndBeginsAnewWhenHealthy) {
    Backoff backoff{.first = 200ms, .most = 1000ms};
    EXPECT_EQ(backoff.failed(), 200ms);
    EXPECT_EQ(backoff.failed(), 400ms);
    EXPECT_EQ(backoff.failed(), 800ms);
    EXPECT_EQ(backoff.failed(), 1000ms);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(backoff.failed(), 1000ms);
    }
    backoff.healthy();
    EXPECT_EQ(backoff.failed(), 200ms);
}
