// Versioned parts of the live picture.
#include "server/api/live_state.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/telemetry/fields.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

using namespace std::chrono_literals;

constexpr auto kNewPicture = 10s;     // after such a silence, old fields are not shown beside new ones
constexpr auto kOwnTime = 1s;         // a field older than the newest by more has a time of its own
constexpr auto kTrafficAge = 600s;    // AIS base rate is minutes for ships at anchor
constexpr auto kKnownPlace = 10s;     // of our vehicles
constexpr auto kSailingPlace = 120s;  // of a target that moves: older, it may be anywhere
constexpr auto kAnchoredPlace = 540s; // three reports of a ship at anchor
constexpr double kSailingMps = 1.5;
constexpr std::size_t kMaxRemoved = 1000;
constexpr std::size_t kMaxEvents = 50;

std::string camera_state_json(const control::CameraState& state) {
    json::Writer out;
    out.begin_object().member("state", control::to_string(state.state));
    if (!state.detail.empty()) {
        out.member("detail", state.detail);
    }
    out.member("codec", state.codec).member("profile", state.profile).member("width", state.width);
    out.member("height", state.height).member("b_frames", state.b_frames).member("klv", state.klv);
    out.member("audio", state.audio);
    out.member("viewers", state.viewers);
    if (!state.renditions.empty()) {
        out.key("renditions").begin_array();
        for (const std::string& rendition : state.renditions) {
            out.value(rendition);
        }
        out.end_array();
    }
    return out.end_object().release();
}

std::string state_json(const std::string& state, const std::string& detail) {
    json::Writer out;
    out.begin_object().member("state", state);
    if (!detail.empty()) {
        out.member("detail", detail);
    }
    return out.end_object().release();
}

std::string link_json(const control::LinkReport& report) {
    json::Writer out;
    out.begin_object().member("state", control::to_string(report.state));
    if (!report.detail.empty()) {
        out.member("detail", report.detail);
    }
    if (report.counters) {
        out.key("counters").begin_object();
        out.member("bytes_in", report.counters->bytes_in).member("messages_in", report.counters->messages_in);
        out.member("messages_unknown", report.counters->messages_unknown);
        out.member("bad_checksum", report.counters->bad_checksum)
            .member("malformed", report.counters->malformed)
            .member("refused", report.counters->refused);
        out.member("bytes_out", report.counters->bytes_out).end_object();
    }
    return out.end_object().release();
}

std::string mission_json(const control::MissionProgress& progress) {
    json::Writer out;
    out.begin_object().member("current", progress.current).member("reached", progress.reached);
    return out.member("count", progress.count).end_object().release();
}

void add_members(std::string& json, const std::string& members) {
    json += (json.ends_with('{') ? "" : ",") + members;
}

void add_member(std::string& json, const std::string& name, const std::string& value) {
    add_members(json, json::quote(name) + ":" + value);
}

} // namespace

std::uint64_t LiveState::Vehicle::newest() const {
    std::uint64_t newest =
        std::max({name.version, link.version, mission.version, telemetry.part.version, cameras_version});
    for (const auto& [id, camera] : cameras) {
        newest = std::max({newest, camera.state.version, camera.telemetry.part.version});
    }
    return newest;
}

std::optional<traffic::Mover> LiveState::mover_at(const Merged& merged, std::chrono::seconds fresh, Utc now) {
    const auto place = merged.received_fields.find("latitude_deg");
    if (place == merged.received_fields.end() || now - place->second > fresh) {
        return std::nullopt;
    }
    return traffic::mover_of(merged.sample, place->second, now);
}

void LiveState::set(Part& part, std::string json) {
    if (part.json != json) {
        part.json = std::move(json);
        part.version = ++version_;
    }
}

void LiveState::merge(Merged& into, const Sample& sample, Utc now, std::uint64_t version) {
    into.sample = into.part.version == 0 ? sample : merged(into.sample, sample);
    into.received = now;
    for_each_field([&](std::string_view name, auto member) {
        if (sample.*member) {
            into.received_fields[name] = now;
        }
    });
    std::string old = "{";
    for (const auto& [name, received] : into.received_fields) {
        if (now - received > kOwnTime) {
            add_member(old, std::string(name), std::to_string(received.us));
        }
    }
    into.part.json = "\"received\":" + std::to_string(now.us);
    into.part.json += old.size() > 1 ? ",\"received_fields\":" + old + "}" : "";
    into.part.json += ",\"telemetry\":" + to_json(into.sample);
    into.part.version = version;
}

void LiveState::put_vehicle(const std::string& id, control::VehicleKind kind, const std::string& name) {
    Vehicle& vehicle = vehicles_[id];
    vehicle.kind = kind;
    set(vehicle.name, json::quote(name));
    removed_.erase(id);
}

void LiveState::remove_vehicle(const std::string& id) {
    if (const auto found = vehicles_.find(id); found != vehicles_.end()) {
        removed_[id] = {found->second.kind, ++version_};
        vehicles_.erase(found);
    }
}

void LiveState::keep_cameras(const std::string& id, const std::vector<std::string>& names) {
    Vehicle& vehicle = vehicles_[id];
    const auto gone = std::erase_if(vehicle.cameras, [&](const auto& camera) {
        return std::find(names.begin(), names.end(), camera.first) == names.end();
    });
    if (gone > 0) {
        vehicle.cameras_version = ++version_;
    }
    for (const std::string& name : names) {
        if (Part& state = vehicle.cameras[name].state; state.json.empty()) {
            set(state, state_json("connecting", ""));
        }
    }
}

void LiveState::telemetry(const control::Telemetry& message, Utc now) {
    const auto found = vehicles_.find(message.vehicle);
    if (found == vehicles_.end()) {
        return;
    }
    Merged& into = message.source == control::TelemetrySource::link
                       ? found->second.telemetry
                       : found->second.cameras[message.camera.value_or("")].telemetry;
    if (now - into.received > kNewPicture) {
        into = {};
    }
    merge(into, message.sample, now, ++version_);
}

void LiveState::traffic(const control::Traffic& message, Utc now) {
    if (traffic_.size() >= kMaxTraffic && !traffic_.contains(message.address)) {
        traffic_.erase(std::min_element(traffic_.begin(), traffic_.end(), [](const auto& a, const auto& b) {
            return a.second.received < b.second.received;
        }));
    }
    // A ship's name and its position come in messages minutes apart: both stay.
    merge(traffic_[message.address], message.sample, now, ++version_);
}

void LiveState::camera_state(const control::CameraState& state) {
    if (const auto found = vehicles_.find(state.vehicle); found != vehicles_.end()) {
        set(found->second.cameras[state.camera].state, camera_state_json(state));
    }
}

void LiveState::camera_down(const std::string& vehicle, const std::string& camera, const std::string& state,
                            const std::string& detail) {
    if (const auto found = vehicles_.find(vehicle); found != vehicles_.end()) {
        set(found->second.cameras[camera].state, state_json(state, detail));
    }
}

void LiveState::link_state(const control::LinkReport& report) {
    if (const auto found = vehicles_.find(report.vehicle); found != vehicles_.end()) {
        set(found->second.link, link_json(report));
    }
}

void LiveState::mission_progress(const control::MissionProgress& progress) {
    if (const auto found = vehicles_.find(progress.vehicle); found != vehicles_.end()) {
        set(found->second.mission, mission_json(progress));
    }
}

void LiveState::link_down(const std::string& vehicle, const std::string& state, const std::string& detail) {
    if (const auto found = vehicles_.find(vehicle); found != vehicles_.end()) {
        set(found->second.link, state_json(state, detail));
    }
}

void LiveState::event(std::string json) {
    events_.push_back({std::move(json), ++version_});
    if (events_.size() > kMaxEvents) {
        events_.pop_front();
    }
}

void LiveState::age(Utc now) {
    std::erase_if(traffic_, [now](const auto& entry) { return now - entry.second.received > kTrafficAge; });
    while (removed_.size() > kMaxRemoved) {
        const auto oldest =
            std::min_element(removed_.begin(), removed_.end(),
                             [](const auto& a, const auto& b) { return a.second.second < b.second.second; });
        forgotten_ = std::max(forgotten_, oldest->second.second);
        removed_.erase(oldest);
    }
}

void LiveState::write_cameras(std::string& json, const Vehicle& vehicle, std::uint64_t since) {
    const bool whole = vehicle.cameras_version > since;
    std::string cameras = "{";
    for (const auto& [name, camera] : vehicle.cameras) {
        std::string body = "{";
        if (!camera.state.json.empty() && (whole || camera.state.version > since)) {
            add_member(body, "state", camera.state.json);
        }
        if (camera.telemetry.part.version > 0 && (whole || camera.telemetry.part.version > since)) {
            add_members(body, camera.telemetry.part.json);
        }
        if (body.size() > 1) {
            add_member(cameras, name, body + "}");
        }
    }
    if (cameras.size() > 1 || whole) {
        add_member(json, "cameras", cameras + "}");
    }
}

std::string LiveState::vehicle_json(const Vehicle& vehicle, std::uint64_t since) {
    std::string json = "{";
    add_member(json, "kind", json::quote(control::to_string(vehicle.kind)));
    if (vehicle.name.version > since) {
        add_member(json, "name", vehicle.name.json);
    }
    if (vehicle.link.version > since) {
        add_member(json, "link", vehicle.link.json);
    }
    if (vehicle.mission.version > since) {
        add_member(json, "mission", vehicle.mission.json);
    }
    if (vehicle.telemetry.part.version > since) {
        add_members(json, vehicle.telemetry.part.json);
    }
    write_cameras(json, vehicle, since);
    return json + "}";
}

bool LiveState::changed_since(std::uint64_t since, const LiveScope& scope) const {
    if (version_ <= since || scope == LiveScope()) {
        return version_ > since;
    }
    const auto newer = [since](const auto& part) { return part.version > since; };
    return since < forgotten_ || std::ranges::any_of(events_, newer) ||
           std::ranges::any_of(
               vehicles_,
               [&](const auto& each) { return scope.wants(each.first) && each.second.newest() > since; }) ||
           std::ranges::any_of(
               removed_,
               [&](const auto& each) { return scope.wants(each.first) && each.second.second > since; }) ||
           (scope.traffic && (newer(encounters_) || std::ranges::any_of(traffic_, [&](const auto& each) {
                                  return newer(each.second.part);
                              })));
}

std::string LiveState::targets_json(std::uint64_t since) const {
    std::string targets = "{";
    for (const auto& [address, target] : traffic_) {
        if (target.part.version > since) {
            add_member(targets, address, "{" + target.part.json + "}");
        }
    }
    return targets + "}";
}

std::string LiveState::traffic_json() const {
    return "{\"targets\":" + targets_json(0) + ",\"encounters\":" + encounters_.json + "}";
}

std::string LiveState::target_name(const std::string& address) const {
    const auto found = traffic_.find(address);
    return found == traffic_.end() ? "" : found->second.sample.name.value_or("");
}

std::vector<traffic::Own> LiveState::vehicles_at(Utc now) const {
    std::vector<traffic::Own> owns;
    for (const auto& [id, vehicle] : vehicles_) {
        auto mover = mover_at(vehicle.telemetry, kKnownPlace, now);
        if (mover && vehicle.kind == control::VehicleKind::vessel) {
            mover->altitude_m.reset(); // its antenna's: it is on the water
        }
        if (mover && (mover->altitude_m || vehicle.kind == control::VehicleKind::vessel)) {
            owns.push_back({.vehicle = id, .mover = *mover, .address = {}});
        }
    }
    return owns;
}

std::vector<traffic::Target> LiveState::targets_at(Utc now) const {
    std::vector<traffic::Target> targets;
    for (const auto& [address, target] : traffic_) {
        const bool sails = target.sample.ground_speed_mps.value_or(0) > kSailingMps;
        if (auto mover = mover_at(target, sails ? kSailingPlace : kAnchoredPlace, now)) {
            targets.push_back({address, *mover});
        }
    }
    return targets;
}

std::string LiveState::update_since(std::uint64_t since, Utc now, const LiveScope& scope) const {
    const bool full = since == 0 || since < forgotten_;
    since = full ? 0 : since;
    std::string vehicles = "{";
    for (const auto& [id, vehicle] : vehicles_) {
        if (scope.wants(id) && vehicle.newest() > since) {
            add_member(vehicles, id, vehicle_json(vehicle, since));
        }
    }
    if (!full) {
        for (const auto& [id, removal] : removed_) {
            if (scope.wants(id) && removal.second > since) {
                add_member(vehicles, id,
                           "{\"kind\":" + json::quote(control::to_string(removal.first)) +
                               ",\"removed\":true}");
            }
        }
    }
    const std::string traffic = scope.traffic ? targets_json(since) : "{}";
    std::string update = "{\"type\":\"live\",\"now\":" + std::to_string(now.us);
    update += full ? ",\"full\":true" : "";
    update += ",\"vehicles\":" + vehicles + "}";
    update += traffic.size() > 2 || (full && scope.traffic) ? ",\"traffic\":" + traffic : "";
    update += scope.traffic && encounters_.version > since ? ",\"encounters\":" + encounters_.json : "";
    std::string events;
    for (const Part& event : events_) {
        if (!full && event.version > since) {
            events += (events.empty() ? "" : ",") + event.json;
        }
    }
    update += full || alerts_.version > since ? ",\"alerts\":" + alerts_.json : "";
    update += events.empty() ? "" : ",\"events\":[" + events + "]";
    return update + "}";
}

std::vector<LiveState::Published> LiveState::published_since(std::uint64_t since) const {
    std::vector<Published> list;
    for (const auto& [id, vehicle] : vehicles_) {
        Published entry{.vehicle = id, .telemetry = std::nullopt, .state = std::nullopt};
        if (vehicle.telemetry.part.version > since) {
            entry.telemetry = "{" + vehicle.telemetry.part.json + "}";
        }
        std::uint64_t states =
            std::max({vehicle.name.version, vehicle.link.version, vehicle.cameras_version});
        std::string cameras = "{";
        for (const auto& [name, camera] : vehicle.cameras) {
            states = std::max(states, camera.state.version);
            if (!camera.state.json.empty()) {
                add_member(cameras, name, camera.state.json);
            }
        }
        if (states > since) {
            std::string state = "{";
            add_member(state, "kind", json::quote(control::to_string(vehicle.kind)));
            add_member(state, "name", vehicle.name.json);
            if (!vehicle.link.json.empty()) {
                add_member(state, "link", vehicle.link.json);
            }
            add_member(state, "cameras", cameras + "}");
            entry.state = state + "}";
        }
        if (entry.telemetry || entry.state) {
            list.push_back(std::move(entry));
        }
    }
    return list;
}

} // namespace masthead::api
