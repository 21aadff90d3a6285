// What viewersink says of one viewer, as the server is told.
#pragma once

#include "server/control/protocol.hpp"

#include <gst/gst.h>

namespace masthead::worker {

/// `figures`: of viewersink's signal `viewer-figures`.
[[nodiscard]] control::ViewerFigures viewer_figures(const std::string& session, const GstStructure& figures);

} // namespace masthead::worker
