// masthead-server audit ...: the audit from the command line.
#pragma once

#include "server/config/settings.hpp"

#include <string>
#include <vector>

namespace masthead {

/// `words`: verify | export. Gives the exit code: 0, 1 the chain is broken or the database cannot be reached,
/// 2 usage.
[[nodiscard]] int read_audit(const Settings& settings, const std::vector<std::string>& words);

} // namespace masthead
