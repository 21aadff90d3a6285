// Passwords within URIs, which logs and people must not see.
#pragma once

#include <string>
#include <string_view>

namespace masthead {

/// "rtsp://me:secret@host/x" -> "rtsp://me:***@host/x"; also ?password=... and the like. Every URI in `text`
/// is treated; all else stays.
[[nodiscard]] std::string without_password(std::string_view text);

} // namespace masthead
