// A secret that a link's URI names and does not hold.
#pragma once

#include "plugins/links/link_uri.hpp"

#include <string>

namespace masthead {

/// What the environment variable of option NAME-env=VARIABLE or the file of option NAME-file=PATH holds, line
/// ends at its end cut off; "" when the URI has neither. Error: invalid_argument naming the option, never
/// the secret.
[[nodiscard]] Result<std::string> link_secret(const LinkUri& uri, const std::string& name);

} // namespace masthead
