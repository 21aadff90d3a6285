// MAVLink 1 and 2 over UDP or TCP as a Link.
#pragma once

#include "plugins/links/link.hpp"
#include "plugins/links/link_uri.hpp"

#include <memory>

namespace masthead::mavlink {

/// `uri.scheme` is mavlink+udp (listens), mavlink+udpout or mavlink+tcp. Anyone who can send to the port can
/// pretend to be a vehicle: MAVLink without signing has no proof of origin, so that the port belongs on a
/// trusted network.
[[nodiscard]] Result<std::unique_ptr<Link>> open_mavlink(const LinkUri& uri, LinkEvents events,
                                                         GMainContext* context);

} // namespace masthead::mavlink
