#include "server/api/inspection.hpp"

#include "plugins/glib/json.hpp"
#include "server/auth/secrets.hpp"

namespace masthead::api {
namespace {

using control::VehicleKind;
using http::Reply;
using http::Request;

constexpr std::int64_t kPatienceUs = 5'000'000;
constexpr std::chrono::milliseconds kBetweenLooks{500};

} // namespace

Inspection::Inspection(const Directory& directory, const PipelineShelf& shelf, control::Fleet& fleet)
    : directory_(directory), shelf_(shelf), fleet_(fleet), timer_(nullptr, [this] { give_up_old(); }) {}

std::vector<http::Route> Inspection::routes() {
    std::vector<http::Route> routes;
    for (const auto& [kind, path] : {std::pair(VehicleKind::drone, std::string("/api/drones")),
                                     {VehicleKind::vessel, std::string("/api/vessels")}}) {
        routes.push_back({"GET", path + "/{id}/cameras/{camera}/graph", http::Access::admin,
                          http::Handler([this, kind = kind](const Request& request, const Reply& reply) {
                              graph(kind, request, reply);
                          })});
        routes.push_back({"GET", path + "/{id}/log", http::Access::admin,
                          http::Handler([this, kind = kind](const Request& request, const Reply& reply) {
                              log(kind, request, reply);
                          })});
    }
    return routes;
}

void Inspection::graph(VehicleKind kind, const Request& request, const Reply& reply) {
    const std::string& name = request.slots.at("camera");
    const auto vehicle = directory_.find(kind, request.slots.at("id"));
    if (!vehicle) {
        return reply.fail(vehicle.error());
    }
    const CameraSettings* const camera = camera_named(**vehicle, name);
    if (!camera) {
        return reply.fail({Code::not_found, "'" + (*vehicle)->id + "' has no camera '" + name + "'"});
    }
    const std::string id = auth::new_name();
    if (const auto sent = fleet_.ask_graph({id, (*vehicle)->id, name}); !sent) {
        return reply.fail(sent.error());
    }
    asked_.emplace(id, Asked{reply, camera->pipeline, g_get_monotonic_time() + kPatienceUs});
    if (!timer_.armed()) {
        timer_.repeat(kBetweenLooks);
    }
}

void Inspection::arrived(const control::Graph& graph) {
    const auto asked = asked_.extract(graph.id);
    if (!asked) {
        return; // too late
    }
    const std::string& pipeline = asked.mapped().pipeline;
    const auto known = shelf_.all().find(pipeline);
    json::Writer out;
    out.begin_object().member("pipeline", pipeline);
    out.member("version", known == shelf_.all().end() ? 0 : known->second.version);
    const std::string head = out.release();
    asked.mapped().reply.send(http::json_response(200, head + "," + graph.graph.substr(1)));
}

void Inspection::log(VehicleKind kind, const Request& request, const Reply& reply) const {
    const auto vehicle = directory_.find(kind, request.slots.at("id"));
    if (!vehicle) {
        return reply.fail(vehicle.error());
    }
    json::Writer out;
    out.begin_array();
    for (const std::string& line : fleet_.log_lines((*vehicle)->id)) {
        out.value(line);
    }
    reply.send(http::json_response(200, out.end_array().release()));
}

void Inspection::give_up_old() {
    const std::int64_t now_us = g_get_monotonic_time();
    std::erase_if(asked_, [now_us](const auto& entry) {
        const bool late = entry.second.until_us < now_us;
        if (late) {
            entry.second.reply.fail({Code::unavailable, "the vehicle's worker did not answer; try again"});
        }
        return late;
    });
    if (asked_.empty()) {
        timer_.cancel();
    }
}

} // namespace masthead::api
