// GOPs on the line of capture times: where one ends, whether a range wants it, whether the next one goes on.
#pragma once

#include "plugins/recording/index.hpp"

namespace masthead::recording {

[[nodiscard]] Utc end_of(const Gop& gop);

/// Whether [from, to) has a part of it.
[[nodiscard]] bool touches(const Gop& gop, Utc from, Utc to);

/// Whether `next` goes on where `gop` ends, by its own clock and by the capture time, each within a second.
[[nodiscard]] bool follows(const Gop& gop, const Gop& next);

} // namespace masthead::recording
