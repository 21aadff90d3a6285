// The file of alert rules: YAML, checked against schema/alert_rules.schema.json. See
// deploy/alerts.example.yaml.
#pragma once

#include "plugins/bytes/result.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace masthead {

/// What every rule has: a state must last so long before an alert is raised, and its end before it is
/// cleared.
struct AlertRule {
    bool enabled = true;
    std::chrono::milliseconds raise_after{0};
    std::chrono::milliseconds clear_after{0};
};

struct GeofenceRule : AlertRule {
    double margin_m = 5; // so far back on the right side before the alert is cleared
};

struct BatteryRule : AlertRule {
    double caution_percent = 30;
    double warning_percent = 15;
    double margin_percent = 3; // so much above before the alert is cleared
};

/// Closest point of approach to another ship or vehicle: both limits must be met.
struct ApproachRule : AlertRule {
    double caution_m = 500;
    double caution_s = 300;
    double warning_m = 200;
    double warning_s = 180;
    double margin_percent = 20; // so much beyond both before the alert is cleared
};

/// As they are for one vehicle.
struct VehicleAlertRules {
    GeofenceRule geofence;
    BatteryRule battery;
    AlertRule link;
    AlertRule stream;
    AlertRule telemetry; // raise_after: how old a position may be
    AlertRule recording;
    AlertRule command; // clear_after: how long a failed one is shown unless somebody acknowledges it
    ApproachRule approach;
    VehicleAlertRules();
};

struct AlertRules {
    VehicleAlertRules fleet;
    std::map<std::string, VehicleAlertRules> vehicles; // by id, what the file says of them filled in

    [[nodiscard]] const VehicleAlertRules& of(const std::string& vehicle) const {
        const auto found = vehicles.find(vehicle);
        return found == vehicles.end() ? fleet : found->second;
    }
};

/// Errors: not_found; malformed and invalid_argument with "file:line:column: ...".
[[nodiscard]] Result<AlertRules> load_alert_rules(const std::filesystem::path& path);
[[nodiscard]] Result<AlertRules> parse_alert_rules(std::string_view yaml, std::string name);

} // namespace masthead
