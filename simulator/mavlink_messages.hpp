// What the drone says in MAVLink: one row a message kind, how often, and how it is made from the truth.
#pragma once

#include "plugins/links/mavlink/codec.hpp"
#include "simulator/world.hpp"

#include <cstdint>
#include <span>

namespace masthead::sim {

struct MavlinkMoment {
    Truth truth; // at an instant that is a whole millisecond since boot
    std::uint32_t boot_ms = 0;
};

struct MavlinkRow {
    int period_ms;
    int phase_ms; // rows are spread, so that datagrams do not come in bursts
    mavlink::Message (*make)(const MavlinkMoment& moment);
};

[[nodiscard]] std::span<const MavlinkRow> mavlink_rows();

} // namespace masthead::sim
