#include "server/api/alerts.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "server/auth/secrets.hpp"
#include "server/config/secret_place.hpp"
#include "server/store/alerts.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

constexpr std::size_t kMaxUnwritten = 5000;
constexpr std::int64_t kMaxSnoozeMinutes = 24 * 60;

std::string secret_at(const std::string& place) {
    if (place.empty()) {
        return {};
    }
    const auto secret = config::secret_text(place);
    if (!secret) {
        log(LogLevel::error, "the webhook's secret cannot be read: messages go without a signature",
            {{"why", secret.error()}});
    }
    return secret.value_or("");
}

store::EventRow event_of(const alerts::Alert& alert) {
    const bool is_bad = alert.state == alerts::State::raised;
    std::string message = std::string(to_string(alert.severity)) + " " + std::string(to_string(alert.state)) +
                          ": " + alert.message;
    return {.id = {},
            .time = {},
            .level = is_bad ? "caution" : "info",
            .subject = "alert/" + alert.key.vehicle,
            .user = alert.state == alerts::State::cleared ? "" : alert.user,
            .message = std::move(message)};
}

} // namespace

Alerts::Alerts(store::Database& database, const Directory& directory, Events& events, LiveState& live,
               broker::Publisher* publisher, const AlertSettings& settings)
    : database_(database), directory_(directory), events_(events), live_(live), publisher_(publisher),
      watch_(auth::new_name), tick_(nullptr, [this] { tell(watch_.tick(utc_now())); }) {
    if (!settings.webhook.empty()) {
        webhook_ = std::make_unique<http::Webhook>(
            http::WebhookSettings{.url = settings.webhook,
                                  .secret = [place = settings.webhook_secret] { return secret_at(place); }});
    }
    if (!settings.rules.empty()) {
        rules_.emplace(settings.rules, events,
                       [this](AlertRules rules) { tell(watch_.set_rules(std::move(rules), utc_now())); });
    }
}

std::vector<http::Route> Alerts::routes() {
    using http::Access;
    const auto to = [this](auto handle) -> http::Handler {
        return [this, handle](const http::Request& request, const http::Reply& reply) {
            (this->*handle)(request, reply);
        };
    };
    return {{"GET", "/api/alerts", Access::viewer, to(&Alerts::list)},
            {"POST", "/api/alerts/{alert}/acknowledge", Access::operators, to(&Alerts::acknowledge)},
            {"POST", "/api/alerts/{alert}/snooze", Access::operators, to(&Alerts::snooze)}};
}

std::string Alerts::open_json() const {
    json::Writer out;
    out.begin_array();
    for (const alerts::Alert& alert : watch_.open()) {
        out.raw(to_json(alert));
    }
    return out.end_array().release();
}

void Alerts::list(const http::Request&, const http::Reply& reply) const {
    reply.send(http::json_response(200, open_json()));
}

void Alerts::answer(const Result<alerts::Alert>& alert, const http::Reply& reply) {
    if (!alert) {
        return reply.fail(alert.error());
    }
    tell({*alert});
    reply.send(http::json_response(200, to_json(*alert)));
}

void Alerts::acknowledge(const http::Request& request, const http::Reply& reply) {
    answer(watch_.acknowledge(request.slots.at("alert"), request.caller->user, utc_now()), reply);
}

void Alerts::snooze(const http::Request& request, const http::Reply& reply) {
    const auto minutes = json::Value::parse(request.body).and_then([](const json::Value& value) {
        return value.integer("minutes");
    });
    if (!minutes) {
        return reply.fail(minutes.error());
    }
    if (*minutes < 1 || *minutes > kMaxSnoozeMinutes) {
        return reply.fail({Code::invalid_argument, "'minutes' must be from 1 to 1440"});
    }
    const Utc now = utc_now();
    answer(watch_.snooze(request.slots.at("alert"), request.caller->user,
                         now + std::chrono::minutes(*minutes), now),
           reply);
}

void Alerts::refresh() {
    for (const auto& [id, alert] : std::exchange(unwritten_, {})) {
        write(alert);
    }
    if (restored_) {
        return;
    }
    database_.run<std::vector<alerts::Alert>>(
        store::open_alerts, [this](const Result<std::vector<alerts::Alert>>& open) {
            if (open) {
                restore(*open);
            } else if (open.error().code != Code::unavailable) {
                log(LogLevel::error, "open alerts could not be read", {{"why", open.error().message}});
            }
        });
}

void Alerts::restore(const std::vector<alerts::Alert>& open) {
    if (std::exchange(restored_, true)) {
        return;
    }
    // What this server has raised by itself by now may be among them.
    tell(watch_.restore(open, utc_now()));
    look_again();
    live_.alerts(open_json());
}

void Alerts::fences_changed(const std::vector<fences::Fence>& fences) {
    tell(watch_.set_fences(fences, utc_now()));
}

bool Alerts::is_there(const alerts::Key& key) const {
    const Vehicle* vehicle = directory_.find(key.vehicle);
    const bool of_camera = key.kind == alerts::Kind::stream || key.kind == alerts::Kind::recording;
    const bool of_fence = key.kind == alerts::Kind::geofence;
    return vehicle && (!of_camera || std::ranges::count(camera_names(*vehicle), key.subject) > 0) &&
           (!of_fence || std::ranges::any_of(watch_.fences(), [&](const fences::Fence& fence) {
               return fence.id == key.subject && fences::concerns(fence, key.vehicle);
           }));
}

void Alerts::look_again() {
    tell(watch_.keep([this](const alerts::Key& key) { return is_there(key); }, utc_now()));
}

void Alerts::arrived(const control::Telemetry& message) {
    const Vehicle* vehicle = directory_.find(message.vehicle);
    // What a camera says of where it is counts for who has nothing better.
    if (vehicle && (message.source == control::TelemetrySource::link || !vehicle->link)) {
        tell(watch_.sample(message.vehicle, message.sample, utc_now()));
    }
}

void Alerts::arrived(const control::LinkReport& report) {
    if (report.state != control::LinkState::connecting) {
        tell(watch_.link(report.vehicle, report.state == control::LinkState::up, report.detail, utc_now()));
    }
}

void Alerts::link_down(const std::string& vehicle, const std::string& detail) {
    tell(watch_.link(vehicle, false, detail, utc_now()));
}

void Alerts::arrived(const control::CameraState& state) {
    tell(watch_.stream(state.vehicle, state.camera, state.state == control::CameraPhase::playing,
                       state.detail, utc_now()));
}

void Alerts::camera_down(const std::string& vehicle, const std::string& camera, const std::string& detail) {
    tell(watch_.stream(vehicle, camera, false, detail, utc_now()));
}

void Alerts::arrived(const control::RecordingState& state) {
    tell(watch_.recording(state.vehicle, state.camera, state.state == control::RecordingPhase::failing,
                          state.detail, utc_now()));
}

void Alerts::told(const commands::Command& command) {
    using commands::State;
    const bool failed =
        command.state == State::denied || command.state == State::failed || command.state == State::expired;
    if (failed || command.state == State::completed || command.state == State::accepted) {
        const std::string detail = command.detail.empty()
                                       ? std::string(to_string(command.state))
                                       : std::string(to_string(command.state)) + ", " + command.detail;
        tell(watch_.command(command.vehicle, command.command,
                            failed ? alerts::CommandEnd::failed : alerts::CommandEnd::done, detail,
                            utc_now()));
    }
}

void Alerts::approaches(const std::map<std::string, std::vector<alerts::Approach>>& near) {
    tell(watch_.approaches(near, utc_now()));
}

void Alerts::tell(const alerts::Watch::Changes& changes) {
    for (const alerts::Alert& alert : changes) {
        const bool open = alert.state != alerts::State::cleared;
        const std::string json = to_json(alert);
        log(open && alert.state == alerts::State::raised ? LogLevel::warning : LogLevel::info, "alert",
            {{"vehicle", alert.key.vehicle},
             {"kind", std::string(to_string(alert.key.kind))},
             {"severity", std::string(to_string(alert.severity))},
             {"state", std::string(to_string(alert.state))},
             {"user", alert.user},
             {"message", alert.message}});
        events_.note(event_of(alert));
        if (publisher_) {
            publisher_->alert(alert.id, json, open);
        }
        if (webhook_) {
            webhook_->post(json);
        }
        write(alert);
    }
    if (!changes.empty()) {
        live_.alerts(open_json());
    }
    plan_tick();
}

void Alerts::write(const alerts::Alert& alert) {
    database_.run<void>(
        [alert](store::Connection& connection) { return store::put_alert(connection, alert); },
        [this, alert](const Result<void>& written) {
            if (!written && written.error().code == Code::unavailable) {
                const auto [known, fresh] = unwritten_.try_emplace(alert.id, alert);
                if (!fresh && known->second.updated < alert.updated) {
                    known->second = alert;
                }
                if (unwritten_.size() > kMaxUnwritten) {
                    unwritten_.erase(unwritten_.begin());
                }
            } else if (!written) {
                log(LogLevel::error, "an alert could not be written down",
                    {{"why", written.error().message}});
            }
        });
}

void Alerts::plan_tick() {
    if (const auto when = watch_.next_tick()) {
        tick_.arm(std::chrono::ceil<std::chrono::milliseconds>(*when - utc_now()));
    } else {
        tick_.cancel();
    }
}

} // namespace masthead::api
