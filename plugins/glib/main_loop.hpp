// From any thread to the thread of a main context.
#pragma once

#include <glib.h>

#include <functional>

namespace masthead {

/// Queues `call` for the thread of `context` (nullptr: the default one); never runs it at once, not even when
/// the loop does not run yet (g_main_context_invoke() would then run it on the calling thread). Calls keep
/// their order. Thread-safe.
void post(GMainContext* context, std::function<void()> call);

/// post() to the default context: the main loop.
inline void on_main_loop(std::function<void()> call) { post(nullptr, std::move(call)); }

} // namespace masthead
