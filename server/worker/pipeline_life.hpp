// The life of a camera's pipeline as a pure state machine: no clock, no GStreamer; time is an argument.
#pragma once

#include "plugins/bytes/backoff.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace masthead::worker {

struct PipelineLife {
    using Instant = std::chrono::microseconds; // of a monotonic clock

    enum class Phase : std::uint8_t {
        idle,
        running, // there is a pipeline; its source reconnects by itself
        tearing, // the pipeline is being taken down, which may take its time
        waiting, // built again when the timer fires
    };
    Phase phase = Phase::idle;
    bool ending = false; // while tearing: not built again
    Backoff backoff;
    std::optional<Instant> timer; // when Input::timer is wanted
    Instant retry_at{};
};

enum class LifeInput : std::uint8_t {
    start,
    playing, // video flows
    failed,  // the pipeline cannot go on, or could not be built
    torn_down,
    timer,
    stop,
};

enum class LifeAction : std::uint8_t { build, tear_down, say_retrying, ended };

struct LifeStep {
    PipelineLife life;
    std::vector<LifeAction> actions;
};

/// Thirty seconds of playing forget earlier failures.
[[nodiscard]] LifeStep next(PipelineLife life, LifeInput input, PipelineLife::Instant now);

} // namespace masthead::worker
