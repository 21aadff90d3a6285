// Alert rules: what the file says over what stands here.
#include "server/config/alert_rules.hpp"

#include "alert_rules_schema.hpp"
#include "server/config/document.hpp"

#include <cmath>

namespace masthead {
namespace {

using config::Document;
using config::Json;
using std::chrono::milliseconds;

void read(const Json& value, const char* name, double& into) { into = value.value(name, into); }

void read(const Json& value, const char* name, milliseconds& into) {
    if (value.contains(name)) {
        into = milliseconds(std::lround(value[name].get<double>() * 1000));
    }
}

void read(const Json& value, AlertRule& rule) {
    rule.enabled = value.value("enabled", rule.enabled);
    read(value, "raise_after_s", rule.raise_after);
    read(value, "clear_after_s", rule.clear_after);
}

/// `value` holds the rules of the fleet, or of one vehicle over them.
void read(const Json& value, VehicleAlertRules& rules) {
    const Json none = Json::object();
    const auto part = [&](const char* name) -> const Json& {
        return value.contains(name) ? value[name] : none;
    };
    read(part("geofence"), rules.geofence);
    read(part("geofence"), "margin_m", rules.geofence.margin_m);
    read(part("battery"), rules.battery);
    read(part("battery"), "caution_percent", rules.battery.caution_percent);
    read(part("battery"), "warning_percent", rules.battery.warning_percent);
    read(part("battery"), "margin_percent", rules.battery.margin_percent);
    read(part("link"), rules.link);
    read(part("stream"), rules.stream);
    read(part("telemetry"), rules.telemetry);
    read(part("recording"), rules.recording);
    read(part("command"), rules.command);
    read(part("approach"), rules.approach);
    read(part("approach"), "caution_m", rules.approach.caution_m);
    read(part("approach"), "caution_s", rules.approach.caution_s);
    read(part("approach"), "warning_m", rules.approach.warning_m);
    read(part("approach"), "warning_s", rules.approach.warning_s);
    read(part("approach"), "margin_percent", rules.approach.margin_percent);
}

Result<void> check(const Document& document, const std::string& pointer, const VehicleAlertRules& rules) {
    if (rules.battery.warning_percent > rules.battery.caution_percent) {
        return document.fail_at(pointer + "/battery",
                                "'warning_percent' must not be above 'caution_percent'");
    }
    if (rules.approach.warning_m > rules.approach.caution_m ||
        rules.approach.warning_s > rules.approach.caution_s) {
        return document.fail_at(pointer + "/approach", "the warning must not begin before the caution");
    }
    return {};
}

Result<AlertRules> rules_of(const Document& document) {
    if (auto checked = config::check(document, embedded::kAlertRulesSchema); !checked) {
        return tl::unexpected(checked.error());
    }
    AlertRules rules;
    read(document.value, rules.fleet);
    if (auto checked = check(document, "", rules.fleet); !checked) {
        return tl::unexpected(checked.error());
    }
    const Json vehicles = document.value.value("vehicles", Json::object());
    for (const auto& [vehicle, value] : vehicles.items()) {
        VehicleAlertRules own = rules.fleet;
        read(value, own);
        if (auto checked = check(document, "/vehicles/" + vehicle, own); !checked) {
            return tl::unexpected(checked.error());
        }
        rules.vehicles.emplace(vehicle, own);
    }
    return rules;
}

} // namespace

VehicleAlertRules::VehicleAlertRules() {
    using namespace std::chrono_literals;
    geofence.raise_after = 500ms;
    geofence.clear_after = 2s;
    battery.raise_after = 5s;
    battery.clear_after = 10s;
    link.raise_after = 3s;
    link.clear_after = 2s;
    stream.raise_after = 5s;
    stream.clear_after = 3s;
    telemetry.raise_after = 10s;
    telemetry.clear_after = 2s;
    recording.clear_after = 5s;
    command.clear_after = 10min;
    approach.raise_after = 2s;
    approach.clear_after = 10s;
}

Result<AlertRules> load_alert_rules(const std::filesystem::path& path) {
    return config::read_yaml(path).and_then(rules_of);
}

Result<AlertRules> parse_alert_rules(std::string_view yaml, std::string name) {
    return config::parse_yaml(yaml, std::move(name)).and_then(rules_of);
}

} // namespace masthead
