// The ingest of a recipe as a gst-launch fragment: what it is made of, with the place of each part in the
// file.
#pragma once

#include <string>
#include <vector>

namespace masthead {

/// Line and column from 1; line 0: not known.
struct Place {
    int line = 0;
    int column = 0;
};

struct LaunchProperty {
    std::string name;
    std::string value;
    Place place;
    /// Holds a parameter: not part of the text, but to be set on the element, so that no value can bring an
    /// element or another property with it.
    bool set_later = false;
};

struct LaunchElement {
    std::string factory;
    std::string name; // its own, or one made up
    Place place;
    std::vector<LaunchProperty> properties;
};

struct LaunchCaps {
    std::string text;
    Place place;
};

struct Launch {
    std::string file; // for messages
    std::string text; // for gst_parse_launch; empty: the recipe has none
    std::vector<LaunchElement> elements;
    std::vector<LaunchCaps> caps;

    [[nodiscard]] bool empty() const noexcept { return text.empty(); }
    /// "file:line:column: message"
    [[nodiscard]] std::string message_at(Place place, const std::string& message) const;
};

/// The names of a fragment's ends.
inline constexpr const char* kLaunchEnds[] = {"video", "klv", "audio"};

} // namespace masthead
