#include "server/worker/main_context.hpp"

#include <glib.h>

#include <memory>

namespace masthead::worker {

void post(std::function<void()> what) {
    using Call = std::function<void()>;
    g_idle_add_full(
        G_PRIORITY_DEFAULT,
        [](gpointer data) -> gboolean {
            (*static_cast<Call*>(data))();
            return G_SOURCE_REMOVE;
        },
        std::make_unique<Call>(std::move(what)).release(),
        [](gpointer data) { const std::unique_ptr<Call> owned(static_cast<Call*>(data)); });
}

} // namespace masthead::worker
