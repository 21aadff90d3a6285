// Telemetry as JSON over MQTT as a Link.
#pragma once

#include "plugins/links/link.hpp"
#include "plugins/links/link_uri.hpp"

#include <memory>

namespace masthead::mqtt_link {

/// `uri.scheme` is mqtt or mqtts, its path the TOPIC: see topics.hpp. Options: password-env=NAME,
/// password-file=PATH, ca-file=PATH (mqtts). Error: invalid_argument naming the part of the URI that is
/// wrong, or the password that cannot be read.
[[nodiscard]] Result<std::unique_ptr<Link>> open_mqtt(const LinkUri& uri, LinkEvents events,
                                                      GMainContext* context);

} // namespace masthead::mqtt_link
