// Timer: calls back later, once or again and again, on a main context.
#pragma once

#include "plugins/glib/ref.hpp"

#include <chrono>
#include <functional>

namespace masthead {

/// Thread: the context's. Destroying it cancels it; the callback may set it anew, or destroy it.
class Timer {
  public:
    /// `context` is borrowed from the owner and outlives this; nullptr: the default one.
    Timer(GMainContext* context, std::function<void()> fire);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Once; replaces what was set before. A time that has passed counts as now.
    void arm(std::chrono::milliseconds delay);
    /// Each `interval`; replaces what was set before.
    void repeat(std::chrono::milliseconds interval);
    void cancel() noexcept { source_.reset(); }
    /// Will call back.
    [[nodiscard]] bool armed() const noexcept { return source_ != nullptr; }

  private:
    void attach(std::chrono::milliseconds delay, GSourceFunc on_time);

    GMainContext* context_;
    std::function<void()> fire_;
    Owned<GSource> source_;
};

} // namespace masthead
