// A one-shot GSource with an owner.
#include "plugins/links/timer.hpp"

namespace masthead {

Timer::Timer(GMainContext* context, std::function<void()> fire) : context_(context), fire_(std::move(fire)) {}

Timer::~Timer() = default;

gboolean Timer::on_time(gpointer self) {
    auto* timer = static_cast<Timer*>(self);
    timer->source_.reset();
    timer->fire_();
    return G_SOURCE_REMOVE;
}

void Timer::arm(std::chrono::milliseconds delay) {
    source_.reset(g_timeout_source_new(static_cast<guint>(std::max<std::int64_t>(delay.count(), 0))));
    g_source_set_callback(source_.get(), &Timer::on_time, this, nullptr);
    g_source_attach(source_.get(), context_);
}

} // namespace masthead
