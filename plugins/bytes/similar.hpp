// "Did you mean": the known word nearest to one that is not known.
#pragma once

#include <string>
#include <vector>

namespace masthead {

/// A word that begins with it, or needs few changes: "; did you mean 'x264enc'?" or nothing when no known
/// word is near.
[[nodiscard]] std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

} // namespace masthead
