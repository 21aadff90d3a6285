// Work handed to the main thread (the default GMainContext): from other threads at once, or later by a timer.
#pragma once

#include "plugins/glib/ref.hpp"

#include <glib.h>

#include <chrono>
#include <functional>

namespace masthead::worker {

/// Runs `what` on the main thread, later. Thread-safe. Capture weak pointers: what it speaks of may be gone
/// by then.
void post(std::function<void()> what);

/// Calls back on the main thread once, or every time, `after` elapsed; never after it was destroyed. Belongs
/// to that thread.
class Timer {
  public:
    enum class Repeat : bool { no, yes };
    Timer() = default;
    Timer(std::chrono::milliseconds after, Repeat repeat, std::function<void()> what);

    [[nodiscard]] bool armed() const noexcept { return source_ && !g_source_is_destroyed(source_.get()); }

  private:
    Owned<GSource> source_;
};

} // namespace masthead::worker
