// One moving item between or after its samples, and how wrong that can be. Pure functions, used by Track.
#pragma once

#include "plugins/klv/local_set.hpp"
#include "plugins/telemetry/track.hpp"

#include <optional>

namespace masthead {

/// What bounds an item's motion.
enum class Motion : std::uint8_t {
    none,     // nothing stated
    latitude, // degrees; its second derivative is bounded by max_acceleration, in metres
    longitude,
    altitude,
    angle, // second derivative bounded by max_angular_acceleration
    speed, // first derivative bounded by max_acceleration
};

[[nodiscard]] Motion motion_of(klv::Tag tag) noexcept;

/// Where a platform is and where it and its camera look: what a picture's overlay stands on.
[[nodiscard]] bool is_pose(Motion motion) noexcept;

/// Two samples of an item and an instant, seconds from the first one.
struct Span {
    double from; // value at 0
    double
        to; // value at `length_s`, the way a blend takes (across the seam of a circle, where that is shorter)
    double length_s; // > 0
    double at_s;     // 0..length_s: between; more: carried on

    [[nodiscard]] double rate() const noexcept { return (to - from) / length_s; }
};

/// `to` moved by whole turns so that the way from `from` is the shorter one; as it is for values on no
/// circle.
[[nodiscard]] double unwrapped(klv::Blend blend, double from, double to) noexcept;

/// The value at the instant, back on its circle or within the row's range.
[[nodiscard]] double blended(const klv::Row& row, const Span& span) noexcept;

/// How far the true value can be from blended() at the instant, for motion within the limits, when the
/// instant itself is off by up to `time_error_s`. In the row's unit, but metres for latitude and longitude.
/// Rounding not included.
[[nodiscard]] double blend_error(Motion motion, const Span& span, double time_error_s,
                                 const TrackLimits& limits, double metres_per_unit) noexcept;

/// The same for a sample taken as it is, `offset_s` (>= 0) away from the instant; `rate` where neighbours
/// tell one.
[[nodiscard]] double nearness_error(Motion motion, std::optional<double> rate, double rate_span_s,
                                    double offset_s, const TrackLimits& limits,
                                    double metres_per_unit) noexcept;

} // namespace masthead
