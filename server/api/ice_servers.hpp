// STUN and TURN servers as browsers get them, with credentials of their own.
#pragma once

#include "server/config/settings.hpp"

#include <string>
#include <vector>

namespace masthead::api {

/// JSON array of IceServer (openapi.yaml) for `user`. A server whose secret cannot be read is left out and
/// logged. Thread: any.
[[nodiscard]] std::string ice_servers_json(const std::vector<IceServer>& servers, const std::string& user);

} // namespace masthead::api
