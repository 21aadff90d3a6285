#include "server/worker/main_context.hpp"

#include <algorithm>
#include <memory>

namespace masthead::worker {

namespace {

struct Call {
    std::function<void()> what;
    gboolean again = G_SOURCE_REMOVE;
};

gboolean run(gpointer data) {
    const auto* call = static_cast<Call*>(data);
    const gboolean again = call->again;
    call->what();
    return again;
}

void drop(gpointer data) { const std::unique_ptr<Call> owned(static_cast<Call*>(data)); }

} // namespace

void post(std::function<void()> what) {
    g_idle_add_full(G_PRIORITY_DEFAULT, run, std::make_unique<Call>(Call{std::move(what)}).release(), drop);
}

Timer::Timer(std::chrono::milliseconds after, Repeat repeat, std::function<void()> what)
    : source_(g_timeout_source_new(static_cast<guint>(std::max<std::int64_t>(after.count(), 0)))) {
    const gboolean again = repeat == Repeat::yes ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    g_source_set_callback(source_.get(), run, std::make_unique<Call>(Call{std::move(what), again}).release(),
                          drop);
    g_source_attach(source_.get(), nullptr);
}

} // namespace masthead::worker
