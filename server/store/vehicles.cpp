// Vehicles: SQL.
#include "server/store/vehicles.hpp"

#include "server/store/sql.hpp"

namespace masthead::store {
namespace {

Result<void> one_row(const Result<Rows>& rows, const std::string& id, const std::string& kind) {
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    if (rows->empty()) {
        return fail(Code::not_found, "there is no " + kind + " '" + id + "'");
    }
    return {};
}

} // namespace

Result<std::vector<VehicleRow>> list_vehicles(Connection& connection) {
    const auto rows = connection.query("SELECT id, kind, body FROM vehicles ORDER BY id");
    return each_row(rows, [](const Row& row) -> VehicleRow { return {*row[0], *row[1], *row[2]}; });
}

Result<void> add_vehicle(Connection& connection, const VehicleRow& vehicle) {
    const auto rows = connection.query("INSERT INTO vehicles (id, kind, body) VALUES ($1, $2, $3)",
                                       {vehicle.id, vehicle.kind, vehicle.body});
    if (!rows && rows.error().code == Code::already_exists) {
        return fail(Code::already_exists, "there is a vehicle '" + vehicle.id + "' already");
    }
    return rows ? Result<void>() : Result<void>(tl::unexpected(rows.error()));
}

Result<void> replace_vehicle(Connection& connection, const VehicleRow& vehicle) {
    return one_row(
        connection.query(
            "UPDATE vehicles SET body = $3, updated = now() WHERE id = $1 AND kind = $2 RETURNING id",
            {vehicle.id, vehicle.kind, vehicle.body}),
        vehicle.id, vehicle.kind);
}

Result<void> remove_vehicle(Connection& connection, const std::string& id, const std::string& kind) {
    return one_row(
        connection.query("DELETE FROM vehicles WHERE id = $1 AND kind = $2 RETURNING id", {id, kind}), id,
        kind);
}

} // namespace masthead::store
