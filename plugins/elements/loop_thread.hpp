// A thread that runs a GMainContext of its own, for elements that own event-driven things.
#pragma once

#include "plugins/glib/ref.hpp"

#include <functional>
#include <thread>

namespace masthead {

/// Runs from construction to destruction, which joins the thread. Thread-safe; construct and destroy on one
/// thread that is not this one.
class LoopThread {
  public:
    LoopThread();
    ~LoopThread();
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;

    /// Is the thread's default context.
    [[nodiscard]] GMainContext* context() const noexcept { return context_.get(); }
    /// Runs `task` on the thread, later. Tasks keep their order; those not begun at destruction are dropped.
    void post(std::function<void()> task);
    /// Runs `task` on the thread and waits for it.
    void call(const std::function<void()>& task);

  private:
    Owned<GMainContext> context_;
    Owned<GMainLoop> loop_;
    std::thread thread_;
};

} // namespace masthead
