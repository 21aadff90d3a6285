// Which vehicles share a worker: those that share a link, directly or through others. Pure.
#pragma once

#include "server/control/protocol.hpp"

#include <map>
#include <string>
#include <vector>

namespace masthead::control {

/// Key -> the vehicles of one worker, in their order. Vehicles with the same link or control URI share one,
/// because only one process can listen on a port or hold a radio. The key stays the same while the group's
/// first URI (in text order) does: "link:URI", or "vehicle:ID" for a vehicle without links.
[[nodiscard]] std::map<std::string, std::vector<WorkerVehicle>>
group(const std::vector<WorkerVehicle>& vehicles);

} // namespace masthead::control
