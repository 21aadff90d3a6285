// The vessel's MQTT: telemetry as JSON out, commands in, as schema/asyncapi.yaml has it.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/links/mqtt/connection.hpp"
#include "simulator/orders.hpp"
#include "simulator/schedule.hpp"
#include "simulator/world.hpp"

#include <memory>
#include <optional>
#include <string>

namespace masthead::sim {

/// What came on TOPIC/command, and what is answered on TOPIC/command/ack.
struct MqttAnswer {
    std::string ack; // JSON
    std::optional<Order> order;
};
/// Nothing for a message without an id to answer to.
[[nodiscard]] std::optional<MqttAnswer> answer_to_json(std::string_view command, Utc now);

class MqttSide {
    struct Key {}; // lets create() alone construct

  public:
    struct Options {
        std::string uri;                    // mqtt://[USER@]HOST:PORT/TOPIC; "" = no MQTT
        std::optional<double> stop_after_s; // of simulated time
    };
    /// Speaks five times a second from the default main context until destroyed, and connects again by
    /// itself. Error: invalid_argument naming the URI's wrong part, or the password that cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<MqttSide>>
    create(const Options& options, std::shared_ptr<Vehicle> vehicle, SimClock clock);
    MqttSide(Key, const Options& options, const std::string& topic, mqtt_link::ConnectionSettings settings,
             std::shared_ptr<Vehicle> vehicle, SimClock clock);

  private:
    void speak();
    void obey(const mqtt_link::IncomingMessage& message);

    Options options_;
    std::string topic_;
    std::shared_ptr<Vehicle> vehicle_;
    SimClock clock_;
    Schedule schedule_;
    mqtt_link::Connection connection_;
    Alarm alarm_;
};

} // namespace masthead::sim
