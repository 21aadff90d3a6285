// Text inside a PNG (ISO/IEC 15948, 11.3.4).
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <string>
#include <utility>
#include <vector>

namespace masthead::recording_tool {

/// `png` with an iTXt chunk for each keyword (1 to 79 characters of Latin-1) and its text (UTF-8), before the
/// picture's data. Error: malformed (it is no PNG).
[[nodiscard]] Result<Bytes> with_text(ByteSpan png,
                                      const std::vector<std::pair<std::string, std::string>>& texts);

} // namespace masthead::recording_tool
