// Workers: a Fleet that runs the real masthead-worker, and waits for what it says.
#pragma once

#include "tests/integration/worker/worker_house.hpp"

#include <csignal>

namespace masthead::test {

inline constexpr auto kPatience_s = 60; // generous: sanitized programs on a busy machine

class Workers : public testing::Test {
  protected:
    /// `recordings`: the folder for them; empty: nothing is recorded.
    explicit Workers(std::string recordings = {})
        : fleet_({.program = MASTHEAD_WORKER,
                  .ice_addresses = {"127.0.0.1"},
                  .recordings = std::move(recordings)},
                 heard_.events()) {}
    void TearDown() override {
        bool stopped = false;
        fleet_.stop([&] { stopped = true; });
        EXPECT_TRUE(until([&] { return stopped; }));
    }
    [[nodiscard]] bool until(const std::function<bool()>& condition) const {
        return loop_.until(condition, kPatience_s);
    }
    /// Says something every 50 ms until `condition` holds.
    [[nodiscard]] bool saying(const std::function<void()>& say,
                              const std::function<bool()>& condition) const {
        const Owned<GSource> pulse(g_timeout_source_new(50));
        const auto speak = [](gpointer what) -> gboolean {
            (*static_cast<const std::function<void()>*>(what))();
            return G_SOURCE_CONTINUE;
        };
        g_source_set_callback(pulse.get(), speak, const_cast<std::function<void()>*>(&say), nullptr);
        g_source_attach(pulse.get(), loop_.context());
        return until(condition);
    }
    [[nodiscard]] std::optional<control::WorkerState> worker_of(const std::string& vehicle) const {
        for (const control::WorkerState& worker : fleet_.workers()) {
            if (std::ranges::find(worker.vehicles, vehicle) != worker.vehicles.end()) {
                return worker;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] bool is_up(const std::string& vehicle) const {
        const auto worker = worker_of(vehicle);
        return worker && worker->up;
    }
    void kill_worker_of(const std::string& vehicle) const {
        const auto worker = worker_of(vehicle);
        ASSERT_TRUE(worker && worker->pid > 0);
        ASSERT_EQ(kill(static_cast<pid_t>(worker->pid), SIGKILL), 0);
    }

    Loop loop_;
    FleetHeard heard_;
    control::Fleet fleet_;
};

} // namespace masthead::test
