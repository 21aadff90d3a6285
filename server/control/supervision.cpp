#include "server/control/supervision.hpp"

#include <utility>

namespace masthead::control {

namespace {

using Phase = Supervision::Phase;
using Input = SupervisionInput;
using Action = SupervisionAction;
using Actions = std::vector<SupervisionAction>;

Actions spawn(Supervision& state, Instant now, const SupervisionTimes& times) {
    state.phase = Phase::starting;
    state.timer = now + times.start;
    return {Action::spawn};
}

Actions ask_to_end(Supervision& state, bool again, Instant now, const SupervisionTimes& times) {
    state.phase = Phase::stopping;
    state.again = again;
    state.timer = now + times.stop;
    return {Action::say_down, Action::ask_to_end};
}

Actions end(Supervision& state) {
    state = Supervision{};
    return {Action::ended};
}

Actions while_idle(Supervision& state, Input input, Instant now, const SupervisionTimes& times) {
    switch (input) {
    case Input::start:
    case Input::restart: return spawn(state, now, times);
    case Input::stop: return end(state);
    default: return {};
    }
}

Actions while_running(Supervision& state, Input input, Instant now, const SupervisionTimes& times) {
    switch (input) {
    case Input::ready:
        if (state.phase == Phase::up) {
            return {};
        }
        state.phase = Phase::up;
        state.timer = now + times.healthy;
        state.died_at.reset();
        return {Action::say_up};
    case Input::timer:
        state.timer.reset();
        if (state.phase == Phase::starting) {
            return {Action::kill};
        }
        state.backoff.healthy();
        return {};
    case Input::hung_up: state.timer.reset(); return {Action::kill};
    case Input::exited:
        state.phase = Phase::waiting;
        state.timer = now + state.backoff.failed();
        state.died_at = state.died_at.value_or(now);
        return {Action::say_down};
    case Input::restart: return ask_to_end(state, true, now, times);
    case Input::stop: return ask_to_end(state, false, now, times);
    case Input::start: return {};
    }
    return {};
}

Actions while_waiting(Supervision& state, Input input, Instant now, const SupervisionTimes& times) {
    switch (input) {
    case Input::restart: state.backoff.healthy(); return spawn(state, now, times);
    case Input::timer: return spawn(state, now, times);
    case Input::stop: return end(state);
    default: return {};
    }
}

Actions while_stopping(Supervision& state, Input input, Instant now, const SupervisionTimes& times) {
    switch (input) {
    case Input::timer: state.timer.reset(); return {Action::kill};
    case Input::restart:
    case Input::start: state.again = true; return {};
    case Input::stop: state.again = false; return {};
    case Input::exited:
        if (state.again) {
            state = Supervision{};
            return spawn(state, now, times);
        }
        return end(state);
    default: return {};
    }
}

} // namespace

SupervisionStep next(Supervision state, SupervisionInput input, Instant now, const SupervisionTimes& times) {
    Actions actions;
    switch (state.phase) {
    case Phase::idle: actions = while_idle(state, input, now, times); break;
    case Phase::starting:
    case Phase::up: actions = while_running(state, input, now, times); break;
    case Phase::waiting: actions = while_waiting(state, input, now, times); break;
    case Phase::stopping: actions = while_stopping(state, input, now, times); break;
    }
    return {std::move(state), std::move(actions)};
}

} // namespace masthead::control
