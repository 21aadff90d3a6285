// A vehicle as the API shows it: the schema Vehicle of openapi.yaml, read and written.
#pragma once

#include "plugins/glib/json.hpp"
#include "server/config/recipe.hpp"
#include "server/control/protocol.hpp"

#include <optional>
#include <string>
#include <vector>

namespace masthead::api {

struct LinkSettings {
    std::string uri;
    std::optional<std::string> address;
};

struct CameraSettings {
    std::string name;
    std::string pipeline; // a pipeline file's name without .yaml
    ParameterValues parameters;
};

struct Vehicle {
    std::string id;
    control::VehicleKind kind = control::VehicleKind::drone;
    std::string name;
    std::optional<LinkSettings> link;
    std::optional<LinkSettings> control; // for commands, where `link` carries none
    std::vector<CameraSettings> cameras;
};

/// Errors: invalid_argument naming the member and its rule.
[[nodiscard]] Result<Vehicle> parse_vehicle(const json::Value& value, control::VehicleKind kind);

enum class Secrets { shown, hidden };
/// With hidden secrets, passwords within URIs are written as "***".
[[nodiscard]] std::string to_json(const Vehicle& vehicle, Secrets secrets);

} // namespace masthead::api
