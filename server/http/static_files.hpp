// The web app's files, from one directory and nowhere else.
#pragma once

#include "server/http/message.hpp"

#include <filesystem>
#include <string_view>

namespace masthead::http {

/// A file for `path` (decoded, starts with '/'); a path that names no file and looks like one of the app's
/// own routes (no extension) gives index.html. Files below /assets/ carry a hash in their name and are cached
/// for ever; others are revalidated (`if_none_match` is the client's ETag, "" for none: 304 when it is
/// current). 400 for a path that tries to leave the directory, 404 for what is not there. A symbolic link out
/// of the directory is not followed.
[[nodiscard]] Response static_file(const std::filesystem::path& directory, std::string_view path,
                                   std::string_view if_none_match);

} // namespace masthead::http
