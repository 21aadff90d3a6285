#include "plugins/glib/main_loop.hpp"

#include "plugins/glib/ref.hpp"
#include "plugins/glib/thread_handover.hpp"

#include <memory>

namespace masthead {

void post(GMainContext* context, std::function<void()> call) {
    using Call = std::function<void()>;
    const auto source = Ref<GSource>::adopt(g_idle_source_new());
    g_source_set_priority(source.get(), G_PRIORITY_DEFAULT);
    auto kept = std::make_unique<Call>(std::move(call));
    handed_over(kept.get());
    g_source_set_callback(
        source.get(),
        [](gpointer data) -> gboolean {
            taken_over(data);
            (*static_cast<Call*>(data))();
            return G_SOURCE_REMOVE;
        },
        kept.release(), [](gpointer data) { std::default_delete<Call>()(static_cast<Call*>(data)); });
    g_source_attach(source.get(), context);
}

} // namespace masthead
