// Sightings: SQL (PostGIS).
#include "server/store/sightings.hpp"

#include "server/store/recordings.hpp"
#include "server/store/sql.hpp"

#include <array>
#include <cstdio>

namespace masthead::store {

namespace {

using archive::Area;
using archive::Box;
using archive::Circle;

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9f", value);
    return text;
}

std::string ring_of(const Area& area, double turn_deg) {
    std::string text = "((";
    for (const GeoPoint& corner : area.ring) {
        text += number(corner.longitude_deg + turn_deg) + " " + number(corner.latitude_deg) + ",";
    }
    text.back() = ')';
    return text + ")";
}

std::string ring_of(const Box& box, double turn_deg) {
    return ring_of(Area{{{box.south, box.west},
                         {box.south, box.east},
                         {box.north, box.east},
                         {box.north, box.west},
                         {box.south, box.west}}},
                   turn_deg);
}

constexpr std::array kTurns{0.0, -360.0, 360.0};

/// What is on the other side of the antimeridian may stand there with another longitude than ours.
std::string everywhere(const Area& area) {
    std::string text = "SRID=4326;MULTIPOLYGON(";
    for (const double turn : kTurns) {
        text += ring_of(area, turn) + ",";
    }
    text.back() = ')';
    return text;
}

/// $1 to $4: from, to, vehicle, camera. $5: the place. $6 to $8: boxes that hold it, for the tables' indexes.
/// $9: the largest distance in metres.
Row parameters(const SightingQuery& query) {
    Row row{text_of(query.from), text_of(query.to), query.vehicle, query.camera};
    const auto* area = std::get_if<Area>(&query.place);
    const auto* circle = std::get_if<Circle>(&query.place);
    row.push_back(area ? everywhere(*area)
                       : "SRID=4326;POINT(" + number(circle->center.longitude_deg) + " " +
                             number(circle->center.latitude_deg) + ")");
    for (const double turn : kTurns) {
        row.push_back("SRID=4326;POLYGON" + ring_of(archive::box_of(query.place), turn));
    }
    row.push_back(circle ? number(circle->radius_m) : "0");
    return row;
}

/// Points of the track that are seen `by` it. A footprint's corners may come in any order: its hull counts.
std::string hits(SightedBy by, bool is_area) {
    const bool footprint = by == SightedBy::footprint;
    const std::string column = footprint ? "t.footprint" : "t.position";
    const std::string shape = footprint ? "ST_ConvexHull(t.footprint)" : "t.position";
    const std::string middle =
        footprint ? "coalesce(t.frame_center, ST_Centroid(t.footprint))" : "t.position";
    return "SELECT r.vehicle_id, r.camera, '" + std::string(footprint ? "footprint" : "vehicle") +
           "' AS how, t.time, ST_Distance(" + middle +
           "::geography, place.middle, false) AS distance FROM place, recording_track t JOIN recordings r "
           "USING (file) WHERE t.time >= " +
           time_of(1) + " AND t.time < " + time_of(2) + " AND r.began < " + time_of(2) + " AND r.ended > " +
           time_of(1) + " AND r.began > " + time_of(1) + " - " + kLongestFile +
           " AND ($3 = '' OR r.vehicle_id = $3) AND ($4 = '' OR r.camera = $4) AND (" + column +
           " && $6::geometry OR " + column + " && $7::geometry OR " + column + " && $8::geometry) AND " +
           (is_area ? "ST_Intersects(" + shape + ", $5::geometry) AND $9::float8 = 0"
                    : "ST_DWithin(" + shape + "::geography, $5::geometry::geography, $9::float8)");
}

std::string statement(const SightingQuery& query) {
    const bool is_area = std::holds_alternative<Area>(query.place);
    std::string all;
    for (const SightedBy by : {SightedBy::footprint, SightedBy::vehicle}) {
        if (!query.by || query.by == by) {
            all += (all.empty() ? "" : " UNION ALL ") + hits(by, is_area);
        }
    }
    const std::string camera = "(PARTITION BY vehicle_id, camera, how ORDER BY time)";
    return "WITH place AS (SELECT ST_Centroid(" +
           std::string(is_area ? "ST_GeometryN($5::geometry, 1)" : "$5::geometry") +
           ")::geography AS middle), hits AS (" + all + "), starts AS (SELECT *, time - lag(time) OVER " +
           camera +
           " <= interval '5 seconds' AS goes_on FROM hits), runs AS (SELECT *, count(*) FILTER (WHERE "
           "goes_on IS NOT TRUE) OVER " +
           camera + " AS run FROM starts) SELECT vehicle_id, camera, how, " + us_of("min(time)") + ", " +
           us_of("max(time)") + ", " + us_of("(array_agg(time ORDER BY distance, time))[1]") +
           " FROM runs GROUP BY vehicle_id, camera, how, run ORDER BY min(time) DESC, vehicle_id, camera, "
           "how "
           "LIMIT " +
           std::to_string(query.limit);
}

/// PostGIS answers about a polygon that crosses itself as it likes.
Result<void> check(Connection& connection, const Area& area) {
    const auto rows =
        connection.query("SELECT ST_IsValidReason($1::geometry)", {"SRID=4326;POLYGON" + ring_of(area, 0)});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    const std::string& reason = *rows->front()[0];
    return reason == "Valid Geometry"
               ? Result<void>()
               : fail(Code::invalid_argument, "'area' is no polygon whose sides do not touch: " + reason);
}

} // namespace

Result<std::vector<Sighting>> find_sightings(Connection& connection, const SightingQuery& query) {
    if (const auto* area = std::get_if<Area>(&query.place)) {
        if (const auto valid = check(connection, *area); !valid) {
            return tl::unexpected(valid.error());
        }
    }
    const auto rows = connection.query(statement(query), parameters(query));
    if (!rows && rows.error().code == Code::expired) {
        return fail(Code::unavailable, "the search took too long: choose a shorter time or a smaller place");
    }
    return each_row(rows, [](const Row& row) -> Sighting {
        return {.vehicle = *row[0],
                .camera = *row[1],
                .by = row[2] == "vehicle" ? SightedBy::vehicle : SightedBy::footprint,
                .from = read_utc(row[3]),
                .to = read_utc(row[4]) + std::chrono::seconds(1), // a point a second
                .best = read_utc(row[5])};
    });
}

} // namespace masthead::store
