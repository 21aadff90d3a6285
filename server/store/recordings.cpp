// Recordings: SQL.
#include "server/store/recordings.hpp"

#include "plugins/recording/gop_time.hpp"
#include "server/archive/place.hpp"
#include "server/store/sql.hpp"

namespace masthead::store {
namespace {

const std::string kColumns =
    "file, vehicle_id, camera, " + us_of("began") + ", " + us_of("ended") + ", bytes, number, first_gop";

Result<std::vector<RecordingRow>> rows_of(const Result<Rows>& rows) {
    return each_row(rows, [](const Row& row) -> RecordingRow {
        return {*row[0],
                *row[1],
                *row[2],
                read_utc(row[3]),
                read_utc(row[4]),
                std::stoll(*row[5]),
                std::stoll(*row[6]),
                std::stoll(*row[7])};
    });
}

struct Totals {
    Utc began;
    Utc ended;
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
};

Totals totals_of(const std::vector<recording::Gop>& gops) {
    Totals totals{.began = gops.front().time, .ended = recording::end_of(gops.front())};
    for (const recording::Gop& gop : gops) {
        totals.began = std::min(totals.began, gop.time);
        totals.ended = std::max(totals.ended, recording::end_of(gop));
        totals.bytes += gop.bytes;
        totals.frames += gop.frames;
    }
    return totals;
}

std::string ewkt(const GeoPoint& point) {
    return std::to_string(point.longitude_deg) + " " + std::to_string(point.latitude_deg);
}

std::string point_of(const std::optional<GeoPoint>& point) {
    return point ? "SRID=4326;POINT(" + ewkt(*point) + ")" : "\\N";
}

/// A line of COPY. A footprint over the antimeridian goes on beyond 180 degrees: a plane polygon would go
/// round the earth.
std::string line_of(const std::string& file, const recording::TrackPoint& point) {
    std::string line = file + "\t" + to_iso8601(point.time) + "\t" + point_of(point.position) + "\t" +
                       (point.heading_deg ? std::to_string(*point.heading_deg) : "\\N") + "\t" +
                       point_of(point.frame_center) + "\t";
    if (!point.footprint) {
        return line + "\\N\n";
    }
    line += "SRID=4326;POLYGON((";
    const GeoPoint& first = point.footprint->front();
    for (const GeoPoint& corner : *point.footprint) {
        line += ewkt({corner.latitude_deg, archive::turned(corner.longitude_deg, first.longitude_deg)}) + ",";
    }
    return line + ewkt(first) + "))\n";
}

Result<void> write(Connection& connection, const std::string& file, const recording::Index& index,
                   std::int64_t index_bytes) {
    const std::size_t slash = file.find('/');
    const std::string vehicle = file.substr(0, slash);
    const std::string camera = file.substr(slash + 1, file.find('/', slash + 1) - slash - 1);
    const Totals totals = totals_of(index.gops);
    const auto written = connection.query(
        "INSERT INTO recordings AS r (file, vehicle_id, camera, codec, began, ended, bytes, gops, frames, "
        "index_bytes, "
        "number, first_gop) SELECT $1, $2, $3, $4, " +
            time_of(5) + ", " + time_of(6) +
            ", $7, $8, $9, $10, coalesce(max(number) + 1, 0), coalesce(max(first_gop + gops), 0) FROM "
            "recordings "
            "WHERE vehicle_id = $2 AND camera = $3 ON CONFLICT (file) DO UPDATE SET began = least(r.began, "
            "excluded.began), ended = greatest(r.ended, excluded.ended), bytes = r.bytes + excluded.bytes, "
            "gops = "
            "r.gops + excluded.gops, frames = r.frames + excluded.frames, index_bytes = "
            "excluded.index_bytes, grown = now()",
        {file, vehicle, camera, index.codec == recording::Codec::h264 ? "h264" : "h265",
         text_of(totals.began), text_of(totals.ended), std::to_string(totals.bytes),
         std::to_string(index.gops.size()), std::to_string(totals.frames), std::to_string(index_bytes)});
    if (!written) {
        return tl::unexpected(written.error());
    }
    std::string lines;
    for (const recording::TrackPoint& point : index.track) {
        lines += line_of(file, point);
    }
    return lines.empty()
               ? Result<void>()
               : connection.copy("COPY recording_track (file, time, position, heading_deg, frame_center, "
                                 "footprint) FROM STDIN",
                                 lines);
}

} // namespace

Result<KnownRecording> known_recording(Connection& connection, const std::string& file) {
    const auto rows = connection.query("SELECT index_bytes, bytes FROM recordings WHERE file = $1", {file});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    return rows->empty() ? KnownRecording{}
                         : KnownRecording{std::stoll(*rows->front()[0]), std::stoll(*rows->front()[1])};
}

Result<void> add_to_recording(Connection& connection, const std::string& file, const recording::Index& index,
                              std::int64_t index_bytes) {
    if (index.gops.empty()) {
        return {};
    }
    if (auto begun = connection.script("BEGIN"); !begun) {
        return begun;
    }
    auto done = write(connection, file, index, index_bytes);
    const auto ended = connection.script(done ? "COMMIT" : "ROLLBACK");
    return done ? ended : done;
}

Result<std::optional<std::string>> overlapping_recording(Connection& connection, const std::string& file) {
    const auto rows = connection.query("SELECT other.file FROM recordings r JOIN recordings other USING "
                                       "(vehicle_id, camera) WHERE r.file = $1 "
                                       "AND other.file <> r.file AND other.began < r.ended - interval '1 "
                                       "second' AND other.ended > r.began + "
                                       "interval '1 second' AND other.began > r.began - " +
                                           std::string(kLongestFile) + " ORDER BY other.began LIMIT 1",
                                       {file});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    return rows->empty() ? std::nullopt : rows->front()[0];
}

Result<std::vector<RecordingRow>> list_recordings(Connection& connection, const RecordingRange& range) {
    return rows_of(connection.query("SELECT " + kColumns +
                                        " FROM recordings WHERE ($1 = '' OR vehicle_id = $1) AND "
                                        "($2 = '' OR camera = $2) AND began < " +
                                        time_of(4) + " AND ended > " + time_of(3) + " AND began > " +
                                        time_of(3) + " - " + kLongestFile +
                                        " ORDER BY vehicle_id, camera, recordings.began, file",
                                    {range.vehicle, range.camera, text_of(range.from), text_of(range.to)}));
}

Result<std::vector<RecordingRow>> newest_recordings(Connection& connection, const std::string& vehicle,
                                                    const std::string& camera, int count) {
    return rows_of(connection.query("SELECT " + kColumns +
                                        " FROM recordings WHERE vehicle_id = $1 AND camera = $2 ORDER BY "
                                        "recordings.number DESC LIMIT $3",
                                    {vehicle, camera, std::to_string(count)}));
}

Result<std::vector<archive::KeptFile>> kept_files(Connection& connection) {
    const auto rows = connection.query(
        "SELECT r.file, r.vehicle_id, r.camera, " + us_of("r.began") + ", " + us_of("r.ended") +
        ", r.bytes, EXISTS (SELECT FROM bookmarks b WHERE b.protects AND "
        "b.began < r.ended AND b.ended >= r.began AND "
        "b.vehicle_id IN ('', r.vehicle_id) AND b.camera IN ('', r.camera)) OR EXISTS (SELECT FROM "
        "operations o "
        "WHERE o.kind = 'export' AND o.state = 'queued' AND o.began < r.ended AND o.until > r.began AND "
        "o.vehicle_id = r.vehicle_id AND o.camera = r.camera), "
        "r.grown > now() - interval '10 minutes' AND "
        "r.number = max(r.number) OVER (PARTITION BY r.vehicle_id, r.camera) FROM recordings r");
    return each_row(rows, [](const Row& row) -> archive::KeptFile {
        return {.file = *row[0],
                .camera = {*row[1], *row[2]},
                .began = read_utc(row[3]),
                .ended = read_utc(row[4]),
                .bytes = std::stoull(*row[5]),
                .is_protected = row[6] == "t",
                .is_open = row[7] == "t"};
    });
}

Result<void> remove_recording(Connection& connection, const std::string& file) {
    const auto rows = connection.query("DELETE FROM recordings WHERE file = $1", {file});
    return rows ? Result<void>() : tl::unexpected(rows.error());
}

} // namespace masthead::store
