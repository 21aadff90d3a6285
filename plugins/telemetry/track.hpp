// Track: a vehicle's recent samples as ST 0601 items, and what they say about an instant between or just after them.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/klv/local_set.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace masthead {

/// How a frame's values were found, worst of all moving items.
enum class Method : std::uint8_t { none = 0, measured = 1, interpolated = 2, extrapolated = 3 };

struct TrackLimits {
    std::chrono::microseconds max_age{1'000'000};      // past this after its last sample a moving item is left out
    std::chrono::microseconds hold_age{30'000'000};    // the same for items that hold (ST 0902 repeats them every 30 s)
    std::chrono::microseconds exact{1'000};            // a sample this close is taken as measured
    std::chrono::microseconds history{5'000'000};      // samples kept
    double max_acceleration_mps2 = 10;                 // bounds for the stated error
    double max_angular_acceleration_dps2 = 400;
};

/// Bounds of the error that matching in time adds, never of what the vehicle measured wrong itself.
struct StatedError {
    double position_m = 0;     // horizontal
    double altitude_m = 0;
    double angle_deg = 0;      // attitude, heading, camera angles
    double speed_mps = 0;
};

struct Match {
    klv::LocalSet set;         // item 2 = the instant asked for; empty when method is none
    Method method = Method::none;
    StatedError error;
    std::chrono::microseconds age{0};  // from the newest sample used to the instant; negative when later samples exist
};

/// Thread: any one at a time (klvsync guards it with its own lock).
class Track {
  public:
    explicit Track(TrackLimits limits = {}) : limits_(limits) {}

    /// Samples may come late and out of order; the same instant twice: the later one counts.
    void add(const klv::LocalSet& set, Utc time);
    /// Each item on its own: within `exact` of a sample: that one; between two: blended by its row; after the last:
    /// carried on at the rate of the last two, up to max_age. `time_error` widens the stated error by the rates.
    [[nodiscard]] Match at(Utc time, std::chrono::microseconds time_error = {}) const;
    /// True when a sample at or after `time` is here.
    [[nodiscard]] bool covers(Utc time) const noexcept;
    [[nodiscard]] std::optional<Utc> newest() const noexcept;
    void clear() noexcept;

  private:
    struct Point {
        Utc time;
        klv::Item item;
        std::optional<double> number;
    };
    TrackLimits limits_;
    std::map<klv::Tag, std::deque<Point>> items_;
    std::optional<Utc> newest_;
};

} // namespace masthead
