#include "server/worker/worker.hpp"

#include "plugins/bytes/join.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/glib/main_loop.hpp"

#include <unistd.h>

#include <algorithm>

namespace masthead::worker {

using control::CameraPhase;
using control::ViewerPhase;

namespace {

SampleThrottle::Instant now() { return SampleThrottle::Instant(g_get_monotonic_time()); }

/// A link's URI has no blanks, so that the first one ends it.
std::string traffic_key(const std::string& uri, const LinkAddress& address) { return uri + ' ' + address; }

} // namespace

Result<std::unique_ptr<Worker>> Worker::create(int fd, std::function<void()> quit) {
    auto worker = std::unique_ptr<Worker>(new Worker(std::move(quit)));
    auto channel = control::Channel::create(
        fd, {.message = [self = worker.get()](control::Message&& message) { self->take(std::move(message)); },
             .hang_up =
                 [self = worker.get()](const std::string& reason) {
                     log(LogLevel::info, "the server is gone, the worker ends", {{"reason", reason}});
                     self->quit_();
                 }});
    if (!channel) {
        return tl::unexpected(channel.error());
    }
    worker->channel_ = *std::move(channel);
    return worker;
}

void Worker::stop(std::function<void()> ended) {
    channel_.reset();
    links_.reset();
    flush_.cancel();
    const auto left = std::make_shared<std::size_t>(cameras_.size());
    if (*left == 0) {
        on_main_loop(std::move(ended));
    }
    for (const auto& [place, camera] : cameras_) {
        camera->stop([left, ended] {
            if (--*left == 0) {
                on_main_loop(ended);
            }
        });
    }
}

void Worker::say(const control::Message& message) {
    if (!channel_) {
        return;
    }
    if (const auto* viewer = std::get_if<control::ViewerState>(&message);
        viewer && (viewer->state == ViewerPhase::failed || viewer->state == ViewerPhase::closed)) {
        sessions_.erase(viewer->session);
    }
    if (const auto sent = channel_->send(message); !sent) {
        log(LogLevel::error, "a message to the server was not sent", {{"reason", sent.error().message}});
    }
}

// --- From the server ---

void Worker::take(control::Message&& message) {
    if (!configured_ && !std::holds_alternative<control::Configure>(message)) {
        log(LogLevel::warning, "a message before the configuration is ignored",
            {{"type", std::string(control::type_of(message))}});
        return;
    }
    std::visit([this](const auto& one) { take(one); }, message);
}

void Worker::take(const auto& message) {
    log(LogLevel::warning, "a message that only a worker may send is ignored",
        {{"type", std::string(control::type_of(message))}});
}

void Worker::take(const control::Configure& configure) {
    if (std::exchange(configured_, true)) {
        log(LogLevel::warning, "a second configuration is ignored: a worker starts anew for one");
        return;
    }
    std::vector<std::string> ids;
    std::ranges::transform(configure.vehicles, std::back_inserter(ids), &control::WorkerVehicle::id);
    set_log_name("worker[" + join(ids, ",") + ']');
    say(control::Ready{getpid()}); // first: what follows concerns a worker that is up
    for (const control::WorkerVehicle& vehicle : configure.vehicles) {
        for (const control::WorkerCamera& camera : vehicle.cameras) {
            add_camera(vehicle, camera, configure);
        }
    }
    links_ = std::make_unique<VehicleLinks>(
        configure.vehicles,
        VehicleLinksEvents{
            .sample = [this](const std::string& vehicle,
                             const Sample& sample) { take_link_sample(vehicle, sample); },
            .traffic =
                [this](const std::string& uri, const LinkAddress& address, const Sample& sample) {
                    traffic_.add(traffic_key(uri, address), sample, now());
                    send_due_samples();
                },
            .report = [this](const control::LinkReport& report) { say(report); },
            .command = [this](const control::CommandProgress& progress) { say(progress); },
            .mission = [this](const control::MissionHeld& held) { say(held); },
            .mission_progress = [this](const control::MissionProgress& progress) { say(progress); }});
    for (const auto& [place, camera] : cameras_) {
        camera->start();
    }
    links_->start();
    log(LogLevel::info, "the worker runs",
        {{"vehicles", join(ids, ",")}, {"cameras", std::to_string(cameras_.size())}});
}

void Worker::add_camera(const control::WorkerVehicle& vehicle, const control::WorkerCamera& camera,
                        const control::Configure& configure) {
    auto recipe = parse_recipe_json(camera.recipe);
    if (!recipe) {
        control::CameraState refused;
        refused.vehicle = vehicle.id;
        refused.camera = camera.name;
        refused.state = CameraPhase::refused;
        refused.detail = "its pipeline file cannot be used: " + recipe.error().message;
        log(LogLevel::error, "a camera is refused",
            {{"vehicle", vehicle.id}, {"camera", camera.name}, {"reason", refused.detail}});
        say(refused);
        return;
    }
    cameras_[{vehicle.id, camera.name}] =
        std::make_shared<Camera>(CameraSettings{.vehicle = vehicle.id,
                                                .name = camera.name,
                                                .recipe = *std::move(recipe),
                                                .ice_addresses = join(configure.ice_addresses, ","),
                                                .ice_ports = configure.ice_ports.value_or(""),
                                                .ice_tcp = configure.ice_tcp.value_or(false),
                                                .recordings = configure.recordings.value_or("")},
                                 [this](const control::Message& message) { say(message); });
}

Camera* Worker::camera_of(const std::string& session) const {
    const auto found = sessions_.find(session);
    const auto camera = found == sessions_.end() ? nullptr : found->second.lock();
    return camera.get(); // cameras_ owns it
}

void Worker::refuse(const std::string& session, const std::string& why) {
    log(LogLevel::warning, "a viewer is refused", {{"session", session}, {"reason", why}});
    say(control::ViewerState{session, ViewerPhase::failed, why});
}

void Worker::take(const control::ViewerAdd& viewer) {
    const auto camera = cameras_.find({viewer.vehicle, viewer.camera});
    if (camera == cameras_.end()) {
        refuse(viewer.session,
               "vehicle '" + viewer.vehicle + "' has no usable camera '" + viewer.camera + "'");
        return;
    }
    if (!sessions_.try_emplace(viewer.session, camera->second).second) {
        log(LogLevel::warning, "a viewer session that exists is not added again",
            {{"session", viewer.session}});
        return;
    }
    if (const auto added = camera->second->add_session(viewer); !added) {
        refuse(viewer.session, added.error().message);
    }
}

void Worker::take(const control::ViewerAnswer& answer) {
    Camera* camera = camera_of(answer.session);
    const auto taken = camera ? camera->set_answer(answer.session, answer.sdp) : Result<void>();
    if (!taken) { // viewersink ends the session and says so
        log(LogLevel::warning, "a viewer's answer is refused",
            {{"session", answer.session}, {"reason", taken.error().message}});
    }
}

void Worker::take(const control::ViewerCandidate& candidate) {
    Camera* camera = camera_of(candidate.session);
    const auto taken = camera ? camera->add_candidate(candidate) : Result<void>();
    if (!taken) {
        log(LogLevel::info, "a viewer's candidate is refused",
            {{"session", candidate.session}, {"reason", taken.error().message}});
    }
}

void Worker::take(const control::ViewerRemove& viewer) {
    if (Camera* camera = camera_of(viewer.session)) {
        camera->remove_session(viewer.session);
    }
    sessions_.erase(viewer.session);
}

void Worker::take(const control::Command& command) { links_->send(command, utc_now()); }

void Worker::take(const control::GraphRequest& request) {
    const auto camera = cameras_.find({request.vehicle, request.camera});
    say(control::Graph{request.id,
                       camera != cameras_.end() ? camera->second->graph() : R"({"elements":[],"links":[]})"});
}

// --- From the links ---

void Worker::take_link_sample(const std::string& vehicle, const Sample& sample) {
    for (const auto& [place, camera] : cameras_) {
        if (place.first == vehicle) {
            camera->take_link_sample(sample);
        }
    }
    telemetry_.add(vehicle, sample, now());
    send_due_samples();
}

void Worker::send_due_samples() {
    for (auto& [vehicle, sample] : telemetry_.take(now())) {
        say(control::Telemetry{vehicle, control::TelemetrySource::link, std::nullopt, std::move(sample)});
    }
    for (auto& [key, sample] : traffic_.take(now())) {
        const std::size_t blank = key.find(' ');
        say(control::Traffic{key.substr(0, blank), key.substr(blank + 1), std::move(sample)});
    }
    std::optional<SampleThrottle::Instant> due = telemetry_.due();
    if (const auto traffic = traffic_.due()) {
        due = std::min(due.value_or(*traffic), *traffic);
    }
    if (due) { // also when an earlier wait, for traffic, is longer
        flush_.arm(std::chrono::ceil<std::chrono::milliseconds>(*due - now()));
    }
}

} // namespace masthead::worker
