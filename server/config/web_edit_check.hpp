// The rules for edits by the web, applied to a pipeline file. Private to server/config.
#pragma once

#include "server/config/document.hpp"
#include "server/config/launch.hpp"
#include "server/config/web_edits.hpp"

namespace masthead::config {

/// `document` has its parameters' values filled in, `launch` is its fragment. Elements and properties beyond
/// schema/web_edits.json, and URIs beyond `rules`, are for people with access to the folder.
/// Error: forbidden, with its place.
[[nodiscard]] Result<void> check_web_edit(const Document& document, const Launch& launch,
                                          const WebEditRules& rules);

} // namespace masthead::config
