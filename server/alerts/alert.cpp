// Alerts as words and as JSON.
#include "server/alerts/alert.hpp"

#include "plugins/glib/json.hpp"

#include <array>

namespace masthead::alerts {
namespace {

// In the order of their enumerations.
constexpr std::array<std::string_view, 8> kKinds{"geofence",  "battery",   "link",    "stream",
                                                 "telemetry", "recording", "command", "approach"};
constexpr std::array<std::string_view, 2> kSeverities{"caution", "warning"};
constexpr std::array<std::string_view, 4> kStates{"raised", "acknowledged", "snoozed", "cleared"};

template <typename T, std::size_t n>
std::optional<T> value_in(const std::array<std::string_view, n>& names, std::string_view text) {
    for (std::size_t place = 0; place < n; ++place) {
        if (names[place] == text) {
            return static_cast<T>(place);
        }
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(Kind kind) noexcept { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_string(Severity severity) noexcept {
    return kSeverities[static_cast<std::size_t>(severity)];
}
std::string_view to_string(State state) noexcept { return kStates[static_cast<std::size_t>(state)]; }
std::optional<Kind> parse_kind(std::string_view text) noexcept { return value_in<Kind>(kKinds, text); }
std::optional<Severity> parse_severity(std::string_view text) noexcept {
    return value_in<Severity>(kSeverities, text);
}
std::optional<State> parse_state(std::string_view text) noexcept { return value_in<State>(kStates, text); }

std::string to_json(const Alert& alert) {
    json::Writer out;
    out.begin_object().member("id", alert.id).member("kind", to_string(alert.key.kind));
    out.member("vehicle", alert.key.vehicle);
    if (!alert.key.subject.empty()) {
        out.member("subject", alert.key.subject);
    }
    out.member("severity", to_string(alert.severity)).member("state", to_string(alert.state));
    out.member("message", alert.message);
    out.member("raised", alert.raised.us).member("updated", alert.updated.us);
    if (!alert.user.empty()) {
        out.member("user", alert.user);
    }
    if (alert.snoozed_until) {
        out.member("snoozed_until", alert.snoozed_until->us);
    }
    return out.end_object().release();
}

} // namespace masthead::alerts
