// A thread that runs a GMainContext of its own: it owns things and does what others ask of it, in order.
#pragma once

#include "plugins/glib/ref.hpp"

#include <functional>
#include <string>
#include <thread>

namespace masthead {

/// Runs from construction to destruction, which waits until all that was posted before it is done. Never
/// destroy it on its own thread; all else is thread-safe.
class LoopThread {
  public:
    /// `name` is what debuggers show: at most 15 characters.
    explicit LoopThread(const std::string& name);
    ~LoopThread();
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;

    /// Is the thread's default context.
    [[nodiscard]] GMainContext* context() const noexcept { return context_.get(); }
    /// Runs `task` on the thread, later. Tasks keep their order.
    void post(std::function<void()> task);
    /// Runs `task` on the thread and waits for it.
    void call(const std::function<void()>& task);

  private:
    Owned<GMainContext> context_;
    Owned<GMainLoop> loop_;
    std::thread thread_;
};

} // namespace masthead
