// The drone's MAVLink 2 over UDP: telemetry out, commands in.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/links/mavlink/framer.hpp"
#include "simulator/schedule.hpp"
#include "simulator/world.hpp"

#include <memory>
#include <optional>
#include <random>

namespace masthead::sim {

class MavlinkSide {
  public:
    struct Options {
        std::string address = "127.0.0.1"; // where telemetry goes
        int port = 14550;
        int system_id = 1;    // 1..254
        int delay_max_ms = 0; // each message is held back by 0..this, evenly distributed; order may change
        std::uint32_t seed = 1;
        std::optional<double> stop_after_s; // of simulated time
    };
    /// Speaks from the default main context until destroyed. Error: unavailable or invalid_argument, naming
    /// the address.
    [[nodiscard]] static Result<std::unique_ptr<MavlinkSide>>
    create(const Options& options, std::shared_ptr<Vehicle> vehicle, SimClock clock);
    virtual ~MavlinkSide() = default;
};

} // namespace masthead::sim
