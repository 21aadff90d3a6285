// Connection: one MQTT 3.1.1 client on a main context. The one file pair of this room that knows Paho.
#pragma once

#include "plugins/bytes/backoff.hpp"
#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/glib/timer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace masthead::mqtt_link {

struct ConnectionSettings {
    std::string host;
    std::uint16_t port = 1883;
    bool tls = false;
    std::string ca_file; // PEM; "" is the system's list. The broker's name is checked against its certificate
    std::string user;
    std::string password;
    std::vector<std::string> topics; // filters subscribed at QoS 0
};

struct IncomingMessage {
    std::string topic;
    std::string payload;
    bool retained = false;
    Utc arrival;
};

struct ConnectionEvents {
    std::function<void()> subscribed;                    // connected and every filter granted
    std::function<void(const std::string& reason)> lost; // not connected; tries again by itself with back-off
    std::function<void(const IncomingMessage&)> message;
};

/// Connects, subscribes, and does so again with back-off until destroyed. Thread: the context's, on which the
/// events come too; Paho's threads only post. At most 1,024 posts wait; the oldest is dropped for a newer
/// one.
class Connection {
  public:
    Connection(ConnectionSettings settings, ConnectionEvents events, GMainContext* context);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start() { connect(); }
    [[nodiscard]] bool connected() const;
    /// QoS 0, not retained, never kept for later. Error: unavailable when not connected.
    [[nodiscard]] Result<void> publish(const std::string& topic, const std::string& payload);
    /// Messages dropped because this side was too slow.
    [[nodiscard]] std::uint64_t dropped() const;

  private:
    struct Client; // Paho's client and what its threads may touch

    void connect();
    void subscribe();
    void on_lost(const std::string& reason);
    void drain();

    ConnectionSettings settings_;
    ConnectionEvents events_;
    Backoff backoff_;
    Timer retry_;
    std::size_t granted_ = 0; // filters of this connection
    std::unique_ptr<Client> client_;
};

} // namespace masthead::mqtt_link
