// Telemetry and alerts out to MQTT for other systems: masthead/vehicles/{id}/telemetry and .../state,
// masthead/alerts/{id}, retained.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace masthead::broker {

struct PublisherSettings {
    std::string uri; // mqtt://HOST:PORT or mqtts://HOST:PORT
    std::string user;
    std::filesystem::path password_file;
    std::filesystem::path ca_file; // PEM, for mqtts; empty: the system's. Read anew for each try
    /// Called on the default GMainContext's thread with each change.
    std::function<void(bool up, const std::string& detail)> on_state;
};

/// MQTT 3.1.1 through Paho, on Paho's threads; nothing here blocks. The newest state of each vehicle is kept,
/// so that what a broker missed while it was away is published when it is back; older values are not. QoS 0
/// and retained: readers check `received`. masthead/server/state says "online" while the server is connected;
/// its last will says "offline". Thread: the default GMainContext's.
class Publisher {
  public:
    explicit Publisher(PublisherSettings settings);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// JSON objects; at most one each 200 ms is sent of a vehicle's telemetry, the newest.
    void telemetry(const std::string& vehicle, const std::string& json);
    void state(const std::string& vehicle, const std::string& json);
    /// An alert as it is now: retained while it is open.
    void alert(const std::string& id, const std::string& json, bool open);
    /// Clears what is retained of a vehicle.
    void forget(const std::string& vehicle);
    [[nodiscard]] bool up() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace masthead::broker
