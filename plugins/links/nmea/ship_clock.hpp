// ShipClock: the UTC that a feed's sentences say, against ours. Pure: time is an argument.
#pragma once

#include "plugins/links/minimum_offset.hpp"
#include "plugins/telemetry/sample.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace masthead::nmea {

/// Many sentences say a time of day only: its date is that of RMC or ZDA, or the day that brings it nearest
/// to the last known instant, so that midnight is passed in any order. A clock more than 2 s from ours is
/// mapped by its measured offset. Thread: any one at a time.
class ShipClock {
  public:
    struct Instant {
        Utc time;
        TimeSource source = TimeSource::arrival;
    };

    /// `time` is hhmmss[.sss]; without a date the day is found. Nothing when it is no time.
    [[nodiscard]] std::optional<Instant> at(std::string_view time,
                                            std::optional<std::chrono::year_month_day> date, Utc arrival);
    /// What `time` says by itself, whatever our clock says. Nothing when it is no time, or when no date came
    /// yet.
    [[nodiscard]] std::optional<Utc> said(std::string_view time,
                                          std::optional<std::chrono::year_month_day> date) const;
    /// How far the ship's UTC is from ours, when too far to be believed.
    [[nodiscard]] std::optional<std::chrono::microseconds> disbelieved() const noexcept;

  private:
    std::optional<Utc> newest_; // as the ship says
    MinimumOffset offset_;
};

/// "ddmmyy" of RMC. Nothing when it is no date.
[[nodiscard]] std::optional<std::chrono::year_month_day> parse_ddmmyy(std::string_view text);

} // namespace masthead::nmea
