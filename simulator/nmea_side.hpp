// The vessel's NMEA 0183 and AIS over TCP.
#pragma once

#include "plugins/bytes/result.hpp"
#include "simulator/schedule.hpp"
#include "simulator/tcp_fan_out.hpp"
#include "simulator/world.hpp"

#include <memory>
#include <optional>
#include <string>

namespace masthead::sim {

/// What the vessel's instruments and transponder say in turn. Thread: any one at a time.
class NmeaTalker {
  public:
    NmeaTalker(std::shared_ptr<const Vehicle> vessel, std::uint32_t mmsi, Utc start);

    /// The next instant at which something is due.
    [[nodiscard]] Utc next() const { return schedule_.next(); }
    /// All sentences due at or before `now`, in their order.
    [[nodiscard]] std::string take(Utc now);

  private:
    [[nodiscard]] std::string say(const Due& due);

    std::shared_ptr<const Vehicle> vessel_;
    std::uint32_t mmsi_;
    std::int64_t step_ = 0; // of the instruments' 10 Hz
    int sequence_ = 0;      // joins parts of AIS messages, 0..9
    Schedule schedule_;
};

class NmeaSide {
    struct Key {}; // lets create() alone construct

  public:
    struct Options {
        std::string address = "127.0.0.1";
        int port = 10110;
        int mmsi = 276'999'001;
        std::optional<double> stop_after_s; // of simulated time
    };
    /// Speaks on the default main context until destroyed. Errors as TcpFanOut::create().
    [[nodiscard]] static Result<std::unique_ptr<NmeaSide>>
    create(const Options& options, std::shared_ptr<const Vehicle> vessel, SimClock clock);
    NmeaSide(Key, const Options& options, std::shared_ptr<const Vehicle> vessel, SimClock clock,
             std::unique_ptr<TcpFanOut> out);
    [[nodiscard]] int port() const noexcept { return out_->port(); }

  private:
    void speak();

    Options options_;
    SimClock clock_;
    std::unique_ptr<TcpFanOut> out_;
    NmeaTalker talker_;
    Alarm alarm_;
};

} // namespace masthead::sim
