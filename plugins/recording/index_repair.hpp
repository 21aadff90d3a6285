// The index of a recording that is there already: read, made from the file's bytes, made again where a crash
// left it short.
#pragma once

#include "plugins/recording/index.hpp"

namespace masthead::recording {

/// Errors: not_found, malformed, unsupported; each names the file.
[[nodiscard]] Result<Index> load_index(const std::filesystem::path& recording, Read read = Read::all);

/// The index's text as the file's bytes say it. Reads the whole file. Errors: not_found, malformed (there is
/// no GOP in it).
[[nodiscard]] Result<std::string> scan(const std::filesystem::path& recording);

enum class Repair { not_needed, busy, done, removed };
/// After a crash: an index that is missing, cannot be read or does not reach to the end of its file is made
/// anew, and a last frame that is cut short is cut off. An empty file is removed. A file that is being
/// written is left alone (busy). Errors: unavailable (the disk does not let us), malformed (there is no video
/// in it: it stays as it is).
[[nodiscard]] Result<Repair> repair(const std::filesystem::path& recording);

} // namespace masthead::recording
