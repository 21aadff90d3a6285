// Recordings in the database: a searchable copy of the indexes beside the files. Called on a database's
// thread.
#pragma once

#include "plugins/recording/index.hpp"
#include "server/archive/retention.hpp"
#include "server/store/connection.hpp"

#include <string>
#include <vector>

namespace masthead::store {

struct RecordingRow {
    std::string file; // "VEHICLE/CAMERA/DAY/TIME.ts", under the folder for recordings
    std::string vehicle;
    std::string camera;
    Utc began;
    Utc ended; // exclusive
    std::int64_t bytes = 0;
    std::int64_t number = 0;    // of the camera's files
    std::int64_t first_gop = 0; // of the camera's GOPs
};

/// SQL: no file lasts longer, so that what began earlier has ended.
inline constexpr const char* kLongestFile = "interval '25 hours'";

/// Which recordings are meant. Empty names mean all.
struct RecordingRange {
    std::string vehicle;
    std::string camera;
    Utc from;
    Utc to; // exclusive
};

/// What the database has of a file; all 0: nothing.
struct KnownRecording {
    std::int64_t index_bytes = 0;
    std::int64_t bytes = 0; // of its GOPs
};
[[nodiscard]] Result<KnownRecording> known_recording(Connection& connection, const std::string& file);

/// What stands in the index from `index.gops` and `index.track` on; `index_bytes` is where that ends. The
/// file is added if it is not there. All or nothing.
[[nodiscard]] Result<void> add_to_recording(Connection& connection, const std::string& file,
                                            const recording::Index& index, std::int64_t index_bytes);

/// Another file of the same camera that was recorded at the same time, by more than a second; nothing: there
/// is none.
[[nodiscard]] Result<std::optional<std::string>> overlapping_recording(Connection& connection,
                                                                       const std::string& file);

/// By vehicle, camera and time.
[[nodiscard]] Result<std::vector<RecordingRow>> list_recordings(Connection& connection,
                                                                const RecordingRange& range);
/// The newest files of a camera, newest first.
[[nodiscard]] Result<std::vector<RecordingRow>>
newest_recordings(Connection& connection, const std::string& vehicle, const std::string& camera, int count);

/// All files, with what protecting bookmarks and exports that have not ended say of them. A camera's newest
/// is open while it grew within the last minutes.
[[nodiscard]] Result<std::vector<archive::KeptFile>> kept_files(Connection& connection);
/// With its track. One that is not there is fine.
[[nodiscard]] Result<void> remove_recording(Connection& connection, const std::string& file);

} // namespace masthead::store
