#include "plugins/glib/main_loop.hpp"

#include <glib.h>

#include <memory>

namespace masthead {

void on_main_loop(std::function<void()> call) {
    auto kept = std::make_unique<std::function<void()>>(std::move(call));
    g_idle_add_full(
        G_PRIORITY_DEFAULT,
        [](gpointer data) -> gboolean {
            (*static_cast<std::function<void()>*>(data))();
            return G_SOURCE_REMOVE;
        },
        kept.release(), [](gpointer data) { delete static_cast<std::function<void()>*>(data); });
}

} // namespace masthead
