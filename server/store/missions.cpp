// Missions: SQL.
#include "server/store/missions.hpp"

#include "server/store/sql.hpp"

namespace masthead::store {
namespace {

const std::string kColumns =
    "id, version, name, kind, jsonb_array_length(items), user_name, " + us_of("written");

Mission mission_of(const Row& row) {
    return {.id = *row[0],
            .version = std::stoi(*row[1]),
            .name = *row[2],
            .kind = *row[3],
            .items = row.size() > 7 ? *row[7] : "[]",
            .count = std::stoi(*row[4]),
            .user = *row[5],
            .written = read_utc(row[6])};
}

tl::unexpected<Error> unknown(const std::string& id) {
    return fail(Code::not_found, "there is no mission '" + id + "'");
}

} // namespace

Result<std::vector<Mission>> list_missions(Connection& connection, int limit) {
    const auto rows = connection.query("SELECT " + kColumns +
                                           " FROM missions m WHERE removed IS NULL AND version = (SELECT "
                                           "max(version) FROM missions WHERE id = m.id) ORDER BY "
                                           "m.written DESC, id LIMIT $1",
                                       {std::to_string(limit)});
    return each_row(rows, mission_of);
}

Result<Mission> get_mission(Connection& connection, const std::string& id, std::optional<int> version) {
    const auto wanted = version ? std::optional(std::to_string(*version)) : std::nullopt;
    const auto rows = connection.query("SELECT " + kColumns +
                                           ", items FROM missions WHERE id = $1 AND removed IS NULL AND "
                                           "($2::integer IS NULL OR version = $2) "
                                           "ORDER BY version DESC LIMIT 1",
                                       {id, wanted});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    if (rows->empty() && version) {
        return fail(Code::not_found,
                    "there is no version " + std::to_string(*version) + " of a mission '" + id + "'");
    }
    return rows->empty() ? Result<Mission>(unknown(id)) : mission_of(rows->front());
}

Result<void> add_mission(Connection& connection, const Mission& mission) {
    const auto rows = connection.query(
        "INSERT INTO missions (id, version, name, kind, items, user_name, written) VALUES ($1, $2, $3, $4, "
        "$5, $6, " +
            time_of(7) + ")",
        {mission.id, std::to_string(mission.version), mission.name, mission.kind, mission.items, mission.user,
         text_of(mission.written)});
    return rows ? Result<void>() : tl::unexpected(rows.error());
}

Result<Mission> replace_mission(Connection& connection, Mission mission) {
    const auto newest = get_mission(connection, mission.id, std::nullopt);
    if (!newest) {
        return newest;
    }
    const auto outdated = [&] {
        return fail(Code::conflict, "mission '" + mission.id + "' was changed by " + newest->user +
                                        " since its version " + std::to_string(mission.version));
    };
    if (newest->version != mission.version) {
        return outdated();
    }
    ++mission.version;
    const auto added = add_mission(connection, mission);
    if (!added && added.error().code == Code::already_exists) {
        return outdated(); // another server was quicker
    }
    return added ? Result<Mission>(mission) : tl::unexpected(added.error());
}

Result<void> remove_mission(Connection& connection, const std::string& id) {
    const auto rows = connection.query(
        "UPDATE missions SET removed = now() WHERE id = $1 AND removed IS NULL RETURNING id", {id});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    return rows->empty() ? Result<void>(unknown(id)) : Result<void>();
}

} // namespace masthead::store
