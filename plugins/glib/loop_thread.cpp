#include "plugins/glib/loop_thread.hpp"

#include "plugins/glib/main_loop.hpp"

#include <pthread.h>

#include <future>

namespace masthead {

LoopThread::LoopThread(const std::string& name)
    : context_(g_main_context_new()), loop_(g_main_loop_new(context_.get(), FALSE)), thread_([this, name] {
          pthread_setname_np(pthread_self(), name.c_str());
          g_main_context_push_thread_default(context_.get());
          g_main_loop_run(loop_.get());
          g_main_context_pop_thread_default(context_.get());
      }) {}

LoopThread::~LoopThread() {
    // Posted, not called here: a loop that has not begun to run yet would miss it.
    post([this] { g_main_loop_quit(loop_.get()); });
    thread_.join();
}

void LoopThread::post(std::function<void()> task) { masthead::post(context_.get(), std::move(task)); }

void LoopThread::call(const std::function<void()>& task) {
    std::promise<void> done;
    post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

} // namespace masthead
