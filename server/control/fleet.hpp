// Fleet: the workers of this server. Groups vehicles into processes, starts and restarts them, carries
// messages both ways.
#pragma once

#include "server/control/protocol.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace masthead::control {

struct WorkerState {
    std::vector<std::string> vehicles; // ids
    bool up = false;                   // configured and running
    std::int64_t pid = 0;              // 0 while there is no process
    std::string detail;                // a sentence: why it is down, when it will be tried again; "" when up
};

/// What workers say, already checked: each message concerns a vehicle, session or command of the worker it
/// came from. Called on the fleet's thread; may call the fleet back. Any of them may be empty.
struct FleetEvents {
    std::function<void(const Telemetry&)> telemetry;
    std::function<void(const Traffic&)> traffic;
    std::function<void(const CameraState&)> camera_state;
    std::function<void(const CameraFigures&)> camera_figures;
    std::function<void(const RecordingState&)> recording_state;
    std::function<void(const LinkReport&)> link_state;
    std::function<void(const ViewerOffer&)> viewer_offer;
    std::function<void(const ViewerAnswer&)> viewer_answer;
    std::function<void(const ViewerCandidate&)> viewer_candidate;
    std::function<void(const ViewerState&)> viewer_state; // also when a worker died: failed
    std::function<void(const ViewerFigures&)> viewer_figures;
    std::function<void(const CommandProgress&)> command_update; // a worker's death answers for no command
    std::function<void(const MissionHeld&)> mission_held;
    std::function<void(const MissionProgress&)> mission_progress;
    std::function<void(const Graph&)> graph;
    std::function<void(const WorkerState&)> worker_state;
    /// Their worker was stopped for good and is gone; a new one may follow.
    std::function<void(const std::vector<std::string>& vehicles)> retired;
};

struct FleetSettings {
    std::string program = "masthead-worker"; // a path, or a name looked up in PATH
    std::vector<std::string> ice_addresses;  // local addresses viewers may connect to; empty: all
    std::string ice_ports;                   // "40000-40999"; empty: any
    bool ice_tcp = false;                    // viewers may come over TCP too
    std::string recordings;                  // folder, absolute; empty: nothing is recorded
};

/// Lives on one thread: the one whose thread-default GMainContext was current at creation; everything is
/// called, and calls back, there.
class Fleet {
  public:
    Fleet(FleetSettings settings, FleetEvents events);
    /// Kills what is still running. Call stop() first for an orderly end.
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// What shall run from now on, ids unique. Vehicles with the same link URI share a worker, any other has
    /// one for itself. Only workers whose configuration changed restart; the others are not touched.
    void set_vehicles(const std::vector<WorkerVehicle>& vehicles);

    /// Errors: not_found (no such vehicle or camera), unavailable (its worker is down just now),
    /// already_exists (session), invalid_argument (session or text breaks the protocol's limits).
    [[nodiscard]] Result<void> add_viewer(const ViewerAdd& viewer);
    /// Errors of these two: not_found (no such session, or it has ended), too_large or invalid_argument.
    [[nodiscard]] Result<void> set_answer(const ViewerAnswer& answer);
    [[nodiscard]] Result<void> add_candidate(const ViewerCandidate& candidate);
    /// There is such a session: it was added, and has neither ended nor been removed.
    [[nodiscard]] bool has_viewer(const std::string& session) const;
    /// A session that is not there (any more) is fine.
    void remove_viewer(const std::string& session);
    /// Errors: not_found (no such vehicle), unavailable (its worker is down just now: nothing was sent).
    /// After success the command's fate follows as command_update.
    [[nodiscard]] Result<void> send_command(const Command& command);

    /// Its answer comes as graph. Errors: not_found (no such vehicle or camera), unavailable (its worker is
    /// down just now).
    [[nodiscard]] Result<void> ask_graph(const GraphRequest& request);
    /// What the vehicle's worker wrote last, oldest line first; nothing when there is no such vehicle.
    [[nodiscard]] std::vector<std::string> log_lines(const std::string& vehicle) const;

    [[nodiscard]] std::vector<WorkerState> workers() const;

    /// Asks all workers to end, kills those that have not after 5 s, then calls `done` once. No other
    /// call-back follows.
    void stop(std::function<void()> done);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace masthead::control
