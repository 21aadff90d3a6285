// WorkerProcess: one supervised masthead-worker: spawns it, configures it, restarts it, and carries its
// messages.
#pragma once

#include "server/control/channel.hpp"
#include "server/control/protocol.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace masthead::control {

struct WorkerProcessEvents {
    std::function<void(Message&&)> message;
    std::function<void()> up;
    std::function<void(const std::string& detail)> down;
};

/// Lives on the thread whose thread-default GMainContext was current at creation, calls back there.
class WorkerProcess {
  public:
    WorkerProcess(std::string program, std::string name, Configure configure, WorkerProcessEvents events);
    /// Kills the process if it still runs; nothing is called back.
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    void start();
    /// Ends the process in an orderly way (killed after 5 s) and starts it with the new settings.
    void restart(std::string name, Configure configure);
    /// Ends it for good; `ended` is called once there is no process any more, perhaps at once. Nothing else
    /// is called back.
    void stop(std::function<void()> ended);

    [[nodiscard]] const Configure& configuration() const noexcept;
    [[nodiscard]] bool up() const noexcept;
    [[nodiscard]] std::int64_t pid() const noexcept;          // 0: no process
    [[nodiscard]] const std::string& detail() const noexcept; // why it is not up
    /// What it, and those before it, wrote last: at most 500 lines, oldest first.
    [[nodiscard]] const std::deque<std::string>& log_lines() const noexcept;
    /// Error: unavailable while it is not up; too_large.
    Result<void> send(const Message& message);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace masthead::control
