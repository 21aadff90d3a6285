// One thread that owns things and does what others ask of it, in order.
#pragma once

#include "plugins/glib/ref.hpp"

#include <chrono>
#include <functional>
#include <thread>

namespace masthead {

/// Thread-safe: post(), after(). The destructor does what was posted before it, then joins; never destroy it
/// on its own thread.
class ControlLoop {
  public:
    using Task = std::function<void()>;
    /// A timer that is pending for as long as this lives.
    using Timer = Owned<GSource>;

    explicit ControlLoop(const char* thread_name);
    ~ControlLoop();
    ControlLoop(const ControlLoop&) = delete;
    ControlLoop& operator=(const ControlLoop&) = delete;

    void post(Task task);
    [[nodiscard]] Timer after(std::chrono::milliseconds delay, Task task);

  private:
    void attach(GSource* source, Task task);

    Owned<GMainContext> context_;
    Owned<GMainLoop> loop_;
    std::thread thread_;
};

} // namespace masthead
