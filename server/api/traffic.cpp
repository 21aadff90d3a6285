// Encounters.
#include "server/api/traffic.hpp"

#include "plugins/glib/json.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace masthead::api {
namespace {

constexpr std::chrono::seconds kEvery{1};

std::string json_of(const std::vector<traffic::Encounter>& encounters) {
    json::Writer out;
    out.begin_array();
    for (const traffic::Encounter& each : encounters) {
        out.begin_object().member("vehicle", each.vehicle).member("target", each.target);
        out.member("fleet", each.fleet).member("distance_m", std::round(each.approach.distance_m));
        out.member("bearing_deg", std::round(each.approach.bearing_deg));
        out.member("cpa_m", std::round(each.approach.cpa_m));
        out.member("tcpa_s", std::round(each.approach.tcpa_s)).member("since", each.since.us);
        out.end_object();
    }
    return out.end_array().release();
}

} // namespace

Traffic::Traffic(LiveState& live, const Directory& directory, Alerts& alerts)
    : live_(live), directory_(directory), alerts_(alerts), timer_(nullptr, [this] { look(); }) {
    timer_.repeat(kEvery);
}

std::vector<http::Route> Traffic::routes() {
    return {{"GET", "/api/traffic", http::Access::viewer,
             http::Handler([this](const http::Request&, const http::Reply& reply) {
                 reply.send(http::json_response(200, live_.traffic_json()));
             })}};
}

void Traffic::look() {
    const Utc now = utc_now();
    auto owns = live_.vehicles_at(now);
    for (traffic::Own& own : owns) {
        const Vehicle* vehicle = directory_.find(own.vehicle);
        if (vehicle && vehicle->link) {
            own.address = vehicle->link->address.value_or("");
        }
        const ApproachRule& rule = alerts_.approach_rule(own.vehicle);
        own.limits.cpa_m = std::max(rule.caution_m, rule.warning_m);
        own.limits.tcpa_s = std::max(rule.caution_s, rule.warning_s);
    }
    const auto encounters = watch_.look(owns, live_.targets_at(now), now);
    live_.encounters(json_of(encounters));
    alert(encounters);
}

void Traffic::alert(const std::vector<traffic::Encounter>& encounters) {
    std::map<std::string, std::vector<alerts::Approach>> near;
    for (const traffic::Encounter& each : encounters) {
        const Vehicle* other = each.fleet ? directory_.find(each.target) : nullptr;
        near[each.vehicle].push_back({.target = each.target,
                                      .name = other ? other->name : live_.target_name(each.target),
                                      .cpa_m = each.approach.cpa_m,
                                      .tcpa_s = each.approach.tcpa_s});
    }
    alerts_.approaches(near);
}

} // namespace masthead::api
