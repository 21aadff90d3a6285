#include "plugins/elements/loop_thread.hpp"

#include "plugins/glib/thread_handover.hpp"

#include <future>

namespace masthead {

namespace {

using Task = std::function<void()>;

gboolean run(gpointer task) {
    taken_over(task);
    (*static_cast<Task*>(task))();
    return G_SOURCE_REMOVE;
}

void destroy(gpointer task) { std::default_delete<Task>()(static_cast<Task*>(task)); }

} // namespace

LoopThread::LoopThread()
    : context_(g_main_context_new()), loop_(g_main_loop_new(context_.get(), FALSE)), thread_([this] {
          g_main_context_push_thread_default(context_.get());
          g_main_loop_run(loop_.get());
          g_main_context_pop_thread_default(context_.get());
      }) {}

LoopThread::~LoopThread() {
    // Posted, not called here: a loop that has not begun to run yet would miss it.
    post([this] { g_main_loop_quit(loop_.get()); });
    thread_.join();
}

void LoopThread::post(Task task) {
    GSource* source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    auto kept = std::make_unique<Task>(std::move(task));
    handed_over(kept.get());
    g_source_set_callback(source, run, kept.release(), destroy);
    g_source_attach(source, context_.get());
    g_source_unref(source);
}

void LoopThread::call(const Task& task) {
    std::promise<void> done;
    post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

} // namespace masthead
