// Track: a vehicle's recent samples as ST 0601 items, and what they say about an instant between or just
// after them.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/klv/local_set.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace masthead {

/// How a frame's values were found: the worst of its pose items (position, altitude, attitude, camera
/// angles), of the other moving ones where there is no pose.
enum class Method : std::uint8_t { none = 0, measured = 1, interpolated = 2, extrapolated = 3 };

struct TrackLimits {
    std::chrono::microseconds max_age{1'000'000}; // past this after its last sample a moving item is left out
    std::chrono::microseconds hold_age{
        30'000'000};                        // the same for items that hold (ST 0902 repeats them every 30 s)
    std::chrono::microseconds exact{1'000}; // a sample this close is taken as measured
    std::chrono::microseconds history{5'000'000}; // samples kept
    double max_acceleration_mps2 = 10;            // bounds for the stated error
    double max_angular_acceleration_dps2 = 400;
};

/// Bounds of the error that matching in time and rounding to the items' steps add, never of what the vehicle
/// measured wrong itself. They hold for motion within the limits. Course and points on the ground (21, 23-25,
/// 40-42, 82-89) have no such limits and are not covered: compute the latter from the matched pose
/// (add_footprint).
struct StatedError {
    double position_m = 0; // horizontal, items 13 and 14 (67 and 68)
    double altitude_m = 0;
    double angle_deg = 0; // attitude, heading, camera angles
    double speed_mps = 0;
};

struct Match {
    klv::LocalSet set; // item 2 = the instant asked for, as POSIX time; empty when method is none
    Method method = Method::none;
    StatedError error;
    std::chrono::microseconds age{
        0}; // from the newest sample used to the instant; negative when that is a later one
};

/// What one sample said of one item.
struct TrackPoint {
    Utc time;
    std::vector<Bytes> values;    // one, but for items that may repeat
    std::optional<double> number; // of a moving item; nothing when it said "unknown"
};
using TrackPoints = std::deque<TrackPoint>; // by time, no instant twice

constexpr std::chrono::microseconds kUsualFrame{33'333};

/// Thread: any one at a time (klvsync guards it with its own lock).
class Track {
  public:
    explicit Track(TrackLimits limits = {}) : limits_(limits) {}

    /// Samples may come late and out of order; the same instant twice: the later one counts. A sample more
    /// than `history` older than the newest is dropped, unless a run of them shows that the newest one's time
    /// was wrong: then the track starts anew. Items about the packet itself (1, 2, 136, 137) are not kept.
    void add(const klv::LocalSet& set, Utc time);
    /// Each item on its own. Moving ones: within `exact` of a sample: that one; between two: blended by its
    /// row, if the nearer one is within max_age; after the last: carried on up to max_age at the rate told by
    /// the last one and the earlier one with which the error is bounded best. Items of an instant: on the one
    /// frame that is nearest, so within half of `frame`, the time from a frame to the next. The others: the
    /// newest at or before the instant, else the first one after it, within hold_age. Nothing at all when no
    /// moving item is left. `time_error` (of the instant itself) widens the stated error by the rates.
    [[nodiscard]] Match at(Utc time, std::chrono::microseconds time_error = {},
                           std::chrono::microseconds frame = kUsualFrame) const;
    /// Whether waiting would not help: a sample at or after `time` is here, and so is one of every pose item
    /// that comes at least four times a second, has not stopped, and is due within `patience` after `time`.
    [[nodiscard]] bool covers(Utc time, std::chrono::microseconds patience) const noexcept;
    [[nodiscard]] std::optional<Utc> newest() const noexcept;
    void clear() noexcept;

  private:
    void add_point(klv::Tag tag, TrackPoint point);
    void forget_old(klv::Tag tag, TrackPoints& points) const;
    bool is_too_late(Utc time);

    TrackLimits limits_;
    std::map<klv::Tag, TrackPoints> items_;
    std::optional<Utc> newest_;
    int late_in_a_row_ = 0;
};

} // namespace masthead
