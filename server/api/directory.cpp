// Vehicles and pipelines as resources.
#include "server/api/directory.hpp"

#include "plugins/glib/log.hpp"

#include <set>

namespace masthead::api {
namespace {

using control::VehicleKind;
using http::Access;
using http::Reply;
using http::Request;

Secrets secrets_for(const Request& request) {
    return request.caller && request.caller->access == Access::admin ? Secrets::shown : Secrets::hidden;
}

store::VehicleRow row_of(Vehicle vehicle) {
    for (CameraSettings& camera : vehicle.cameras) {
        camera.parts.clear(); // not what was set
    }
    return {vehicle.id, control::to_string(vehicle.kind), to_json(vehicle, Secrets::shown)};
}

std::optional<control::WorkerLink> worker_link(const std::optional<LinkSettings>& link) {
    return link ? std::optional(control::WorkerLink{link->uri, link->address}) : std::nullopt;
}

} // namespace

Directory::Directory(store::Database& database, LiveState& live, control::Fleet& fleet,
                     const PipelineShelf& pipelines, std::function<void(const std::string&)> removed)
    : database_(database), live_(live), fleet_(fleet), pipelines_(pipelines), removed_(std::move(removed)) {}

std::vector<http::Route> Directory::routes() {
    std::vector<http::Route> all = routes_of(VehicleKind::drone, "/api/drones");
    for (http::Route& route : routes_of(VehicleKind::vessel, "/api/vessels")) {
        all.push_back(std::move(route));
    }
    return all;
}

std::vector<http::Route> Directory::routes_of(VehicleKind kind, const std::string& path) {
    const auto call =
        [this, kind](void (Directory::*method)(VehicleKind, const Request&, const Reply&)) -> http::Handler {
        return [this, kind, method](const Request& request, const Reply& reply) {
            (this->*method)(kind, request, reply);
        };
    };
    return {
        {"GET", path, Access::viewer,
         [this, kind](const Request& request, const Reply& reply) { list(kind, request, reply); }},
        {"POST", path, Access::admin, call(&Directory::add)},
        {"GET", path + "/{id}", Access::viewer,
         [this, kind](const Request& request, const Reply& reply) { get(kind, request, reply); }},
        {"PUT", path + "/{id}", Access::admin, call(&Directory::replace)},
        {"DELETE", path + "/{id}", Access::admin, call(&Directory::remove)},
    };
}

const Vehicle* Directory::find(const std::string& id) const {
    const auto found = vehicles_.find(id);
    return found == vehicles_.end() ? nullptr : &found->second;
}

Result<const Vehicle*> Directory::find(VehicleKind kind, const std::string& id) const {
    const Vehicle* vehicle = find(id);
    if (!vehicle || vehicle->kind != kind) {
        return fail(Code::not_found,
                    "there is no " + std::string(control::to_string(kind)) + " '" + id + "'");
    }
    return vehicle;
}

void Directory::list(VehicleKind kind, const Request& request, const Reply& reply) const {
    std::string body = "[";
    for (const auto& [id, vehicle] : vehicles_) {
        if (vehicle.kind == kind) {
            body += (body.size() > 1 ? "," : "") + to_json(vehicle, secrets_for(request));
        }
    }
    reply.send(http::json_response(200, body + "]"));
}

void Directory::get(VehicleKind kind, const Request& request, const Reply& reply) const {
    const auto vehicle = find(kind, request.slots.at("id"));
    if (!vehicle) {
        return reply.fail(vehicle.error());
    }
    reply.send(http::json_response(200, to_json(**vehicle, secrets_for(request))));
}

Result<std::vector<Recipe>> Directory::recipes_of(const CameraSettings& camera) const {
    auto recipes = pipelines_.recipes(camera.pipeline, camera.parameters);
    if (!recipes) {
        return fail(Code::invalid_argument, "camera '" + camera.name + "': " + recipes.error().message);
    }
    return recipes;
}

/// By what their pipeline files describe now; those of one that cannot be used stay as they were. Error: the
/// last of those that make a camera unusable.
Result<void> Directory::name_parts(Vehicle& vehicle) const {
    Result<void> result;
    std::set<std::string> taken;
    for (CameraSettings& camera : vehicle.cameras) {
        const auto recipes = recipes_of(camera);
        if (!recipes) {
            result = tl::unexpected(recipes.error());
            continue;
        }
        camera.parts.clear();
        for (const Recipe& recipe : *recipes) {
            if (!recipe.camera.empty()) {
                camera.parts.push_back(camera.name + "-" + recipe.camera);
            }
        }
        for (const std::string& name : camera_names(camera)) {
            if (!control::is_id(name)) {
                result = fail(Code::invalid_argument,
                              "camera '" + camera.name + "': '" + name + "' is longer than 63 characters");
            } else if (!taken.insert(name).second) {
                result = fail(Code::invalid_argument, "two cameras are named '" + name + "'");
            }
        }
    }
    return result;
}

Result<Vehicle> Directory::parse(VehicleKind kind, const Request& request) const {
    const auto body = json::Value::parse(request.body);
    if (!body) {
        return tl::unexpected(body.error());
    }
    auto vehicle = parse_vehicle(*body, kind);
    if (!vehicle) {
        return vehicle;
    }
    if (const auto named = name_parts(*vehicle); !named) {
        return tl::unexpected(named.error());
    }
    for (const CameraSettings& camera : vehicle->cameras) {
        if (const auto allowed = pipelines_.may_set(camera.parameters); !allowed) {
            return fail(allowed.error().code, "camera '" + camera.name + "': " + allowed.error().message);
        }
    }
    return vehicle;
}

void Directory::add(VehicleKind kind, const Request& request, const Reply& reply) {
    auto vehicle = parse(kind, request);
    if (!vehicle) {
        return reply.fail(vehicle.error());
    }
    database_.run<void>([row = row_of(*vehicle)](
                            store::Connection& connection) { return store::add_vehicle(connection, row); },
                        [this, reply, vehicle = *vehicle](Result<void> added) {
                            if (!added) {
                                return reply.fail(added.error());
                            }
                            take_in(vehicle);
                            tell_fleet();
                            reply.send(http::json_response(201, to_json(vehicle, Secrets::shown)));
                        });
}

void Directory::replace(VehicleKind kind, const Request& request, const Reply& reply) {
    const std::string& id = request.slots.at("id");
    auto vehicle = parse(kind, request);
    if (!vehicle) {
        return reply.fail(vehicle.error());
    }
    if (vehicle->id != id) {
        return reply.fail({Code::invalid_argument, "'id' must be '" + id + "', as in the path"});
    }
    database_.run<void>(
        [row = row_of(*vehicle)](store::Connection& connection) {
            return store::replace_vehicle(connection, row);
        },
        [this, reply, vehicle = *vehicle](Result<void> replaced) {
            if (!replaced) {
                return reply.fail(replaced.error());
            }
            take_in(vehicle);
            tell_fleet();
            reply.send(http::json_response(200, to_json(vehicle, Secrets::shown)));
        });
}

void Directory::remove(VehicleKind kind, const Request& request, const Reply& reply) {
    const std::string& id = request.slots.at("id");
    database_.run<void>(
        [id, kind](store::Connection& connection) {
            return store::remove_vehicle(connection, id, control::to_string(kind));
        },
        [this, reply, id](Result<void> removed) {
            if (!removed) {
                return reply.fail(removed.error());
            }
            let_go(id);
            tell_fleet();
            reply.send({.status = 204, .content_type = {}, .body = {}, .headers = {}});
        });
}

std::vector<CameraUse> Directory::uses_of(const std::string& pipeline) const {
    std::vector<CameraUse> uses;
    for (const auto& [id, vehicle] : vehicles_) {
        for (const CameraSettings& camera : vehicle.cameras) {
            for (const std::string& name : camera_names(camera)) {
                if (camera.pipeline == pipeline) {
                    uses.push_back({id, name, camera.parameters});
                }
            }
        }
    }
    return uses;
}

void Directory::refresh() {
    database_.run<std::vector<store::VehicleRow>>(store::list_vehicles, [this](const auto& rows) {
        if (!rows) {
            return; // the database's own state is logged where it changes
        }
        std::set<std::string> there;
        for (const store::VehicleRow& row : *rows) {
            const auto body = json::Value::parse(row.body);
            const auto kind = row.kind == "vessel" ? VehicleKind::vessel : VehicleKind::drone;
            const auto vehicle =
                body ? parse_vehicle(*body, kind) : Result<Vehicle>(tl::unexpected(body.error()));
            if (!vehicle) {
                log(LogLevel::error, "a vehicle in the database cannot be used",
                    {{"vehicle", row.id}, {"why", vehicle.error().message}});
                continue;
            }
            there.insert(row.id);
            take_in(*vehicle);
        }
        std::vector<std::string> gone;
        for (const auto& [id, vehicle] : vehicles_) {
            if (!there.contains(id)) {
                gone.push_back(id);
            }
        }
        for (const std::string& id : gone) {
            let_go(id);
        }
        tell_fleet();
    });
}

void Directory::take_in(const Vehicle& vehicle) {
    const bool fresh = !vehicles_.contains(vehicle.id);
    vehicles_.insert_or_assign(vehicle.id, vehicle);
    live_.put_vehicle(vehicle.id, vehicle.kind, vehicle.name);
    show_cameras(vehicles_.at(vehicle.id));
    if (!vehicle.link) {
        live_.link_down(vehicle.id, "none", "");
    } else if (fresh) {
        live_.link_down(vehicle.id, "connecting", "");
    }
}

/// As their pipeline files name them now.
void Directory::show_cameras(Vehicle& vehicle) {
    (void)name_parts(vehicle); // what cannot be used is refused in tell_fleet()
    live_.keep_cameras(vehicle.id, camera_names(vehicle));
}

void Directory::pipelines_changed() {
    for (auto& [id, vehicle] : vehicles_) {
        show_cameras(vehicle);
    }
    tell_fleet();
}

void Directory::let_go(const std::string& id) {
    vehicles_.erase(id);
    live_.remove_vehicle(id);
    removed_(id);
}

std::optional<std::string> Directory::refusal(const std::string& vehicle, const std::string& camera) const {
    const auto found = refusals_.find({vehicle, camera});
    return found == refusals_.end() ? std::nullopt : std::optional(found->second);
}

void Directory::refuse(const std::string& vehicle, const std::string& camera, const std::string& why) {
    std::string& known = refusals_[{vehicle, camera}];
    if (known != why) {
        known = why;
        log(LogLevel::warning, "a camera's pipeline file cannot be used",
            {{"vehicle", vehicle}, {"camera", camera}, {"why", why}});
    }
    live_.camera_down(vehicle, camera, "refused", why);
}

void Directory::note_recording(const archive::CameraKey& camera, const Recipe& recipe) {
    if (recipe.record) {
        keep_rules_[camera] = {recipe.record->keep_days, recipe.record->keep_gigabytes};
    }
    if (recipe.hls_window_s > 0) {
        hls_windows_s_[camera] = recipe.hls_window_s;
    }
}

control::WorkerVehicle Directory::worker_vehicle(const Vehicle& vehicle,
                                                 std::set<std::pair<std::string, std::string>>& refused) {
    control::WorkerVehicle worker{.id = vehicle.id,
                                  .kind = vehicle.kind,
                                  .link = worker_link(vehicle.link),
                                  .control = worker_link(vehicle.control),
                                  .cameras = {}};
    std::set<std::string> taken;
    for (const CameraSettings& camera : vehicle.cameras) {
        auto recipes = recipes_of(camera);
        const auto names = camera_names(camera);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const bool usable = recipes && i < recipes->size() && control::is_id(names[i]);
            if (usable && taken.insert(names[i]).second) {
                note_recording({vehicle.id, names[i]}, recipes->at(i));
                worker.cameras.push_back({names[i], std::move(recipes->at(i).json)});
                continue;
            }
            refused.emplace(vehicle.id, names[i]);
            refuse(vehicle.id, names[i],
                   !recipes ? recipes.error().message
                   : usable ? "two cameras are named '" + names[i] + "'"
                            : "its name is longer than 63 characters");
        }
    }
    return worker;
}

/// Called for every change of vehicles and of pipeline files; only workers whose configuration differs start
/// anew.
void Directory::tell_fleet() {
    std::vector<control::WorkerVehicle> fleet;
    std::set<std::pair<std::string, std::string>> refused;
    keep_rules_.clear();
    hls_windows_s_.clear();
    for (const auto& [id, vehicle] : vehicles_) {
        fleet.push_back(worker_vehicle(vehicle, refused));
    }
    std::erase_if(refusals_, [&](const auto& entry) { return !refused.contains(entry.first); });
    fleet_.set_vehicles(fleet);
}

} // namespace masthead::api
