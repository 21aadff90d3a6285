// Whether a launch fragment can be made here: its elements, properties, values, caps and links, each fault
// with its place in the file.
#pragma once

#include "plugins/bytes/result.hpp"
#include "server/config/launch.hpp"

namespace masthead::worker {

/// Makes each element once, without running it. Error: invalid_argument or unavailable (an element is not
/// installed), "file:line:column: ..." with the name that was probably meant. Thread: any one at a time.
[[nodiscard]] Result<void> check_launch(const Launch& launch);

} // namespace masthead::worker
