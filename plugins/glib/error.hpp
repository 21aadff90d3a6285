// GError -> Error, at once where it appears.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"

#include <string_view>

namespace masthead {

/// Takes over `error` (may be nullptr: Code::internal). The message is "`what`: <GError's text>". G_IO_ERROR
/// codes keep their meaning (not found, exists, permission, would block...), all else is Code::unavailable.
[[nodiscard]] tl::unexpected<Error> fail_from(GError* error, std::string_view what);

} // namespace masthead
