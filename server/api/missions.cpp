#include "server/api/missions.hpp"

#include "plugins/glib/json.hpp"
#include "server/api/queries.hpp"
#include "server/auth/secrets.hpp"

#include <algorithm>
#include <iterator>

namespace masthead::api {
namespace {

constexpr std::size_t kMaxName = 64;              // bytes
constexpr std::size_t kMaxBytes = 4u << 20;       // enough to be told how many items are too many
constexpr std::size_t kMaxStoredBytes = 8u << 20; // the same with the database's blanks

tl::unexpected<Error> bad(const std::string& rule) { return fail(Code::invalid_argument, rule); }

commands::Kinds kinds_of(control::VehicleKind kind) {
    return kind == control::VehicleKind::drone ? commands::kDrone : commands::kVessel;
}

/// A MissionEdit; only a replacement says which version it replaces.
Result<store::Mission> parse(const std::string& body, bool replaces) {
    const auto value = json::Value::parse(body, kMaxBytes);
    if (!value) {
        return tl::unexpected(value.error());
    }
    if (!value->is_object()) {
        return bad("a mission must be a JSON object");
    }
    constexpr std::string_view kMembers[] = {"name", "kind", "items", "version"};
    for (const std::string& name : value->names()) {
        if (std::ranges::find(kMembers, name) == std::end(kMembers) || (name == "version" && !replaces)) {
            return bad("a mission has no member '" + name.substr(0, kMaxName) + "'");
        }
    }
    store::Mission mission{.name = value->string("name").value_or(""),
                           .kind = value->string("kind").value_or("")};
    if (mission.name.empty() || mission.name.size() > kMaxName ||
        mission.name.find('\0') != std::string::npos) {
        return bad("'name' must be text of 1 to 64 bytes");
    }
    const auto kind =
        control::phase_named(mission.kind, {control::VehicleKind::drone, control::VehicleKind::vessel});
    if (!kind) {
        return bad("'kind' must be drone or vessel");
    }
    const auto list = value->array("items");
    const auto items = list ? commands::read_items(*list, kinds_of(*kind))
                            : Result<std::vector<commands::MissionItem>>(tl::unexpected(list.error()));
    if (!items) {
        return tl::unexpected(items.error());
    }
    mission.items = commands::to_json(*items);
    mission.count = static_cast<int>(items->size());
    if (replaces) {
        const auto version = value->integer("version");
        if (!version || *version < 1 || *version > 1'000'000) {
            return bad("'version' must be the version that is replaced");
        }
        mission.version = static_cast<int>(*version);
    }
    return mission;
}

std::string to_json(const store::Mission& mission, bool with_items) {
    json::Writer out;
    out.begin_object().member("id", mission.id).member("version", mission.version);
    out.member("name", mission.name).member("kind", mission.kind).member("count", mission.count);
    out.member("user", mission.user).member("written", mission.written.us);
    if (with_items) {
        out.key("items").raw(mission.items);
    }
    return out.end_object().release();
}

void answer(const http::Reply& reply, int status, const Result<store::Mission>& mission) {
    mission ? reply.send(http::json_response(status, to_json(*mission, true))) : reply.fail(mission.error());
}

} // namespace

std::vector<http::Route> Missions::routes() {
    using http::Access;
    const auto to =
        [this](void (Missions::*handle)(const http::Request&, const http::Reply&)) -> http::Handler {
        return [this, handle](const http::Request& request, const http::Reply& reply) {
            (this->*handle)(request, reply);
        };
    };
    const auto held_by = [this](control::VehicleKind kind) -> http::Handler {
        return [this, kind](const http::Request& request, const http::Reply& reply) {
            this->held_by(kind, request, reply);
        };
    };
    std::vector<http::Route> routes{
        {"GET", "/api/missions", Access::viewer, to(&Missions::list)},
        {"POST", "/api/missions", Access::operators, to(&Missions::add)},
        {"GET", "/api/missions/{mission}", Access::viewer, to(&Missions::get)},
        {"PUT", "/api/missions/{mission}", Access::operators, to(&Missions::replace)},
        {"DELETE", "/api/missions/{mission}", Access::operators, to(&Missions::remove)},
        {"GET", "/api/drones/{id}/mission", Access::viewer, held_by(control::VehicleKind::drone)},
        {"GET", "/api/vessels/{id}/mission", Access::viewer, held_by(control::VehicleKind::vessel)},
    };
    for (http::Route& route : routes) {
        route.max_body_bytes = kMaxBytes;
    }
    return routes;
}

void Missions::list(const http::Request& request, const http::Reply& reply) {
    const auto limit = query_limit(request, 1000);
    if (!limit) {
        return reply.fail(limit.error());
    }
    database_.run<std::vector<store::Mission>>(
        [limit = *limit](store::Connection& connection) { return store::list_missions(connection, limit); },
        [reply](const Result<std::vector<store::Mission>>& missions) {
            if (!missions) {
                return reply.fail(missions.error());
            }
            json::Writer out;
            out.begin_array();
            for (const store::Mission& mission : *missions) {
                out.raw(to_json(mission, false));
            }
            reply.send(http::json_response(200, out.end_array().release()));
        });
}

void Missions::add(const http::Request& request, const http::Reply& reply) {
    auto mission = parse(request.body, false);
    if (!mission) {
        return reply.fail(mission.error());
    }
    mission->id = auth::new_name();
    mission->user = request.caller->user;
    mission->written = utc_now();
    database_.run<store::Mission>(
        [mission = *mission](store::Connection& connection) {
            return store::add_mission(connection, mission).map([&] { return mission; });
        },
        [reply](const Result<store::Mission>& added) { answer(reply, 201, added); });
}

void Missions::get(const http::Request& request, const http::Reply& reply) {
    const auto version = query_integer(request, "version", 0);
    if (!version || *version < 0 || *version > 1'000'000) {
        return reply.fail(version ? bad("'version' must be a whole number from 1 to 1000000").value()
                                  : version.error());
    }
    const auto wanted = *version > 0 ? std::optional(static_cast<int>(*version)) : std::nullopt;
    database_.run<store::Mission>(
        [id = request.slots.at("mission"), wanted](store::Connection& connection) {
            return store::get_mission(connection, id, wanted);
        },
        [reply](const Result<store::Mission>& mission) { answer(reply, 200, mission); });
}

void Missions::replace(const http::Request& request, const http::Reply& reply) {
    auto mission = parse(request.body, true);
    if (!mission) {
        return reply.fail(mission.error());
    }
    mission->id = request.slots.at("mission");
    mission->user = request.caller->user;
    mission->written = utc_now();
    database_.run<store::Mission>(
        [mission = *mission](store::Connection& connection) {
            return store::replace_mission(connection, mission);
        },
        [reply](const Result<store::Mission>& replaced) { answer(reply, 200, replaced); });
}

void Missions::remove(const http::Request& request, const http::Reply& reply) {
    database_.run<void>([id = request.slots.at("mission")](
                            store::Connection& connection) { return store::remove_mission(connection, id); },
                        [reply](const Result<void>& done) {
                            if (!done) {
                                return reply.fail(done.error());
                            }
                            reply.send({.status = 204, .content_type = "", .body = ""});
                        });
}

void Missions::find(const commands::Arguments& upload, control::VehicleKind kind,
                    std::function<void(Result<std::vector<commands::MissionItem>>)> done) {
    using Items = Result<std::vector<commands::MissionItem>>;
    const std::string id = std::get<std::string>(commands::find(upload, "mission")->value);
    const int version = static_cast<int>(std::get<double>(commands::find(upload, "version")->value));
    database_.run<store::Mission>(
        [id, version](store::Connection& connection) { return store::get_mission(connection, id, version); },
        [kind, done = std::move(done)](const Result<store::Mission>& mission) {
            if (!mission) {
                return done(tl::unexpected(mission.error()));
            }
            if (mission->kind != control::to_string(kind)) {
                return done(bad("mission '" + mission->name + "' is for a " + mission->kind +
                                ", and the vehicle is a " + control::to_string(kind)));
            }
            const auto list = json::Value::parse(mission->items, kMaxStoredBytes);
            done(list ? commands::read_items(*list, kinds_of(kind)) : Items(tl::unexpected(list.error())));
        });
}

void Missions::arrived(const control::MissionHeld& held) {
    held_[held.vehicle] = {utc_now(), held.command, held.mission};
}

void Missions::held_by(control::VehicleKind kind, const http::Request& request,
                       const http::Reply& reply) const {
    const std::string& id = request.slots.at("id");
    if (const auto vehicle = directory_.find(kind, id); !vehicle) {
        return reply.fail(vehicle.error());
    }
    const auto held = held_.find(id);
    if (held == held_.end()) {
        return reply.fail(
            {Code::not_found, "the mission of '" + id + "' has not been read yet: send it mission_download"});
    }
    json::Writer out;
    out.begin_object().member("read", held->second.read.us).member("command", held->second.command);
    const auto mission = json::Value::parse(held->second.mission);
    out.key("items").raw(mission ? mission->array("items")->text() : "[]");
    reply.send(http::json_response(200, out.end_object().release()));
}

} // namespace masthead::api
