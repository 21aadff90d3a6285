// Telemetry as JSON over MQTT as a Link.
#pragma once

#include "plugins/links/link.hpp"
#include "plugins/links/link_uri.hpp"

#include <memory>
#include <string>

namespace masthead::mqtt_link {

/// `uri.scheme` is mqtt or mqtts, its path the TOPIC: see topics.hpp. Options: password-env=NAME,
/// password-file=PATH, ca-file=PATH (mqtts). Error: invalid_argument naming the part of the URI that is
/// wrong, or the password that cannot be read.
[[nodiscard]] Result<std::unique_ptr<Link>> open_mqtt(const LinkUri& uri, LinkEvents events,
                                                      GMainContext* context);

/// The password from where the URI says it is: option password-env=NAME or password-file=PATH; "" when it
/// says nothing. Error: invalid_argument when it cannot be read.
[[nodiscard]] Result<std::string> password_of(const LinkUri& uri);

} // namespace masthead::mqtt_link
