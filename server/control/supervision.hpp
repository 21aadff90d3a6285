// The life of one worker process as a pure state machine: no clock, no processes; time is an argument.
#pragma once

#include "plugins/bytes/backoff.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace masthead::control {

using Instant = std::chrono::microseconds; // of a monotonic clock

struct SupervisionTimes {
    std::chrono::milliseconds start{20'000};   // from spawn to ready, else it is killed
    std::chrono::milliseconds healthy{30'000}; // up this long: earlier failures are forgotten
    std::chrono::milliseconds stop{5'000};     // from being asked to end to being killed
};

struct Supervision {
    enum class Phase : std::uint8_t {
        idle,     // no process, none wanted
        starting, // spawned, not ready yet
        up,
        waiting,  // died; spawned again when the timer fires
        stopping, // asked to end
    };
    Phase phase = Phase::idle;
    bool again = false; // while stopping: spawn once more afterwards
    Backoff backoff{.first = std::chrono::milliseconds(200)};
    std::optional<Instant> timer;   // when Input::timer is wanted
    std::optional<Instant> died_at; // since when it is down against our will
};

enum class SupervisionInput : std::uint8_t {
    start,
    ready,
    exited,  // the process is gone, or could not be spawned
    hung_up, // its channel ended while the process may live
    timer,
    restart, // new settings
    stop,
};

enum class SupervisionAction : std::uint8_t {
    spawn,
    ask_to_end,
    kill,
    say_up,
    say_down,
    ended, // stopped for good
};

struct SupervisionStep {
    Supervision state;
    std::vector<SupervisionAction> actions;
};

[[nodiscard]] SupervisionStep next(Supervision state, SupervisionInput input, Instant now,
                                   const SupervisionTimes& times = {});

} // namespace masthead::control
