// The step from a fragment with parameters to a Launch. Private to server/config.
#pragma once

#include "server/config/document.hpp"
#include "server/config/launch.hpp"

namespace masthead::config {

/// /ingest/launch of `document` (there is one) with the parameters' `values` in it. Numbers and booleans may
/// stand in caps, any parameter in a property's value. Error: invalid_argument with its place.
[[nodiscard]] Result<Launch> resolve_launch(const Document& document, const Json& values);

} // namespace masthead::config
