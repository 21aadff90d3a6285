// Due times, and a GSource with a ready time.
#include "simulator/schedule.hpp"

#include <algorithm>

namespace masthead::sim {

Schedule::Schedule(std::vector<Period> periods, Utc start) : periods_(std::move(periods)) {
    for (const Period& period : periods_) {
        due_.push_back(start + std::chrono::microseconds(period.phase_us));
    }
}

Utc Schedule::next() const { return *std::min_element(due_.begin(), due_.end()); }

std::vector<Due> Schedule::take(Utc now) {
    std::vector<Due> due;
    for (std::size_t row = 0; row < due_.size(); ++row) {
        const std::chrono::microseconds period(periods_[row].period_us);
        const std::int64_t behind = (now - due_[row]) / period;
        if (behind > kMaxBehind) {
            due_[row] = due_[row] + (behind - kMaxBehind) * period;
        }
        for (; due_[row] <= now; due_[row] = due_[row] + period) {
            due.push_back({row, due_[row]});
        }
    }
    std::stable_sort(due.begin(), due.end(), [](const Due& a, const Due& b) { return a.time < b.time; });
    return due;
}

namespace {

GSourceFuncs alarm_functions = {nullptr,
                                nullptr,
                                [](GSource* source, GSourceFunc call, gpointer data) -> gboolean {
                                    g_source_set_ready_time(source, -1);
                                    return call(data);
                                },
                                nullptr,
                                nullptr,
                                nullptr};

} // namespace

Alarm::Alarm(std::function<void()> fire)
    : fire_(std::move(fire)), source_(g_source_new(&alarm_functions, sizeof(GSource))) {
    g_source_set_callback(
        source_.get(),
        [](gpointer self) -> gboolean {
            static_cast<Alarm*>(self)->fire_();
            return G_SOURCE_CONTINUE;
        },
        this, nullptr);
    g_source_attach(source_.get(), nullptr);
}

void Alarm::set(std::int64_t mono_us) {
    g_source_set_ready_time(source_.get(), std::max<std::int64_t>(mono_us, 0));
}

} // namespace masthead::sim
