#include "server/api/geofences.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "server/auth/secrets.hpp"
#include "server/store/geofences.hpp"

#include <algorithm>
#include <tuple>

namespace masthead::api {

using fences::Fence;

std::vector<http::Route> Geofences::routes() {
    using http::Access;
    const auto to = [this](auto handle) -> http::Handler {
        return [this, handle](const http::Request& request, const http::Reply& reply) {
            (this->*handle)(request, reply);
        };
    };
    return {{"GET", "/api/geofences", Access::viewer, to(&Geofences::list)},
            {"POST", "/api/geofences", Access::supervisor, to(&Geofences::add)},
            {"GET", "/api/geofences/{geofence}", Access::viewer, to(&Geofences::get)},
            {"PUT", "/api/geofences/{geofence}", Access::supervisor, to(&Geofences::replace)},
            {"DELETE", "/api/geofences/{geofence}", Access::supervisor, to(&Geofences::remove)}};
}

void Geofences::refresh(std::function<void()> done) {
    database_.run<std::vector<Fence>>(store::list_geofences, [this, done](Result<std::vector<Fence>> read) {
        if (!read) {
            if (read.error().code != Code::unavailable) {
                log(LogLevel::error, "the geofences could not be read", {{"why", read.error().message}});
            }
            return;
        }
        fences_ = *std::move(read);
        changed_(fences_);
        done();
    });
}

void Geofences::list(const http::Request&, const http::Reply& reply) const {
    json::Writer out;
    out.begin_array();
    for (const Fence& fence : fences_) {
        out.raw(to_json(fence));
    }
    reply.send(http::json_response(200, out.end_array().release()));
}

void Geofences::get(const http::Request& request, const http::Reply& reply) const {
    const std::string& id = request.slots.at("geofence");
    const auto found = std::ranges::find(fences_, id, &Fence::id);
    found == fences_.end() ? reply.fail({Code::not_found, "there is no geofence '" + id + "'"})
                           : reply.send(http::json_response(200, to_json(*found)));
}

Result<Fence> Geofences::parse(const http::Request& request) const {
    return fences::parse_fence(request.body).and_then([&](Fence fence) -> Result<Fence> {
        if (!fence.vehicle.empty() && !directory_.find(fence.vehicle)) {
            return fail(Code::invalid_argument, "'vehicle': there is no vehicle '" + fence.vehicle + "'");
        }
        return fence;
    });
}

void Geofences::add(const http::Request& request, const http::Reply& reply) {
    auto fence = parse(request);
    if (!fence) {
        return reply.fail(fence.error());
    }
    fence->id = auth::new_name();
    const std::string user = request.caller->user;
    database_.run<void>(
        [fence = *fence, user, now = utc_now()](store::Connection& connection) {
            return store::add_geofence(connection, fence, user, now);
        },
        [this, fence = *fence, user, reply](const Result<void>& done) {
            if (!done) {
                return reply.fail(done.error());
            }
            take_in(fence, fence.id, user, "the geofence '" + fence.name + "' was added");
            reply.send(http::json_response(201, to_json(fence)));
        });
}

void Geofences::replace(const http::Request& request, const http::Reply& reply) {
    auto fence = parse(request);
    if (!fence) {
        return reply.fail(fence.error());
    }
    fence->id = request.slots.at("geofence");
    const std::string user = request.caller->user;
    database_.run<void>(
        [fence = *fence, user, now = utc_now()](store::Connection& connection) {
            return store::replace_geofence(connection, fence, user, now);
        },
        [this, fence = *fence, user, reply](const Result<void>& done) {
            if (!done) {
                return reply.fail(done.error());
            }
            take_in(fence, fence.id, user,
                    "the geofence '" + fence.name + "' was " +
                        (fence.enabled ? "changed" : "changed and is switched off"));
            reply.send(http::json_response(200, to_json(fence)));
        });
}

void Geofences::remove(const http::Request& request, const http::Reply& reply) {
    const std::string id = request.slots.at("geofence");
    const std::string user = request.caller->user;
    database_.run<void>(
        [id](store::Connection& connection) { return store::remove_geofence(connection, id); },
        [this, id, user, reply](const Result<void>& done) {
            if (!done) {
                return reply.fail(done.error());
            }
            const auto found = std::ranges::find(fences_, id, &Fence::id);
            take_in(std::nullopt, id, user,
                    "the geofence '" + (found == fences_.end() ? id : found->name) + "' was removed");
            reply.send({.status = 204, .content_type = "", .body = ""});
        });
}

void Geofences::take_in(std::optional<Fence> fence, const std::string& id, const std::string& user,
                        const std::string& what) {
    std::erase_if(fences_, [&](const Fence& known) { return known.id == id; });
    const std::string vehicle = fence ? fence->vehicle : "";
    if (fence) {
        fences_.push_back(*std::move(fence));
        std::ranges::sort(fences_, [](const Fence& a, const Fence& b) {
            return std::tie(a.name, a.id) < std::tie(b.name, b.id);
        });
    }
    changed_(fences_);
    events_.post({.id = {},
                  .time = {},
                  .level = "info",
                  .subject = vehicle.empty() ? "geofence" : "geofence/" + vehicle,
                  .user = user,
                  .message = what});
}

} // namespace masthead::api
