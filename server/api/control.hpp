// /api/control and /api/commands: commands in, their fate out. Written down before they are sent, never sent
// twice.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/authority.hpp"
#include "server/api/directory.hpp"
#include "server/api/geofences.hpp"
#include "server/api/missions.hpp"
#include "server/commands/desk.hpp"
#include "server/commands/situation.hpp"
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
    Control(const Directory& directory, const Geofences& geofences, control::Fleet& fleet,
            store::CommandLog& log, Authority& authority, Missions& missions, ControlEvents events);
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

    [[nodiscard]] std::vector<http::Route> routes();
    void progress(const control::CommandProgress& progress);
    /// A worker ended: nobody will answer for what its vehicles were asked.
    void worker_ended(const std::vector<std::string>& vehicles);
    /// What a vehicle says of itself: some commands make no sense for it as it is.
    void arrived(const control::Telemetry& telemetry);
    /// To everyone on /api/control.
    void broadcast(const std::string& text);

  private:
    using Answer = std::function<void(Result<commands::Command>)>;
    [[nodiscard]] static Answer answer_to(const http::Reply& reply);
    struct Checked {
        commands::Command command;
        const commands::Row* row;
        commands::Arguments arguments;
        std::vector<commands::MissionItem> items; // of an upload, as they are stored now
    };
    [[nodiscard]] Result<Checked> checked(const std::string& text, const http::Caller& caller) const;
    /// Whether it may go to this vehicle now: the lease, what the vehicle says of itself, and geofences.
    [[nodiscard]] Result<void> allowed(const Checked& asked, const http::Caller& caller);
    void ask(const std::string& text, const http::Caller& caller, const Answer& answer);
    void take_in(const Checked& asked, const http::Caller& caller, const Answer& answer);
    void write_down(const commands::Command& command, const Answer& answer);
    void cancel(const std::string& id, const http::Caller& caller, const Answer& answer);
    /// Tells and writes down what changed, hands on what is to be sent.
    void carry_out(const commands::Changes& changes);
    /// To everyone on /api/control, and as an event.
    void announce(const commands::Command& command);
    void tell(const commands::Command& command);
    void plan_tick();
    void opened(std::shared_ptr<http::WebSocket> socket);
    void received(const std::string& text, const http::Caller& caller,
                  const std::shared_ptr<http::WebSocket>& socket);
    void list(const http::Request& request, const http::Reply& reply);

    const Directory& directory_;
    const Geofences& geofences_;
    control::Fleet& fleet_;
    store::CommandLog& log_;
    Authority& authority_;
    Missions& missions_;
    ControlEvents events_;
    commands::Desk desk_;
    std::map<std::string, commands::Situation> situations_; // by vehicle
    std::map<std::string, std::vector<Answer>> writing_;    // those who wait until a command is written down
    std::map<std::string, std::string> payloads_; // missions of commands that have not left yet; JSON
    Timer tick_;
    std::list<std::shared_ptr<http::WebSocket>> sockets_;
};

} // namespace masthead::api
