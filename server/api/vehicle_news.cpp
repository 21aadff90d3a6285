#include "server/api/vehicle_news.hpp"

namespace masthead::api {
namespace {

constexpr std::int64_t kLeastApartUs = 1'000'000;

store::EventRow row(const char* level, std::string subject, std::string message) {
    return {.id = {},
            .time = {},
            .level = level,
            .subject = std::move(subject),
            .user = {},
            .message = std::move(message)};
}

/// Whether `said` is another value than the one that is known, which then is known.
template <typename T>
bool is_news(std::optional<T>& known, Utc& told, const std::optional<T>& said, Utc now) {
    if (!said || known == said) {
        return false;
    }
    if (!known) {
        known = said;
        return false;
    }
    if (now.us - told.us < kLeastApartUs) {
        return false; // is heard again, and told then
    }
    known = said;
    told = now;
    return true;
}

} // namespace

std::vector<store::EventRow> VehicleNews::of(const control::Telemetry& message, Utc now) {
    if (message.source != control::TelemetrySource::link) {
        return {};
    }
    std::vector<store::EventRow> rows;
    Known& known = vehicles_[message.vehicle];
    const std::optional<std::string> before = known.mode;
    if (is_news(known.mode, known.mode_told, message.sample.mode, now)) {
        rows.push_back(row("info", "mode/" + message.vehicle, *known.mode + ", before " + *before));
    }
    if (is_news(known.armed, known.armed_told, message.sample.armed, now)) {
        rows.push_back(row("info", "mode/" + message.vehicle, *known.armed ? "armed" : "disarmed"));
    }
    return rows;
}

std::optional<store::EventRow> VehicleNews::of(const control::LinkReport& report) {
    using control::LinkState;
    std::optional<LinkState>& known = vehicles_[report.vehicle].link;
    if (report.state == LinkState::connecting || known == report.state) {
        return std::nullopt;
    }
    known = report.state;
    const bool is_up = report.state == LinkState::up;
    const std::string state = "link " + std::string(control::to_string(report.state));
    return row(is_up ? "info" : "caution", "link/" + report.vehicle,
               report.detail.empty() ? state : state + ": " + report.detail);
}

std::optional<store::EventRow> VehicleNews::of(const control::MissionProgress& progress, Utc now) {
    Known& known = vehicles_[progress.vehicle];
    const bool is_other = progress.reached && known.reached != progress.reached;
    if (!is_other || now.us - known.reached_told.us < kLeastApartUs) {
        return std::nullopt;
    }
    known.reached = progress.reached;
    known.reached_told = now;
    const std::string of = progress.count ? " of " + std::to_string(*progress.count) : "";
    return row("info", "mission/" + progress.vehicle,
               "reached item " + std::to_string(*progress.reached + 1) + of);
}

store::EventRow news_of(const commands::Command& command) {
    using commands::State;
    const bool is_bad =
        command.state == State::denied || command.state == State::failed || command.state == State::expired;
    const std::string step = command.command + " " + std::string(commands::to_string(command.state));
    store::EventRow event = row(is_bad ? "caution" : "info", "command/" + command.vehicle,
                                command.detail.empty() ? step : step + ": " + command.detail);
    event.user = command.user;
    return event;
}

} // namespace masthead::api
