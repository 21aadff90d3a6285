// Samples out, commands in, acknowledgements out.
#include "simulator/mqtt_side.hpp"

#include "plugins/commands/arguments.hpp"
#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/links/link_secret.hpp"

#include <algorithm>
#include <iterator>

namespace masthead::sim {

namespace {

constexpr Period kPeriod{200'000, 0};

std::string ack_text(const std::string& id, const char* state, const std::string& detail) {
    json::Writer out;
    out.begin_object().member("id", id).member("state", state).member("detail", detail).end_object();
    return out.release();
}

double number(const commands::Arguments& arguments, std::string_view name) {
    const commands::Argument* argument = find(arguments, name);
    return argument ? std::get<double>(argument->value) : 0;
}

using commands::Arguments;

struct OrderRow {
    std::string_view command;
    Order (*make)(const Arguments&);
};
constexpr OrderRow kOrders[] = {
    {"hold", [](const Arguments&) -> Order { return Mode::hold; }},
    {"station_keep", [](const Arguments&) -> Order { return Mode::hold; }},
    {"return", [](const Arguments&) -> Order { return Mode::returning; }},
    {"arm", [](const Arguments&) -> Order { return Arm{true}; }},
    {"disarm", [](const Arguments&) -> Order { return Mode::hold; }}, // without an engine it lies still
    {"goto",
     [](const Arguments& a) -> Order {
         const double speed_mps = number(a, "speed_mps");
         return GoTo{{number(a, "latitude_deg"), number(a, "longitude_deg")},
                     {},
                     speed_mps > 0 ? std::optional(speed_mps) : std::nullopt};
     }},
    {"steer",
     [](const Arguments& a) -> Order {
         return Face{number(a, "heading_deg"), number(a, "speed_mps")};
     }},
    {"set_speed", [](const Arguments& a) -> Order { return SetSpeed{number(a, "speed_mps")}; }},
    {"set_throttle",
     [](const Arguments& a) -> Order {
         constexpr double kFullMps = 8;
         return SetSpeed{number(a, "throttle_percent") / 100 * kFullMps};
     }},
    {"gimbal_angles",
     [](const Arguments& a) -> Order {
         return Point{number(a, "yaw_deg"), number(a, "pitch_deg")};
     }},
    {"gimbal_location",
     [](const Arguments& a) -> Order {
         return LookAt{{number(a, "latitude_deg"), number(a, "longitude_deg")}, number(a, "altitude_msl_m")};
     }},
    {"gimbal_neutral", [](const Arguments&) -> Order { return LookAhead{}; }},
    {"zoom", [](const Arguments& a) -> Order { return Zoom{number(a, "zoom_percent")}; }},
    {"photo", [](const Arguments&) -> Order { return Acknowledge{}; }},
    {"video_start", [](const Arguments&) -> Order { return Acknowledge{}; }},
    {"video_stop", [](const Arguments&) -> Order { return Acknowledge{}; }},
};

std::optional<Order> order_of(std::string_view command, const Arguments& arguments) {
    const auto* row = std::ranges::find(kOrders, command, &OrderRow::command);
    return row == std::end(kOrders) ? std::nullopt : std::optional(row->make(arguments));
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
    const commands::Row* row = commands::row(*what);
    const auto arguments = row ? commands::read_arguments(*row, commands::kVessel, value->find("parameters"))
                               : Result<commands::Arguments>(fail(Code::unsupported, "unknown command"));
    const auto order = arguments ? order_of(*what, *arguments) : std::nullopt;
    if (!order) {
        return MqttAnswer{
            ack_text(*id, "denied", arguments ? "this vessel cannot do that" : arguments.error().message),
            {}};
    }
    return MqttAnswer{ack_text(*id, "accepted", std::string(row->title)), order};
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
    if (answer->order) {
        // A vessel at sea may always do what it can do at all.
        static_cast<void>(vehicle_->obey(*answer->order, clock_.now()));
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
    auto password = link_secret(*uri, "password");
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
