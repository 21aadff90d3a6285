// Work handed to the main thread (the default GMainContext) from other threads.
#pragma once

#include <functional>

namespace masthead::worker {

/// Runs `what` on the main thread, later. Thread-safe. Capture weak pointers: what it speaks of may be gone
/// by then.
void post(std::function<void()> what);

} // namespace masthead::worker
