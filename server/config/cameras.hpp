// A pipeline file for several cameras as one document for each. Private to server/config.
#pragma once

#include "server/config/document.hpp"

namespace masthead::config {

struct CameraDocument {
    std::string camera; // its name in the file; "" for a file of one
    Document document;  // as if it were a file of its own, with the places of the real one
};

/// Each camera's keys stand before those that the file has for all of them, section by section; a file
/// without `cameras` gives itself. At least one. Error: invalid_argument when a section is missing.
[[nodiscard]] Result<std::vector<CameraDocument>> split_cameras(const Document& document);

} // namespace masthead::config
