// /api/drones, /api/vessels: which vehicles there are, in memory, in the database and in the
// fleet.
#pragma once

#include "server/api/live_state.hpp"
#include "server/api/pipeline_shelf.hpp"
#include "server/api/vehicle.hpp"
#include "server/archive/retention.hpp"
#include "server/control/fleet.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"
#include "server/store/vehicles.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace masthead::api {

/// Drones and vessels share one table and one set of ids. A change is written to the database first, then
/// taken in. Thread: the default GMainContext's. Borrows everything it is made from.
class Directory {
  public:
    /// `removed` is called with the id of each vehicle that goes.
    Directory(store::Database& database, LiveState& live, control::Fleet& fleet,
              const PipelineShelf& pipelines, std::function<void(const std::string& id)> removed);

    [[nodiscard]] std::vector<http::Route> routes();
    [[nodiscard]] const Vehicle* find(const std::string& id) const;
    /// Error: not_found.
    [[nodiscard]] Result<const Vehicle*> find(control::VehicleKind kind, const std::string& id) const;
    /// Why a camera cannot run at all, its pipeline file being what it is; nothing while it can.
    [[nodiscard]] std::optional<std::string> refusal(const std::string& vehicle,
                                                     const std::string& camera) const;
    /// The database is there (again): takes in what it knows.
    void refresh();
    /// The cameras that name a pipeline file.
    [[nodiscard]] std::vector<CameraUse> uses_of(const std::string& pipeline) const;
    /// An applied pipeline file changed: only workers whose configuration differs start anew.
    void pipelines_changed();
    /// How long the recordings of each camera that runs are kept.
    [[nodiscard]] const std::map<archive::CameraKey, archive::KeepRule>& keep_rules() const noexcept {
        return keep_rules_;
    }
    /// Seconds of a camera's live playlist; nothing: it has none.
    [[nodiscard]] std::optional<int> hls_window_s(const archive::CameraKey& camera) const {
        const auto found = hls_windows_s_.find(camera);
        return found == hls_windows_s_.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    struct Kind;
    [[nodiscard]] std::vector<http::Route> routes_of(control::VehicleKind kind, const std::string& path);
    void list(control::VehicleKind kind, const http::Request& request, const http::Reply& reply) const;
    void get(control::VehicleKind kind, const http::Request& request, const http::Reply& reply) const;
    void add(control::VehicleKind kind, const http::Request& request, const http::Reply& reply);
    void replace(control::VehicleKind kind, const http::Request& request, const http::Reply& reply);
    void remove(control::VehicleKind kind, const http::Request& request, const http::Reply& reply);

    [[nodiscard]] Result<Vehicle> parse(control::VehicleKind kind, const http::Request& request) const;
    [[nodiscard]] Result<std::vector<Recipe>> recipes_of(const CameraSettings& camera) const;
    [[nodiscard]] Result<void> name_parts(Vehicle& vehicle) const;
    void take_in(const Vehicle& vehicle);
    void show_cameras(Vehicle& vehicle);
    void let_go(const std::string& id);
    void refuse(const std::string& vehicle, const std::string& camera, const std::string& why);
    void note_recording(const archive::CameraKey& camera, const Recipe& recipe);
    void tell_fleet();
    [[nodiscard]] control::WorkerVehicle
    worker_vehicle(const Vehicle& vehicle, std::set<std::pair<std::string, std::string>>& refused);

    store::Database& database_;
    LiveState& live_;
    control::Fleet& fleet_;
    const PipelineShelf& pipelines_;
    std::function<void(const std::string&)> removed_;
    std::map<std::string, Vehicle> vehicles_;
    std::map<archive::CameraKey, archive::KeepRule> keep_rules_;
    std::map<archive::CameraKey, int> hls_windows_s_;
    std::map<std::pair<std::string, std::string>, std::string> refusals_; // by vehicle and camera
};

} // namespace masthead::api
