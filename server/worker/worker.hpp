// Worker: everything one masthead-worker runs, between its control channel on one side and links and cameras
// on the other.
#pragma once

#include "server/control/channel.hpp"
#include "server/worker/camera.hpp"
#include "server/worker/sample_throttle.hpp"
#include "server/worker/vehicle_links.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace masthead::worker {

/// Belongs to the main thread. Links live there; each camera brings GStreamer's threads and one side thread
/// (camera.hpp).
class Worker {
  public:
    /// `fd`: our end of the socketpair, taken over. `quit` is called once when the server is gone or stopped
    /// us. Error: unavailable (`fd` is no socket).
    [[nodiscard]] static Result<std::unique_ptr<Worker>> create(int fd, std::function<void()> quit);

    /// Takes all cameras down, then calls `ended` from the main loop.
    void stop(std::function<void()> ended);

  private:
    explicit Worker(std::function<void()> quit) : quit_(std::move(quit)) {}

    void take(control::Message&& message);
    void take(const control::Configure& configure);
    void take(const control::ViewerAdd& viewer);
    void take(const control::ViewerAnswer& answer);
    void take(const control::ViewerCandidate& candidate);
    void take(const control::ViewerRemove& viewer);
    void take(const control::Command& command);
    void take(const control::GraphRequest& request);
    void take(const auto& message); // of the other direction

    void add_camera(const control::WorkerVehicle& vehicle, const control::WorkerCamera& camera,
                    const control::Configure& configure);
    void take_link_sample(const std::string& vehicle, const Sample& sample);
    void send_due_samples();
    void say(const control::Message& message);
    void refuse(const std::string& session, const std::string& why);
    [[nodiscard]] Camera* camera_of(const std::string& session) const;

    std::function<void()> quit_;
    std::unique_ptr<control::Channel> channel_;
    bool configured_ = false;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<Camera>> cameras_; // by vehicle and name
    std::map<std::string, std::weak_ptr<Camera>> sessions_;
    SampleThrottle telemetry_{std::chrono::milliseconds(50), 1024};
    SampleThrottle traffic_{std::chrono::milliseconds(1000), 8192};
    Timer flush_{nullptr, [this] { send_due_samples(); }};
    std::unique_ptr<VehicleLinks> links_;
};

} // namespace masthead::worker
