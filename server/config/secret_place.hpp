// Secrets that are not written in files of ours: where they are.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace masthead::config {

/// The text behind "file:/path" (its first line) or "env:NAME". The error names the place, never the text.
[[nodiscard]] tl::expected<std::string, std::string> secret_text(const std::string& place);

} // namespace masthead::config
