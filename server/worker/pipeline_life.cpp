#include "server/worker/pipeline_life.hpp"

#include <algorithm>
#include <utility>

namespace masthead::worker {

namespace {

using Phase = PipelineLife::Phase;
using Input = LifeInput;
using Action = LifeAction;
using Actions = std::vector<LifeAction>;

constexpr std::chrono::seconds kHealthy{30};

Actions build(PipelineLife& life) {
    life.phase = Phase::running;
    life.timer.reset();
    return {Action::build};
}

Actions end(PipelineLife& life) {
    life = PipelineLife{};
    return {Action::ended};
}

Actions while_running(PipelineLife& life, Input input, PipelineLife::Instant now) {
    switch (input) {
    case Input::playing: life.timer = life.timer.value_or(now + kHealthy); return {};
    case Input::timer:
        life.timer.reset();
        life.backoff.healthy();
        return {};
    case Input::failed:
        life.phase = Phase::tearing;
        life.timer.reset();
        life.retry_at = now + life.backoff.failed();
        return {Action::say_retrying, Action::tear_down};
    case Input::stop:
        life.phase = Phase::tearing;
        life.timer.reset();
        life.ending = true;
        return {Action::tear_down};
    default: return {};
    }
}

Actions while_tearing(PipelineLife& life, Input input, PipelineLife::Instant now) {
    switch (input) {
    case Input::stop: life.ending = true; return {};
    case Input::torn_down:
        if (life.ending) {
            return end(life);
        }
        life.phase = Phase::waiting;
        life.timer = std::max(life.retry_at, now);
        return {};
    default: return {};
    }
}

} // namespace

LifeStep next(PipelineLife life, LifeInput input, PipelineLife::Instant now) {
    Actions actions;
    switch (life.phase) {
    case Phase::idle:
        if (input == Input::start) {
            actions = build(life);
        } else if (input == Input::stop) {
            actions = end(life);
        }
        break;
    case Phase::running: actions = while_running(life, input, now); break;
    case Phase::tearing: actions = while_tearing(life, input, now); break;
    case Phase::waiting:
        if (input == Input::timer) {
            actions = build(life);
        } else if (input == Input::stop) {
            actions = end(life);
        }
        break;
    }
    return {std::move(life), std::move(actions)};
}

} // namespace masthead::worker
