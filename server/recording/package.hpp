// A zip of files as they are, and the papers that go with it.
#pragma once

#include "server/recording/output_file.hpp"

#include <functional>
#include <string>
#include <vector>

namespace masthead::recording_tool {

/// What `sha256sum -c` reads.
[[nodiscard]] std::string sha256sums_of(const std::vector<FileFacts>& files);

/// Stored, not compressed, for video does not get smaller; ZIP64 where it is needed. Entries bear the files'
/// own names. `progress` is told 0 to 1. Error: unavailable.
[[nodiscard]] Result<void> write_zip(const std::filesystem::path& path,
                                     const std::vector<std::filesystem::path>& files,
                                     const std::function<void(double)>& progress);

} // namespace masthead::recording_tool
