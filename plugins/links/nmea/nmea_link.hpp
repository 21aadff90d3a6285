// NMEA 0183 with AIS over TCP or UDP as a Link.
#pragma once

#include "plugins/links/link.hpp"
#include "plugins/links/link_uri.hpp"

#include <memory>

namespace masthead::nmea {

/// `uri.scheme` is nmea+tcp or nmea+udp (listens). The ship that the feed belongs to is "own", others are
/// their MMSI. Takes no commands.
[[nodiscard]] Result<std::unique_ptr<Link>> open_nmea(const LinkUri& uri, LinkEvents events,
                                                      GMainContext* context);

} // namespace masthead::nmea
