// Geofences: SQL (PostGIS).
#include "server/store/geofences.hpp"

#include "server/store/sql.hpp"

#include <cstdio>

namespace masthead::store {
namespace {

using fences::Fence;

Field number_text(std::optional<double> value) {
    if (!value) {
        return std::nullopt;
    }
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", *value);
    return text;
}

std::optional<double> number_of(const Field& field) {
    return field ? std::optional(std::stod(*field)) : std::nullopt;
}

Row parameters(const Fence& fence, const std::string& user, Utc now) {
    const auto* circle = std::get_if<fences::Circle>(&fence.shape);
    const auto& band = fence.altitude;
    return {fence.id,
            fence.name,
            std::string(to_string(fence.rule)),
            fence.vehicle,
            fence.enabled ? "t" : "f",
            geometry_json(fence.shape),
            number_text(circle ? std::optional(circle->radius_m) : std::nullopt),
            band ? Field(std::string(to_string(band->datum))) : std::nullopt,
            number_text(band ? band->min_m : std::nullopt),
            number_text(band ? band->max_m : std::nullopt),
            user,
            text_of(now)};
}

const std::string kShape = "ST_SetSRID(ST_GeomFromGeoJSON($6::text), 4326)";

Result<void> one_row(const Result<Rows>& rows, const std::string& id) {
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    return rows->empty() ? fail(Code::not_found, "there is no geofence '" + id + "'") : Result<void>();
}

} // namespace

Result<std::vector<Fence>> list_geofences(Connection& connection) {
    const auto rows = connection.query("SELECT id, name, rule, vehicle_id, enabled, ST_AsGeoJSON(shape, 15), "
                                       "radius_m, datum, min_m, max_m FROM geofences ORDER BY name, id");
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    std::vector<Fence> list;
    for (const Row& row : *rows) {
        auto shape = fences::shape_from(*row[5], number_of(row[6]));
        const auto rule = fences::parse_rule(*row[2]);
        if (!shape || !rule) {
            return fail(Code::internal, "the geofence '" + *row[0] + "' cannot be read from the database");
        }
        Fence fence{.id = *row[0],
                    .name = *row[1],
                    .rule = *rule,
                    .vehicle = *row[3],
                    .enabled = row[4] == "t",
                    .shape = *std::move(shape),
                    .altitude = {}};
        if (const auto datum = row[7] ? fences::parse_datum(*row[7]) : std::nullopt) {
            fence.altitude = fences::AltitudeBand{*datum, number_of(row[8]), number_of(row[9])};
        }
        list.push_back(std::move(fence));
    }
    return list;
}

Result<void> add_geofence(Connection& connection, const Fence& fence, const std::string& user, Utc now) {
    return one_row(connection.query(
                       "INSERT INTO geofences (id, name, rule, vehicle_id, enabled, shape, radius_m, datum, "
                       "min_m, max_m, user_name, changed) VALUES ($1, $2, $3, $4, $5, " +
                           kShape + ", $7, $8, $9, $10, $11, " + time_of(12) + ") RETURNING id",
                       parameters(fence, user, now)),
                   fence.id);
}

Result<void> replace_geofence(Connection& connection, const Fence& fence, const std::string& user, Utc now) {
    return one_row(
        connection.query(
            "UPDATE geofences SET name = $2, rule = $3, vehicle_id = $4, enabled = $5, shape = " + kShape +
                ", radius_m = $7, datum = $8, min_m = $9, max_m = $10, user_name = $11, "
                "changed = " +
                time_of(12) + " WHERE id = $1 RETURNING id",
            parameters(fence, user, now)),
        fence.id);
}

Result<void> remove_geofence(Connection& connection, const std::string& id) {
    return one_row(connection.query("DELETE FROM geofences WHERE id = $1 RETURNING id", {id}), id);
}

} // namespace masthead::store
