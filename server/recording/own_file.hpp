// A file that Masthead recorded: its frames say all there is to know.
#pragma once

#include "server/recording/video_file.hpp"

namespace masthead::recording_tool {

/// Whether its frames carry marks of ours.
[[nodiscard]] bool is_own(const std::filesystem::path& file);

/// As read_video(), frame.header and frame.klv with what each frame says. Its KLV goes to no other reader.
[[nodiscard]] Result<SourceFacts> read_own(const std::filesystem::path& file, const SourceReaders& readers);

} // namespace masthead::recording_tool
