// Live updates and history.
#include "server/api/telemetry.hpp"

#include "server/api/queries.hpp"
#include "server/store/telemetry_history.hpp"

#include <sstream>

namespace masthead::api {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kTick{100};
constexpr unsigned kTicksPerPublish = 2;
constexpr unsigned kTicksPerAging = 100;
constexpr std::int64_t kHeartbeatUs =
    1'000'000;                          // an update at least this often, so that a page knows it is alive
constexpr auto kCameraRowEvery = 200ms; // metadata comes with every frame; the table keeps 5 a second
constexpr int kDefaultLimit = 1000;
constexpr double kMostHz = 10;
constexpr double kLeastHz = 0.01;
constexpr std::size_t kMostVehicles = 256;
constexpr int kPolicyViolation = 1008; // RFC 6455

Result<LiveScope> scope_of(const http::Request& request) {
    LiveScope scope;
    std::istringstream ids(query_text(request, "vehicles"));
    for (std::string id; std::getline(ids, id, ',');) {
        if (!control::is_id(id) || scope.vehicles.size() == kMostVehicles) {
            return fail(Code::invalid_argument, "'vehicles' must be up to 256 ids, with commas between");
        }
        scope.vehicles.insert(id);
    }
    const std::string traffic = query_text(request, "traffic");
    if (!traffic.empty() && traffic != "true" && traffic != "false") {
        return fail(Code::invalid_argument, "'traffic' must be true or false");
    }
    scope.traffic = traffic != "false";
    return scope;
}

/// The least time between two updates, in microseconds.
Result<std::int64_t> interval_of(const http::Request& request) {
    const auto rate_hz = query_number(request, "rate_hz", kMostHz);
    if (!rate_hz || *rate_hz < kLeastHz || *rate_hz > kMostHz) {
        return fail(Code::invalid_argument, "'rate_hz' must be from 0.01 to 10");
    }
    return *rate_hz == kMostHz ? 0 : static_cast<std::int64_t>(1e6 / *rate_hz);
}

} // namespace

Telemetry::Telemetry(LiveState& live, const Directory& directory, store::Database& database,
                     store::TelemetryWriter& writer, broker::Publisher* publisher)
    : live_(live), directory_(directory), database_(database), writer_(writer), publisher_(publisher),
      timer_(nullptr, [this] { tick(); }) {
    timer_.repeat(kTick);
}

std::vector<http::Route> Telemetry::routes() {
    using http::Access;
    const auto history_of = [this](control::VehicleKind kind) -> http::Handler {
        return [this, kind](const http::Request& request, const http::Reply& reply) {
            history(kind, request, reply);
        };
    };
    return {
        {"GET", "/api/drones/{id}/telemetry", Access::viewer, history_of(control::VehicleKind::drone)},
        {"GET", "/api/vessels/{id}/telemetry", Access::viewer, history_of(control::VehicleKind::vessel)},
        {"GET", "/api/telemetry", Access::viewer,
         http::SocketHandler([this](const http::Request& request, std::shared_ptr<http::WebSocket> socket) {
             opened(request, std::move(socket));
         })},
    };
}

void Telemetry::arrived(const control::Telemetry& message) {
    const Utc now = utc_now();
    live_.telemetry(message, now);
    if (message.camera) {
        Utc& stored = camera_stored_[message.vehicle + "/" + *message.camera];
        if (now - stored < kCameraRowEvery) {
            return;
        }
        stored = now;
    }
    writer_.add(
        {.received = now, .vehicle = message.vehicle, .camera = message.camera, .sample = message.sample});
}

void Telemetry::arrived(const control::Traffic& message) { live_.traffic(message, utc_now()); }

void Telemetry::history(control::VehicleKind kind, const http::Request& request, const http::Reply& reply) {
    const std::string& id = request.slots.at("id");
    if (const auto vehicle = directory_.find(kind, id); !vehicle) {
        return reply.fail(vehicle.error());
    }
    const auto range = query_range(request);
    const auto limit = query_limit(request, kDefaultLimit);
    if (!range || !limit) {
        return reply.fail(!range ? range.error() : limit.error());
    }
    database_.run<std::vector<Sample>>(
        [id, range = *range, limit = *limit](store::Connection& connection) {
            return store::telemetry_history(connection, id, range.from, range.to, limit);
        },
        [reply](const Result<std::vector<Sample>>& samples) {
            if (!samples) {
                return reply.fail(
                    samples.error().code == Code::expired
                        ? Error{Code::unavailable, "this took too long to look up; ask for a shorter time"}
                        : samples.error());
            }
            std::string body = "[";
            for (const Sample& sample : *samples) {
                body += (body.size() > 1 ? "," : "") + to_json(sample);
            }
            reply.send(http::json_response(200, body + "]"));
        });
}

void Telemetry::opened(const http::Request& request, std::shared_ptr<http::WebSocket> socket) {
    const auto client = clients_.insert(clients_.end(), Client{.socket = socket});
    socket->on_close = [this, client] { clients_.erase(client); };
    client->has = live_.version();
    client->sent_us = g_get_monotonic_time();
    auto scope = scope_of(request);
    const auto least_us = interval_of(request);
    if (!scope || !least_us) {
        return socket->close(kPolicyViolation, !scope ? scope.error().message : least_us.error().message);
    }
    client->scope = *std::move(scope);
    client->least_us = *least_us;
    socket->send(live_.update_since(0, utc_now(), client->scope));
}

void Telemetry::tick() {
    const Utc now = utc_now();
    ++ticks_;
    if (ticks_ % kTicksPerAging == 0) {
        live_.age(now);
    }
    send_updates(now);
    if (publisher_ && ticks_ % kTicksPerPublish == 0) {
        publish();
    }
}

bool Telemetry::due(const Client& client, std::int64_t now_us) const {
    const std::int64_t since_us = now_us - client.sent_us;
    // A client whose last update is still on its way gets the newest state later.
    return since_us >= client.least_us && client.socket->writable() &&
           (since_us >= kHeartbeatUs || live_.changed_since(client.has, client.scope));
}

void Telemetry::send_updates(Utc now) {
    const std::int64_t now_us = g_get_monotonic_time();
    // Nearly all clients are at the same version and want the same.
    std::map<std::pair<std::uint64_t, LiveScope>, std::string> texts;
    std::vector<std::pair<std::shared_ptr<http::WebSocket>, const std::string*>> leaving;
    for (Client& client : clients_) {
        if (!due(client, now_us)) {
            continue;
        }
        auto [text, fresh] = texts.try_emplace(std::pair(client.has, client.scope));
        if (fresh) {
            text->second = live_.update_since(client.has, now, client.scope);
        }
        client.has = live_.version();
        client.sent_us = now_us;
        leaving.emplace_back(client.socket, &text->second);
    }
    for (const auto& [socket, text] : leaving) {
        socket->send(*text);
    }
}

void Telemetry::publish() {
    for (const auto& entry : live_.published_since(published_)) {
        if (entry.telemetry) {
            publisher_->telemetry(entry.vehicle, *entry.telemetry);
        }
        if (entry.state) {
            publisher_->state(entry.vehicle, *entry.state);
        }
    }
    published_ = live_.version();
}

} // namespace masthead::api
