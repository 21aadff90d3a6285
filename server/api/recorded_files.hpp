// Between recorded files, with the indexes beside them, and the database. Called on a database's thread: it
// reads the disk.
#pragma once

#include "server/archive/playlist.hpp"
#include "server/http/message.hpp"
#include "server/store/recordings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace masthead::api {

/// Brings what the index of `file` (under `root`) has and the database has not into the database. After a
/// crash the index is put in order first. Errors: not_found, malformed, unavailable.
[[nodiscard]] Result<void> catalog(store::Connection& connection, const std::filesystem::path& root,
                                   const std::string& file);

/// The file that a request's slots name: id, camera, day, file. Nothing: they name none, or one elsewhere.
[[nodiscard]] std::optional<std::filesystem::path> recorded_path(const std::filesystem::path& root,
                                                                 const http::Request& request);

/// A whole range of a file. Errors: not_found (the file is not there, or shorter).
[[nodiscard]] Result<Bytes> read_bytes(const std::filesystem::path& path, std::uint64_t offset,
                                       std::uint64_t bytes);

/// All files under `root`, as the database names them.
[[nodiscard]] std::vector<std::string> files_under(const std::filesystem::path& root);

/// The files' GOPs as their indexes say; a file that is not there any more is `missing`, one whose index
/// cannot be read is left out.
[[nodiscard]] std::vector<archive::PlaylistFile> playlist_files(const std::filesystem::path& root,
                                                                const std::vector<store::RecordingRow>& rows);

} // namespace masthead::api
