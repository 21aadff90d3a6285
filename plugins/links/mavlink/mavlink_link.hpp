// MAVLink 1 and 2 over UDP or TCP as a Link.
#pragma once

#include "plugins/links/link.hpp"
#include "plugins/links/link_uri.hpp"

#include <memory>

namespace masthead::mavlink {

/// `uri.scheme` is mavlink+udp (listens), mavlink+udpout or mavlink+tcp. Anyone who can send to the port can
/// pretend to be a vehicle: MAVLink without signing has no proof of origin, so that the port belongs on a
/// trusted network. With a key (options: see signing.hpp) all that leaves is signed, and what comes without a
/// valid signature is refused, counted, and told in the link's detail. The key itself comes from nowhere but
/// those options: SETUP_SIGNING is neither read nor sent. Radios cannot sign their RADIO_STATUS; that is of
/// no use here, and counts for nothing. Error: invalid_argument.
[[nodiscard]] Result<std::unique_ptr<Link>> open_mavlink(const LinkUri& uri, LinkEvents events,
                                                         GMainContext* context);

} // namespace masthead::mavlink
