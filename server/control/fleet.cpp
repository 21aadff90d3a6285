#include "server/control/fleet.hpp"

#include "plugins/glib/log.hpp"
#include "server/control/groups.hpp"
#include "server/control/worker_process.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <ranges>
#include <set>

namespace masthead::control {

namespace {

constexpr std::size_t kMaxCommands = 4096; // the oldest are forgotten: their answers no longer pass

std::string name_of(const std::vector<WorkerVehicle>& vehicles) {
    std::string name;
    for (const WorkerVehicle& vehicle : vehicles) {
        name += (name.empty() ? "" : ",") + vehicle.id;
    }
    return name;
}

bool ends_session(ViewerPhase phase) { return phase == ViewerPhase::failed || phase == ViewerPhase::closed; }

} // namespace

struct Fleet::State {
    using Key = std::string; // of a group (groups.hpp)

    FleetSettings settings;
    FleetEvents events;
    std::map<Key, std::unique_ptr<WorkerProcess>> workers;
    std::map<Key, Configure> wanted;                    // to be started when nothing is ending any more
    std::vector<std::unique_ptr<WorkerProcess>> ending; // stopped, not gone yet
    std::map<std::string, Key> vehicles;
    std::map<std::string, Key> sessions;
    std::map<std::string, Key> commands;
    std::deque<std::string> command_order;
    std::function<void()> stopped;
    bool quiet = false; // stop() was called: nothing is called back but `stopped`

    [[nodiscard]] WorkerProcess* worker_of(const std::string& vehicle) const;
    [[nodiscard]] const WorkerVehicle* vehicle(const std::string& id) const;
    /// Error: not_found.
    [[nodiscard]] Result<void> find_camera(const std::string& id, const std::string& camera) const;
    void launch(const Key& key, Configure configure);
    void retire(const Key& key);
    void retired(WorkerProcess* which);
    void launch_wanted();
    void fail_sessions(const Key& key, const std::string& detail);
    void say(const Key& key);
    void take(const Key& key, Message&& message);
    void remember(const std::string& command, const Key& key);
    [[nodiscard]] Result<void> to_session(const std::string& session, const Message& message);
    [[nodiscard]] WorkerState describe(const WorkerProcess& worker) const;

    [[nodiscard]] bool owns(const Key& key, const std::string& vehicle) const;
    [[nodiscard]] bool owns_camera(const Key& key, const std::string& vehicle,
                                   const std::string& camera) const;

    template <typename M>
    bool tell(const std::function<void(const M&)>& event, const M& message) const {
        if (event && !quiet) {
            event(message);
        }
        return true;
    }
    bool pass(const Key& key, const Telemetry& telemetry);
    bool pass(const Key& key, const Traffic& traffic);
    bool pass(const Key& key, const CameraState& camera);
    bool pass(const Key& key, const CameraFigures& camera);
    bool pass(const Key& key, const RecordingState& recording);
    bool pass(const Key& key, const LinkReport& link);
    bool pass(const Key& key, const ViewerOffer& offer);
    bool pass(const Key& key, const ViewerAnswer& answer);
    bool pass(const Key& key, const ViewerCandidate& candidate);
    bool pass(const Key& key, const ViewerState& viewer);
    bool pass(const Key& key, const ViewerFigures& figures);
    bool pass(const Key& key, const CommandProgress& progress);
    bool pass(const Key& key, const MissionHeld& held) {
        return owns(key, held.vehicle) && tell(events.mission_held, held);
    }
    bool pass(const Key& key, const MissionProgress& progress) {
        return owns(key, progress.vehicle) && tell(events.mission_progress, progress);
    }
    bool pass(const Key&, const Graph& graph) { return tell(events.graph, graph); } // who asked knows its id
    bool pass(const Key&, const auto&) { return false; } // a message of the other direction

    [[nodiscard]] bool has_session(const Key& key, const std::string& session) const {
        const auto found = sessions.find(session);
        return found != sessions.end() && found->second == key;
    }
};

WorkerProcess* Fleet::State::worker_of(const std::string& vehicle) const {
    const auto key = vehicles.find(vehicle);
    if (key == vehicles.end()) {
        return nullptr;
    }
    const auto worker = workers.find(key->second);
    return worker == workers.end() ? nullptr : worker->second.get();
}

const WorkerVehicle* Fleet::State::vehicle(const std::string& id) const {
    const WorkerProcess* worker = worker_of(id);
    if (!worker) {
        return nullptr;
    }
    const auto& all = worker->configuration().vehicles;
    const auto found = std::ranges::find(all, id, &WorkerVehicle::id);
    return found == all.end() ? nullptr : &*found;
}

Result<void> Fleet::State::find_camera(const std::string& id, const std::string& camera) const {
    const WorkerVehicle* const owner = vehicle(id);
    if (!owner || std::ranges::find(owner->cameras, camera, &WorkerCamera::name) == owner->cameras.end()) {
        return fail(Code::not_found, "vehicle '" + id + "' has no camera '" + camera + "'");
    }
    return {};
}

bool Fleet::State::owns(const Key& key, const std::string& vehicle) const {
    const auto found = vehicles.find(vehicle);
    return found != vehicles.end() && found->second == key;
}

bool Fleet::State::owns_camera(const Key& key, const std::string& id, const std::string& camera) const {
    const WorkerVehicle* const owner = owns(key, id) ? vehicle(id) : nullptr;
    return owner && std::ranges::find(owner->cameras, camera, &WorkerCamera::name) != owner->cameras.end();
}

// --- Starting and ending ---

void Fleet::State::launch(const Key& key, Configure configure) {
    std::string name = name_of(configure.vehicles);
    WorkerProcessEvents from{.message = [this, key](Message&& message) { take(key, std::move(message)); },
                             .up = [this, key] { say(key); },
                             .down =
                                 [this, key](const std::string& detail) {
                                     fail_sessions(key, detail);
                                     say(key);
                                 }};
    auto& worker = workers[key];
    worker = std::make_unique<WorkerProcess>(settings.program, std::move(name), std::move(configure),
                                             std::move(from));
    worker->start();
}

void Fleet::State::retire(const Key& key) {
    auto node = workers.extract(key);
    fail_sessions(key, "the vehicle's settings changed");
    WorkerProcess* const worker = node.mapped().get();
    ending.push_back(std::move(node.mapped()));
    worker->stop([this, worker] { retired(worker); });
}

void Fleet::State::retired(WorkerProcess* which) {
    tell(events.retired, describe(*which).vehicles);
    std::erase_if(ending, [which](const auto& worker) { return worker.get() == which; });
    if (!ending.empty()) {
        return;
    }
    if (const auto done = std::exchange(stopped, nullptr)) {
        done();
        return;
    }
    launch_wanted();
}

/// New workers wait for the old ones, which may still hold the ports they need.
void Fleet::State::launch_wanted() {
    if (!ending.empty()) {
        return;
    }
    for (auto& [key, configure] : std::exchange(wanted, {})) {
        launch(key, std::move(configure));
    }
}

void Fleet::State::fail_sessions(const Key& key, const std::string& detail) {
    std::vector<std::string> gone;
    for (const auto& [session, owner] : sessions) {
        if (owner == key) {
            gone.push_back(session);
        }
    }
    for (const std::string& session : gone) {
        sessions.erase(session);
        tell(events.viewer_state, {session, ViewerPhase::failed, "worker restarted: " + detail});
    }
}

WorkerState Fleet::State::describe(const WorkerProcess& worker) const {
    WorkerState state{.vehicles = {}, .up = worker.up(), .pid = worker.pid(), .detail = worker.detail()};
    for (const WorkerVehicle& one : worker.configuration().vehicles) {
        state.vehicles.push_back(one.id);
    }
    return state;
}

void Fleet::State::say(const Key& key) {
    const auto worker = workers.find(key);
    if (worker != workers.end()) {
        tell(events.worker_state, describe(*worker->second));
    }
}

// --- From the workers ---

bool Fleet::State::pass(const Key& key, const Telemetry& telemetry) {
    const bool ours = telemetry.source == TelemetrySource::camera
                          ? owns_camera(key, telemetry.vehicle, telemetry.camera.value_or(""))
                          : owns(key, telemetry.vehicle);
    return ours && tell(events.telemetry, telemetry);
}

bool Fleet::State::pass(const Key& key, const Traffic& traffic) {
    const auto worker = workers.find(key);
    if (worker == workers.end()) {
        return false;
    }
    const bool ours =
        std::ranges::any_of(worker->second->configuration().vehicles, [&](const WorkerVehicle& one) {
            return (one.link && one.link->uri == traffic.link) ||
                   (one.control && one.control->uri == traffic.link);
        });
    return ours && tell(events.traffic, traffic);
}

bool Fleet::State::pass(const Key& key, const CameraState& camera) {
    return owns_camera(key, camera.vehicle, camera.camera) && tell(events.camera_state, camera);
}

bool Fleet::State::pass(const Key& key, const CameraFigures& camera) {
    return owns_camera(key, camera.vehicle, camera.camera) && tell(events.camera_figures, camera);
}

bool Fleet::State::pass(const Key& key, const RecordingState& recording) {
    return owns_camera(key, recording.vehicle, recording.camera) &&
           (recording.file.empty() ||
            recording.file.starts_with(recording.vehicle + "/" + recording.camera + "/")) &&
           tell(events.recording_state, recording);
}

bool Fleet::State::pass(const Key& key, const LinkReport& link) {
    return owns(key, link.vehicle) && tell(events.link_state, link);
}

bool Fleet::State::pass(const Key& key, const ViewerOffer& offer) {
    return has_session(key, offer.session) && tell(events.viewer_offer, offer);
}

bool Fleet::State::pass(const Key& key, const ViewerAnswer& answer) {
    return has_session(key, answer.session) && tell(events.viewer_answer, answer);
}

bool Fleet::State::pass(const Key& key, const ViewerCandidate& candidate) {
    return has_session(key, candidate.session) && tell(events.viewer_candidate, candidate);
}

bool Fleet::State::pass(const Key& key, const ViewerState& viewer) {
    if (!has_session(key, viewer.session)) {
        return true; // it crossed the session's end: nobody is wrong
    }
    if (ends_session(viewer.state)) {
        sessions.erase(viewer.session);
    }
    return tell(events.viewer_state, viewer);
}

bool Fleet::State::pass(const Key& key, const ViewerFigures& figures) {
    return !has_session(key, figures.session) || tell(events.viewer_figures, figures);
}

bool Fleet::State::pass(const Key& key, const CommandProgress& progress) {
    const auto found = commands.find(progress.id);
    return found != commands.end() && found->second == key && tell(events.command_update, progress);
}

void Fleet::State::take(const Key& key, Message&& message) {
    const bool passed = std::visit([&](const auto& one) { return pass(key, one); }, message);
    if (!passed) {
        log(LogLevel::debug, "a worker's message about what is not its own is dropped",
            {{"worker", key}, {"type", std::string(type_of(message))}});
    }
}

// --- To the workers ---

void Fleet::State::remember(const std::string& command, const Key& key) {
    if (commands.insert_or_assign(command, key).second) {
        command_order.push_back(command);
    }
    while (command_order.size() > kMaxCommands) {
        commands.erase(command_order.front());
        command_order.pop_front();
    }
}

/// The limits of the protocol, told to the caller instead of being broken at the worker.
Result<void> checked(const Message& message) {
    return decode(encode(message)).map([](const Message&) {});
}

Result<void> Fleet::State::to_session(const std::string& session, const Message& message) {
    const auto found = sessions.find(session);
    if (found == sessions.end()) {
        return fail(Code::not_found, "no such viewer session, or it has ended: watch the camera again");
    }
    return checked(message).and_then([&] { return workers.at(found->second)->send(message); });
}

// --- The door ---

Fleet::Fleet(FleetSettings settings, FleetEvents events) : state_(std::make_unique<State>()) {
    state_->settings = std::move(settings);
    state_->events = std::move(events);
}

Fleet::~Fleet() = default;

void Fleet::set_vehicles(const std::vector<WorkerVehicle>& vehicles) {
    State& state = *state_;
    if (state.quiet) {
        return; // ending: nothing is started any more
    }
    auto groups = group(vehicles);
    state.vehicles.clear();
    for (const auto& [key, members] : groups) {
        for (const WorkerVehicle& vehicle : members) {
            state.vehicles.insert_or_assign(vehicle.id, key);
        }
    }
    std::vector<State::Key> leaving;
    for (const auto& [key, worker] : state.workers) {
        if (!groups.contains(key)) {
            leaving.push_back(key);
        }
    }
    for (const State::Key& key : leaving) {
        state.retire(key);
    }
    state.wanted.clear();
    for (auto& [key, members] : groups) {
        Configure configure{state.settings.ice_addresses, std::move(members), std::nullopt};
        if (!state.settings.recordings.empty()) {
            configure.recordings = state.settings.recordings;
        }
        if (!state.settings.ice_ports.empty()) {
            configure.ice_ports = state.settings.ice_ports;
        }
        if (state.settings.ice_tcp) {
            configure.ice_tcp = true;
        }
        const auto running = state.workers.find(key);
        if (running == state.workers.end()) {
            state.wanted.insert_or_assign(key, std::move(configure));
        } else if (running->second->configuration() != configure) {
            std::string name = name_of(configure.vehicles);
            running->second->restart(std::move(name), std::move(configure));
        }
    }
    state.launch_wanted();
}

Result<void> Fleet::add_viewer(const ViewerAdd& viewer) {
    if (auto found = state_->find_camera(viewer.vehicle, viewer.camera); !found) {
        return found;
    }
    if (auto allowed = checked(viewer); !allowed) {
        return allowed;
    }
    const State::Key key = state_->vehicles.at(viewer.vehicle);
    if (!state_->sessions.try_emplace(viewer.session, key).second) {
        return fail(Code::already_exists, "there is a viewer session of that name");
    }
    auto sent = state_->workers.at(key)->send(viewer);
    if (!sent) {
        state_->sessions.erase(viewer.session);
    }
    return sent;
}

Result<void> Fleet::set_answer(const ViewerAnswer& answer) {
    return state_->to_session(answer.session, answer);
}

Result<void> Fleet::add_candidate(const ViewerCandidate& candidate) {
    return state_->to_session(candidate.session, candidate);
}

bool Fleet::has_viewer(const std::string& session) const { return state_->sessions.contains(session); }

void Fleet::remove_viewer(const std::string& session) {
    if (const auto sent = state_->to_session(session, ViewerRemove{session}); !sent) {
        return;
    }
    state_->sessions.erase(session);
}

Result<void> Fleet::send_command(const Command& command) {
    WorkerProcess* worker = state_->worker_of(command.vehicle);
    if (!worker) {
        return fail(Code::not_found, "no vehicle '" + command.vehicle + "'");
    }
    auto sent = checked(command).and_then([&] { return worker->send(command); });
    if (sent) {
        state_->remember(command.id, state_->vehicles.at(command.vehicle));
    }
    return sent;
}

Result<void> Fleet::ask_graph(const GraphRequest& request) {
    return state_->find_camera(request.vehicle, request.camera)
        .and_then([&] { return checked(request); })
        .and_then([&] { return state_->worker_of(request.vehicle)->send(request); });
}

std::vector<std::string> Fleet::log_lines(const std::string& vehicle) const {
    const WorkerProcess* worker = state_->worker_of(vehicle);
    if (!worker) {
        return {};
    }
    return {worker->log_lines().begin(), worker->log_lines().end()};
}

std::vector<WorkerState> Fleet::workers() const {
    std::vector<WorkerState> states;
    for (const auto& [key, worker] : state_->workers) {
        states.push_back(state_->describe(*worker));
    }
    return states;
}

void Fleet::stop(std::function<void()> done) {
    State& state = *state_;
    state.quiet = true;
    state.wanted.clear();
    state.vehicles.clear();
    state.stopped = std::move(done);
    while (!state.workers.empty()) {
        state.retire(state.workers.begin()->first);
    }
    if (state.ending.empty()) {
        if (const auto stopped = std::exchange(state.stopped, nullptr)) {
            stopped();
        }
    }
}

} // namespace masthead::control
