// /api/control and /api/commands: commands in, their fate out. Written down before they are sent, never sent
// twice.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/directory.hpp"
#include "server/commands/command.hpp"
#include "server/control/fleet.hpp"
#include "server/http/router.hpp"
#include "server/http/websocket.hpp"
#include "server/store/commands.hpp"

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace masthead::api {

/// For what is written down beside the commands themselves.
struct ControlEvents {
    std::function<void(const commands::Command&)> told; // each state of each command
    /// On the WebSocket; the error is empty when it was taken.
    std::function<void(const http::Caller&, const std::string& text, const std::string& error)> asked;
};

/// Thread: the default GMainContext's. Borrows everything it is made from.
class Control {
  public:
    Control(const Directory& directory, control::Fleet& fleet, store::CommandLog& log, ControlEvents events);
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

    [[nodiscard]] std::vector<http::Route> routes();
    void progress(const control::CommandProgress& progress);
    /// A worker ended: nobody will answer for what its vehicles were asked.
    void worker_ended(const std::vector<std::string>& vehicles);

  private:
    using Answer = std::function<void(Result<commands::Command>)>;
    void ask(const std::string& text, const http::Caller& caller, const Answer& answer);
    void write_and_send(const commands::Command& command, const Answer& answer);
    void send(const commands::Command& command);
    /// Takes the new state in, tells everyone, writes it down.
    void change(const commands::Command& command);
    void broadcast(const commands::Command& command);
    void set_timer(const commands::Command& command);
    void due(const std::string& id);
    void opened(std::shared_ptr<http::WebSocket> socket);
    void list(const http::Reply& reply);

    const Directory& directory_;
    control::Fleet& fleet_;
    store::CommandLog& log_;
    ControlEvents events_;
    commands::Book book_;
    std::map<std::string, std::vector<Answer>> writing_; // those who wait until a command is written down
    std::map<std::string, Timer> timers_;                // of commands that time may end
    std::list<std::shared_ptr<http::WebSocket>> sockets_;
};

} // namespace masthead::api
