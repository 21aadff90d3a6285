// Keeps a peer's nonsense out of samples.
#pragma once

#include "plugins/telemetry/sample.hpp"

namespace masthead {

/// Drops every field that is not finite or outside the range of schema/telemetry.schema.json, and a latitude
/// or longitude that stands alone.
void drop_impossible(Sample& sample);
/// True when nothing but the time is known.
[[nodiscard]] bool says_nothing(const Sample& sample);

/// `degrees` on 0..360.
[[nodiscard]] double wrap_360(double degrees) noexcept;

} // namespace masthead
