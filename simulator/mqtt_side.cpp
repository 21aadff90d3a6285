// Samples out, commands in, acknowledgements out.
#include "simulator/mqtt_side.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/links/link_uri.hpp"
#include "plugins/links/mqtt/mqtt_link.hpp"

namespace masthead::sim {

namespace {

constexpr Period kPeriod{200'000, 0};

std::string ack_text(const std::string& id, const char* state, const std::string& detail) {
    json::Writer out;
    out.begin_object().member("id", id).member("state", state).member("detail", detail).end_object();
    return out.release();
}

} // namespace

std::optional<MqttAnswer> answer_to_json(std::string_view command, Utc now) {
    const auto value = json::Value::parse(command, 64 * 1024);
    const auto id = value ? value->string("id") : tl::unexpected(value.error());
    if (!id || id->empty() || id->size() > 64) {
        return std::nullopt;
    }
    const auto what = value->string("command");
    const auto deadline = value->integer("deadline");
    if (!what || !deadline) {
        return MqttAnswer{ack_text(*id, "denied", what ? deadline.error().message : what.error().message),
                          {}};
    }
    if (Utc{*deadline} < now) {
        return MqttAnswer{ack_text(*id, "denied", "the deadline has passed"), {}};
    }
    if (*what != "hold" && *what != "return") {
        return MqttAnswer{ack_text(*id, "denied", "unknown command"), {}};
    }
    return MqttAnswer{ack_text(*id, "accepted", *what == "hold" ? "holding position" : "returning"),
                      *what == "hold" ? Mode::hold : Mode::returning};
}

MqttSide::MqttSide(Key, const Options& options, const std::string& topic,
                   mqtt_link::ConnectionSettings settings, std::shared_ptr<Vehicle> vehicle, SimClock clock)
    : options_(options), topic_(topic), vehicle_(std::move(vehicle)), clock_(clock),
      schedule_({kPeriod}, clock.start),
      connection_(std::move(settings),
                  {.subscribed = [] { log(LogLevel::info, "MQTT is connected"); },
                   .lost =
                       [](const std::string& reason) {
                           log(LogLevel::warning, "MQTT is not connected", {{"reason", reason}});
                       },
                   .message = [this](const auto& message) { obey(message); }},
                  nullptr),
      alarm_([this] { speak(); }) {
    connection_.start();
    alarm_.set(clock_.mono_us_at(schedule_.next()));
}

void MqttSide::speak() {
    const Utc now = clock_.now();
    if (options_.stop_after_s &&
        static_cast<double>((now - clock_.start).count()) > *options_.stop_after_s * 1e6) {
        return;
    }
    for (const Due& due : schedule_.take(now)) {
        if (connection_.connected()) {
            // Lost in the moment of disconnection: telemetry is never kept for later.
            static_cast<void>(
                connection_.publish(topic_ + "/telemetry", to_json(vehicle_->at(due.time).sample)));
        }
    }
    alarm_.set(clock_.mono_us_at(schedule_.next()));
}

void MqttSide::obey(const mqtt_link::IncomingMessage& message) {
    const auto answer = message.retained ? std::nullopt : answer_to_json(message.payload, message.arrival);
    if (!answer) {
        log(LogLevel::warning, "an MQTT message is no command");
        return;
    }
    if (answer->mode) {
        vehicle_->command(*answer->mode, clock_.now());
    }
    log(LogLevel::info, "answers a command", {{"ack", answer->ack}});
    if (const auto sent = connection_.publish(topic_ + "/command/ack", answer->ack); !sent) {
        log(LogLevel::warning, "an acknowledgement was not sent", {{"reason", sent.error().message}});
    }
}

Result<std::unique_ptr<MqttSide>> MqttSide::create(const Options& options, std::shared_ptr<Vehicle> vehicle,
                                                   SimClock clock) {
    const auto uri = parse_link_uri(options.uri);
    if (!uri) {
        return fail(uri.error().code, "--mqtt: " + uri.error().message);
    }
    if (uri->scheme != "mqtt" || uri->path.empty() || uri->path.find_first_of("+#") != std::string::npos) {
        return fail(Code::invalid_argument,
                    "--mqtt wants mqtt://[USER@]HOST:PORT/TOPIC, the topic without wildcards");
    }
    auto password = mqtt_link::password_of(*uri);
    if (!password) {
        return fail(password.error().code, "--mqtt: " + password.error().message);
    }
    mqtt_link::ConnectionSettings settings{.host = uri->host,
                                           .port = uri->port,
                                           .user = uri->user,
                                           .password = *std::move(password),
                                           .topics = {uri->path + "/command"}};
    return std::make_unique<MqttSide>(Key{}, options, uri->path, std::move(settings), std::move(vehicle),
                                      clock);
}

} // namespace masthead::sim
