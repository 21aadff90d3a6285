// An alert: something is wrong with a vehicle, and somebody must know.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::alerts {

enum class Kind : std::uint8_t { geofence, battery, link, stream, telemetry, recording, command, approach };
/// caution: look; warning: act now.
enum class Severity : std::uint8_t { caution, warning };
/// An alert that is not cleared is open. acknowledged: somebody saw it. snoozed: raised again at a time.
enum class State : std::uint8_t { raised, acknowledged, snoozed, cleared };

[[nodiscard]] std::string_view to_string(Kind kind) noexcept; // as written above
[[nodiscard]] std::string_view to_string(Severity severity) noexcept;
[[nodiscard]] std::string_view to_string(State state) noexcept;
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view text) noexcept;
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view text) noexcept;
[[nodiscard]] std::optional<State> parse_state(std::string_view text) noexcept;

/// What an alert is about: of one key at most one alert is open.
struct Key {
    Kind kind = Kind::geofence;
    std::string vehicle;
    std::string subject; // which fence (id), camera, command (name) or target; may be empty
    friend auto operator<=>(const Key&, const Key&) = default;
};

struct Alert {
    std::string id;
    Key key;
    Severity severity = Severity::caution;
    State state = State::raised;
    std::string message; // a sentence
    Utc raised;
    Utc updated;
    std::string user;                 // who acknowledged or snoozed it last
    std::optional<Utc> snoozed_until; // while snoozed
    friend bool operator==(const Alert&, const Alert&) = default;
};

/// The schema Alert of openapi.yaml.
[[nodiscard]] std::string to_json(const Alert& alert);

} // namespace masthead::alerts
