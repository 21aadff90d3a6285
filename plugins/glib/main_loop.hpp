// From any thread to the main loop.
#pragma once

#include <functional>

namespace masthead {

/// Queues `call` for the thread of the default GMainContext; never runs it at once, not even when the loop
/// does not run yet (g_main_context_invoke() would then run it on the calling thread). Thread-safe.
void on_main_loop(std::function<void()> call);

} // namespace masthead
