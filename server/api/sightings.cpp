#include "server/api/sightings.hpp"

#include "plugins/glib/json.hpp"
#include "server/api/queries.hpp"
#include "server/store/sightings.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

using store::SightedBy;

const char* name_of(SightedBy by) { return by == SightedBy::footprint ? "footprint" : "vehicle"; }

Result<archive::Place> place_of(const http::Request& request) {
    const bool has_area = request.query.contains("area");
    if (has_area == (request.query.contains("longitude") || request.query.contains("latitude"))) {
        return fail(Code::invalid_argument, "either 'area', or 'longitude' and 'latitude' must be given");
    }
    if (has_area) {
        return archive::area_of(request.query.at("area"));
    }
    const auto longitude = query_number(request, "longitude");
    const auto latitude = query_number(request, "latitude");
    const auto radius = query_number(request, "radius", 0);
    for (const auto* number : {&longitude, &latitude, &radius}) {
        if (!*number) {
            return tl::unexpected(number->error());
        }
    }
    return archive::circle_of({*latitude, *longitude}, *radius);
}

Result<std::optional<SightedBy>> by_of(const http::Request& request) {
    const std::string text = query_text(request, "by");
    for (const SightedBy by : {SightedBy::footprint, SightedBy::vehicle}) {
        if (text == name_of(by)) {
            return by;
        }
    }
    return text.empty() ? Result<std::optional<SightedBy>>(std::nullopt)
                        : fail(Code::invalid_argument, "'by' must be footprint or vehicle");
}

Result<store::SightingQuery> query_of(const http::Request& request) {
    const auto range = query_range(request);
    auto vehicle = query_id(request, "vehicle");
    auto camera = query_id(request, "camera");
    const auto limit = query_limit(request, 1000);
    if (!range || !vehicle || !camera || !limit) {
        return tl::unexpected(!range     ? range.error()
                              : !vehicle ? vehicle.error()
                              : !camera  ? camera.error()
                                         : limit.error());
    }
    auto place = place_of(request);
    const auto by = by_of(request);
    if (!place || !by) {
        return tl::unexpected(!place ? place.error() : by.error());
    }
    return store::SightingQuery{.place = *std::move(place),
                                .from = range->from,
                                .to = range->to,
                                .vehicle = *std::move(vehicle),
                                .camera = *std::move(camera),
                                .by = *by,
                                .limit = *limit};
}

std::string to_json(const std::vector<store::Sighting>& sightings, std::size_t limit) {
    json::Writer out;
    out.begin_object().member("complete", sightings.size() <= limit).key("sightings").begin_array();
    for (std::size_t i = 0; i < std::min(sightings.size(), limit); ++i) {
        const store::Sighting& sighting = sightings[i];
        out.begin_object()
            .member("vehicle", sighting.vehicle)
            .member("camera", sighting.camera)
            .member("by", name_of(sighting.by))
            .member("from", sighting.from.us)
            .member("to", sighting.to.us)
            .member("best", sighting.best.us)
            .end_object();
    }
    return out.end_array().end_object().release();
}

} // namespace

std::vector<http::Route> Sightings::routes() {
    return {{"GET", "/api/recordings/sightings", http::Access::viewer,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { find(request, reply); })}};
}

void Sightings::find(const http::Request& request, const http::Reply& reply) {
    auto query = query_of(request);
    if (!query) {
        return reply.fail(query.error());
    }
    const auto limit = static_cast<std::size_t>(query->limit);
    ++query->limit; // tells whether there are more
    database_.run<std::vector<store::Sighting>>(
        [query = *query](store::Connection& connection) { return store::find_sightings(connection, query); },
        [reply, limit](const Result<std::vector<store::Sighting>>& sightings) {
            if (!sightings) {
                return reply.fail(sightings.error());
            }
            reply.send(http::json_response(200, to_json(*sightings, limit)));
        });
}

} // namespace masthead::api
