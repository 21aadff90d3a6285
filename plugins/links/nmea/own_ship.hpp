// OwnShip: the sentences of the ship that a NMEA 0183 feed belongs to, as samples. Pure: time is an argument.
#pragma once

#include "plugins/links/nmea/sentence.hpp"
#include "plugins/links/nmea/ship_clock.hpp"
#include "plugins/telemetry/sample.hpp"

#include <map>
#include <optional>
#include <string>

namespace masthead::nmea {

/// Thread: any one at a time.
class OwnShip {
  public:
    /// RMC, GGA, GNS, GLL, ZDA, VTG, HDT, THS, HDG, HDM, VHW, DPT, DBT, MWV, MWD, XDR (pitch and roll).
    /// Nothing for a sentence of no use; a sample that says nothing for one whose values are not there or not
    /// valid.
    [[nodiscard]] std::optional<Sample> receive(const Sentence& sentence, Utc arrival);

    /// When a sentence was made, as it says itself; its date may be that of one before. Nothing for one that
    /// has no time, and until a date came.
    [[nodiscard]] std::optional<Utc> said_time(const Sentence& sentence) const;

    /// How far its UTC is from ours, when too far to be believed.
    [[nodiscard]] std::optional<std::chrono::microseconds> clock_error() const noexcept {
        return clock_.disbelieved();
    }

    // For the readers of own_ship.cpp's table.

    /// A sentence of that type said something within the last two seconds.
    [[nodiscard]] bool fresh(std::string_view type, Utc arrival) const;
    [[nodiscard]] std::optional<double> heading_deg(Utc arrival) const;
    /// Magnetic variation, east positive, once a sentence has said it.
    std::optional<double> variation_deg;

  private:
    ShipClock clock_;
    std::map<std::string, Utc, std::less<>> heard_;
    std::optional<double> heading_deg_;
    Utc heading_at_;
};

} // namespace masthead::nmea
