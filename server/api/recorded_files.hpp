// Between recorded files, with the indexes beside them, and the database. Called on a database's thread: it
// reads the disk.
#pragma once

#include "server/recordings/playlist.hpp"
#include "server/store/recordings.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace masthead::api {

/// Brings what the index of `file` (under `root`) has and the database has not into the database. After a
/// crash the index is put in order first. Errors: not_found, malformed, unavailable.
[[nodiscard]] Result<void> catalog(store::Connection& connection, const std::filesystem::path& root,
                                   const std::string& file);

/// All files under `root`, as the database names them.
[[nodiscard]] std::vector<std::string> files_under(const std::filesystem::path& root);

/// The files' GOPs as their indexes say; a file that is not there any more is `missing`, one whose index
/// cannot be read is left out.
[[nodiscard]] std::vector<recordings::PlaylistFile>
playlist_files(const std::filesystem::path& root, const std::vector<store::RecordingRow>& rows);

} // namespace masthead::api
