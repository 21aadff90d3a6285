// A timeout GSource with an owner.
#include "plugins/glib/timer.hpp"

#include <algorithm>

namespace masthead {

Timer::Timer(GMainContext* context, std::function<void()> fire) : context_(context), fire_(std::move(fire)) {}

Timer::~Timer() = default;

void Timer::attach(std::chrono::milliseconds delay, GSourceFunc on_time) {
    source_.reset(g_timeout_source_new(static_cast<guint>(std::max<std::int64_t>(delay.count(), 0))));
    g_source_set_callback(source_.get(), on_time, this, nullptr);
    g_source_attach(source_.get(), context_);
}

void Timer::arm(std::chrono::milliseconds delay) {
    attach(delay, [](gpointer self) -> gboolean {
        auto* timer = static_cast<Timer*>(self);
        timer->source_.reset();
        const auto fire = timer->fire_; // it may destroy the timer
        fire();
        return G_SOURCE_REMOVE;
    });
}

void Timer::repeat(std::chrono::milliseconds interval) {
    attach(interval, [](gpointer self) -> gboolean {
        const auto fire = static_cast<Timer*>(self)->fire_;
        fire();
        return G_SOURCE_CONTINUE; // without effect once the source is destroyed
    });
}

} // namespace masthead
