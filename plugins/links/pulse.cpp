// The state of a link.
#include "plugins/links/pulse.hpp"

#include <cstdlib>

namespace masthead {

namespace {

constexpr gint64 kSilentUs = 3'000'000;
constexpr std::chrono::milliseconds kRemarksPeriod{500};
constexpr std::size_t kRemarksTold = 4;

} // namespace

Pulse::Pulse(GMainContext* context, std::function<void(LinkState, const std::string&)> say)
    : say_(std::move(say)), timer_(context, [this] { check(); }),
      remarks_timer_(context, [this] { say_remarks(); }) {}

void Pulse::change(LinkState state, const std::string& detail) {
    std::pair<LinkState, std::string> now(state, detail);
    if (said_ != now) {
        said_ = std::move(now);
        if (say_) {
            say_(state, detail);
        }
    }
}

void Pulse::connecting(const std::string& detail) { change(LinkState::connecting, detail); }

void Pulse::opened(const std::string& detail) {
    where_ = detail;
    last_us_ = g_get_monotonic_time();
    timer_.arm(std::chrono::milliseconds(kSilentUs / 1000));
    say(LinkState::connecting, ", nothing heard yet");
}

void Pulse::closed(const std::string& detail) {
    timer_.cancel();
    change(LinkState::down, detail);
}

void Pulse::beat() {
    last_us_ = g_get_monotonic_time();
    if (!said_ || said_->first != LinkState::up) {
        say(LinkState::up, "");
    }
}

void Pulse::say(LinkState state, const std::string& what) {
    what_ = what;
    std::string detail = where_ + what;
    std::size_t told = 0;
    for (const auto& [who, text] : remarks_) {
        if (told++ == kRemarksTold) {
            detail += "; and more of the kind";
            break;
        }
        detail += "; " + text;
    }
    change(state, detail);
}

void Pulse::remark(const std::string& who, const std::string& text) {
    if (text.empty()) {
        remarks_.erase(who);
    } else {
        remarks_[who] = text;
    }
    if (!remarks_timer_.armed()) {
        remarks_timer_.arm(kRemarksPeriod);
    }
}

void Pulse::say_remarks() {
    if (said_ && said_->first != LinkState::down) {
        say(said_->first, what_);
    }
}

void Pulse::check() {
    const gint64 quiet_us = g_get_monotonic_time() - last_us_;
    if (quiet_us >= kSilentUs) {
        say(LinkState::silent, ", nothing good for 3 s");
    }
    const gint64 left_us = quiet_us >= kSilentUs ? kSilentUs : kSilentUs - quiet_us;
    timer_.arm(std::chrono::milliseconds(left_us / 1000 + 1));
}

std::string clock_remark(const std::string& who, std::optional<std::chrono::microseconds> error) {
    if (!error) {
        return "";
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*error).count();
    return who + "'s clock is " + std::to_string(std::abs(seconds)) + " s " +
           (seconds < 0 ? "behind" : "ahead") + ", its times are mapped to ours";
}

} // namespace masthead
