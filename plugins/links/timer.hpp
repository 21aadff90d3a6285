// Timer: calls back once, later, on a main context.
#pragma once

#include "plugins/glib/ref.hpp"

#include <chrono>
#include <functional>

namespace masthead {

/// Thread: the context's. Destroying it cancels it; the callback may arm it again, but not destroy it.
class Timer {
  public:
    /// `context` is borrowed from the owner and outlives this; nullptr: the default one.
    Timer(GMainContext* context, std::function<void()> fire);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Replaces an earlier time.
    void arm(std::chrono::milliseconds delay);
    void cancel() noexcept { source_.reset(); }
    [[nodiscard]] bool armed() const noexcept { return source_ != nullptr; }

  private:
    static gboolean on_time(gpointer self);

    GMainContext* context_;
    std::function<void()> fire_;
    Owned<GSource> source_;
};

} // namespace masthead
