// A gst-launch fragment cut into its words, so that parameters get in as values only and errors name a place.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace masthead::config {

struct LaunchWord {
    enum class Kind { element, property, link, caps, reference };
    Kind kind;
    std::string text;         // as written; of a property the name
    std::size_t at;           // offset in the fragment
    std::string value;        // of a property, as written, with its quotes
    std::size_t value_at = 0; // offset in the fragment
};

struct LaunchFault {
    std::size_t at; // offset in the fragment
    std::string word;
    std::string message;
};

/// The words of `fragment`, in order. Bins in parentheses are not taken: a fragment is one flat chain or
/// several.
[[nodiscard]] tl::expected<std::vector<LaunchWord>, LaunchFault> read_launch(std::string_view fragment);

} // namespace masthead::config
