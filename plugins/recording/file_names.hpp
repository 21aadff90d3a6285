// Where recordings stand: ROOT/VEHICLE/CAMERA/2026-11-22/14-03-22.123Z.ts, named by the capture time of the
// first frame.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace masthead::recording {

inline constexpr std::string_view kExtension = ".ts";

/// "2026-11-22/14-03-22.123Z"; for a second file of the same instant `again` is 2 ("14-03-22.123Z-2").
[[nodiscard]] std::string stem_of(Utc start, unsigned again = 1);

/// All recorded files under `folder`, sorted by name, which is by time. What cannot be read is left out, and
/// what stands in hidden folders: they are for other things on the same disk.
[[nodiscard]] std::vector<std::filesystem::path> recordings_under(const std::filesystem::path& folder);

} // namespace masthead::recording
