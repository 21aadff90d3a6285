#include "plugins/elements/source_life.hpp"

namespace masthead {

namespace {

using namespace std::chrono_literals;

constexpr auto kStall = 3s;     // without a buffer while playing
constexpr auto kPatience = 10s; // from connecting to the first buffer
constexpr auto kHealthy = 5s;   // of playing, and the next back-off begins anew
constexpr auto kRefusedRetry = 10s;
constexpr auto kListenAgain = 500ms;

} // namespace

const char* to_string(SourceState state) noexcept {
    switch (state) {
    case SourceState::connecting: return "connecting";
    case SourceState::playing: return "playing";
    case SourceState::retrying: return "retrying";
    case SourceState::refused: return "refused";
    }
    return "retrying";
}

SourceAction SourceLife::begin(Instant now) {
    state_ = SourceState::connecting;
    if (reach_ == Reach::is_called) {
        detail_ = "nobody sends this camera's video yet";
        return SourceAction::none;
    }
    return called(now);
}

SourceAction SourceLife::called(Instant now) {
    if (reach_ == Reach::is_called) {
        state_ = SourceState::connecting;
        detail_.clear();
    }
    connected_ = true;
    connected_at_ = now;
    return SourceAction::connect;
}

void SourceLife::data(Instant now) {
    if (!connected_) {
        return; // the last buffers of a source that is being taken down
    }
    if (state_ != SourceState::playing) {
        state_ = SourceState::playing;
        detail_.clear();
        first_data_ = now;
    } else if (now - first_data_ > kHealthy) {
        backoff_.healthy();
    }
    last_data_ = now;
}

std::chrono::milliseconds SourceLife::pause_after_failure() {
    return reach_ == Reach::listens ? kListenAgain : backoff_.failed();
}

SourceAction SourceLife::failed(Instant now, bool refused, std::string why) {
    if (!connected_) {
        return SourceAction::none; // the first reason stands
    }
    connected_ = false;
    state_ = refused ? SourceState::refused : SourceState::retrying;
    detail_ = std::move(why);
    retry_at_ = now + (refused ? std::chrono::milliseconds(kRefusedRetry) : pause_after_failure());
    return SourceAction::disconnect;
}

SourceAction SourceLife::tick(Instant now) {
    if (!connected_) {
        if (reach_ == Reach::is_called || now < retry_at_) {
            return SourceAction::none;
        }
        return called(now); // the state stays "retrying" until data comes
    }
    const std::string tail = reach_ == Reach::is_called ? "; waiting for it to send anew" : "; trying again";
    if (state_ == SourceState::playing) {
        return now - last_data_ > kStall ? failed(now, false, "the camera stopped sending" + tail)
                                         : SourceAction::none;
    }
    if (now - connected_at_ > kPatience) {
        return failed(now, false, "nothing came from the camera within 10 s" + tail);
    }
    return SourceAction::none;
}

} // namespace masthead
