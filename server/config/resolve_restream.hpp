// The step from /outputs/restream to structs. Private to server/config.
#pragma once

#include "server/config/document.hpp"
#include "server/config/restream.hpp"

#include <vector>

namespace masthead::config {

/// /outputs/restream of `document`, whose parameters are filled in; empty when it has none. Renditions are
/// not looked up. Error: invalid_argument with its place.
[[nodiscard]] Result<std::vector<Restream>> resolve_restream(const Document& document);

} // namespace masthead::config
