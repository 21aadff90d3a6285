// What is true now of every vehicle, and what of it changed since any point: the source of LiveUpdate
// messages.
#pragma once

#include "plugins/telemetry/sample.hpp"
#include "server/control/protocol.hpp"
#include "server/traffic/watch.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::api {

/// What of it one client wants. Events are everybody's.
struct LiveScope {
    std::set<std::string> vehicles; // empty: all
    bool traffic = true;
    [[nodiscard]] bool wants(const std::string& vehicle) const {
        return vehicles.empty() || vehicles.contains(vehicle);
    }
    friend auto operator<=>(const LiveScope&, const LiveScope&) = default;
};

/// A client that has everything up to `version` gets what is newer: a slow one misses steps in between, never
/// the newest state, and nothing piles up for it. Pure: time is an argument. Thread: any one at a time.
class LiveState {
  public:
    static constexpr std::size_t kMaxTraffic = 8192;

    /// Takes a vehicle in, or renames it; its cameras' and link's states begin as given by what follows.
    void put_vehicle(const std::string& id, control::VehicleKind kind, const std::string& name);
    void remove_vehicle(const std::string& id);
    /// The names its cameras have now: the states of others are forgotten, new ones are connecting.
    void keep_cameras(const std::string& id, const std::vector<std::string>& names);

    void telemetry(const control::Telemetry& message, Utc now);
    void traffic(const control::Traffic& message, Utc now);
    /// Who comes too near to whom: an array of the schema Encounter, as JSON text.
    void encounters(std::string json) { set(encounters_, std::move(json)); }
    void camera_state(const control::CameraState& state);
    void camera_down(const std::string& vehicle, const std::string& camera, const std::string& state,
                     const std::string& detail);
    void link_state(const control::LinkReport& report);
    void mission_progress(const control::MissionProgress& progress);
    void link_down(const std::string& vehicle, const std::string& state, const std::string& detail);
    /// Something happened: the schema Event, as JSON text. Clients that are far behind get the newest 50.
    void event(std::string json);
    /// The alerts that are open: an array of the schema Alert, as JSON text.
    void alerts(std::string json) { set(alerts_, std::move(json)); }
    /// Forgets traffic that was silent for ten minutes, and vehicles removed long ago.
    void age(Utc now);

    /// Rises with every change.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
    /// The schema LiveUpdate: what changed after `since`. 0, or a version older than what is remembered:
    /// everything, with "full". Nothing else changed: an update without vehicles, which tells the time.
    [[nodiscard]] std::string update_since(std::uint64_t since, Utc now, const LiveScope& scope = {}) const;
    /// Whether such an update would have anything to tell.
    [[nodiscard]] bool changed_since(std::uint64_t since, const LiveScope& scope) const;

    /// The schema Traffic: all targets and encounters.
    [[nodiscard]] std::string traffic_json() const;

    /// Our vehicles whose links told of a position within 10 s, and the targets that did within 2 minutes (9
    /// where they lie still: three of AIS's reports), carried on to `now`.
    [[nodiscard]] std::vector<traffic::Own> vehicles_at(Utc now) const;
    [[nodiscard]] std::vector<traffic::Target> targets_at(Utc now) const;

    /// As AIS has it; "" until it was heard.
    [[nodiscard]] std::string target_name(const std::string& address) const;

    struct Published {
        std::string vehicle;
        std::optional<std::string> telemetry; // {"received":..., "received_fields":..., "telemetry":{...}}
        std::optional<std::string> state;     // {"kind":..., "link":..., "cameras":...}
    };
    /// The same changes, one entry a vehicle, for the broker.
    [[nodiscard]] std::vector<Published> published_since(std::uint64_t since) const;

  private:
    struct Part {
        std::string json; // "" until known
        std::uint64_t version = 0;
    };
    struct Merged {
        Sample sample;
        Utc received;
        std::map<std::string_view, Utc> received_fields; // each field's own
        Part part;                                       // JSON members: received, received_fields, telemetry
    };
    struct Camera {
        Part state;
        Merged telemetry;
    };
    struct Vehicle {
        control::VehicleKind kind = control::VehicleKind::drone;
        Part name; // JSON string
        Part link;
        Part mission;
        Merged telemetry;
        std::map<std::string, Camera> cameras;
        std::uint64_t cameras_version = 0; // when a camera went: what is left is told whole
        [[nodiscard]] std::uint64_t newest() const;
    };
    static void merge(Merged& into, const Sample& sample, Utc now, std::uint64_t version);
    /// Where its place was told within `fresh`.
    [[nodiscard]] static std::optional<traffic::Mover> mover_at(const Merged& merged,
                                                                std::chrono::seconds fresh, Utc now);
    [[nodiscard]] std::string targets_json(std::uint64_t since) const;
    void set(Part& part, std::string json);
    static std::string vehicle_json(const Vehicle& vehicle, std::uint64_t since);
    static void write_cameras(std::string& json, const Vehicle& vehicle, std::uint64_t since);

    std::uint64_t version_ = 1;
    std::uint64_t forgotten_ = 0; // removals up to this version are no longer known
    std::map<std::string, Vehicle> vehicles_;
    std::map<std::string, std::pair<control::VehicleKind, std::uint64_t>> removed_;
    std::map<std::string, Merged> traffic_;
    Part encounters_{.json = "[]"};
    std::deque<Part> events_;
    Part alerts_{.json = "[]", .version = 1};
};

} // namespace masthead::api
