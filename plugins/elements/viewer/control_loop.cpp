#include "plugins/elements/viewer/control_loop.hpp"

#include "plugins/glib/thread_handover.hpp"

#include <pthread.h>

namespace masthead {

ControlLoop::ControlLoop(const char* thread_name)
    : context_(g_main_context_new()), loop_(g_main_loop_new(context_.get(), FALSE)) {
    thread_ = std::thread([this, name = std::string(thread_name)] {
        pthread_setname_np(pthread_self(), name.c_str());
        g_main_context_push_thread_default(context_.get());
        g_main_loop_run(loop_.get());
        g_main_context_pop_thread_default(context_.get());
    });
}

ControlLoop::~ControlLoop() {
    post([this] { g_main_loop_quit(loop_.get()); });
    thread_.join();
}

void ControlLoop::attach(GSource* source, Task task) {
    auto kept = std::make_unique<Task>(std::move(task));
    handed_over(kept.get());
    g_source_set_callback(
        source,
        [](gpointer data) -> gboolean {
            taken_over(data);
            (*static_cast<Task*>(data))();
            return G_SOURCE_REMOVE;
        },
        kept.release(), [](gpointer data) { delete static_cast<Task*>(data); });
    g_source_attach(source, context_.get());
}

void ControlLoop::post(Task task) {
    const auto source = Ref<GSource>::adopt(g_idle_source_new());
    g_source_set_priority(source.get(), G_PRIORITY_DEFAULT);
    attach(source.get(), std::move(task));
}

ControlLoop::Timer ControlLoop::after(std::chrono::milliseconds delay, Task task) {
    Timer timer(g_timeout_source_new(static_cast<guint>(delay.count())));
    attach(timer.get(), std::move(task));
    return timer;
}

} // namespace masthead
