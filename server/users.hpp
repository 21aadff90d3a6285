// masthead-server user ...: accounts from the command line.
#pragma once

#include "server/config/settings.hpp"

#include <string>
#include <vector>

namespace masthead {

/// `words`: list | add NAME ROLE | passwd NAME. Passwords come from standard input, one line. Gives the exit
/// code.
[[nodiscard]] int manage_users(const Settings& settings, const std::vector<std::string>& words);

} // namespace masthead
