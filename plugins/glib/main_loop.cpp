#include "plugins/glib/main_loop.hpp"

#include "plugins/glib/thread_handover.hpp"

#include <glib.h>

#include <memory>

namespace masthead {

void on_main_loop(std::function<void()> call) {
    auto kept = std::make_unique<std::function<void()>>(std::move(call));
    handed_over(kept.get());
    g_idle_add_full(
        G_PRIORITY_DEFAULT,
        [](gpointer data) -> gboolean {
            taken_over(data);
            (*static_cast<std::function<void()>*>(data))();
            return G_SOURCE_REMOVE;
        },
        kept.release(), [](gpointer data) { delete static_cast<std::function<void()>*>(data); });
}

} // namespace masthead
