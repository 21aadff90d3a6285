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
    /// The cameras that it is, where its pipeline file describes several: they are what is run and watched.
    /// Not of who set it: what a request says of it is not looked at.
    std::vector<std::string> parts;
};

struct Vehicle {
    std::string id;
    control::VehicleKind kind = control::VehicleKind::drone;
    std::string name;
    std::optional<LinkSettings> link;
    std::optional<LinkSettings> control; // for commands, where `link` carries none
    std::vector<CameraSettings> cameras;
};

/// By which its cameras are run and watched.
[[nodiscard]] std::vector<std::string> camera_names(const CameraSettings& camera);
[[nodiscard]] std::vector<std::string> camera_names(const Vehicle& vehicle);
/// What set up the camera that is watched by this name; borrowed, nullptr when there is none.
[[nodiscard]] const CameraSettings* camera_named(const Vehicle& vehicle, const std::string& name);

/// Errors: invalid_argument naming the member and its rule.
[[nodiscard]] Result<Vehicle> parse_vehicle(const json::Value& value, control::VehicleKind kind);

enum class Secrets { shown, hidden };
/// With hidden secrets, passwords within URIs are written as "***".
[[nodiscard]] std::string to_json(const Vehicle& vehicle, Secrets secrets);

} // namespace masthead::api
