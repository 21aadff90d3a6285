#include "plugins/telemetry/blend.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace masthead {

namespace {

struct MovingTag {
    klv::Tag tag;
    Motion motion;
};

constexpr std::array kMovingTags{
    MovingTag{13, Motion::latitude},  MovingTag{14, Motion::longitude}, MovingTag{67, Motion::latitude},
    MovingTag{68, Motion::longitude}, MovingTag{15, Motion::altitude},  MovingTag{69, Motion::altitude},
    MovingTag{75, Motion::altitude},  MovingTag{76, Motion::altitude},  MovingTag{104, Motion::altitude},
    MovingTag{105, Motion::altitude}, MovingTag{113, Motion::altitude}, MovingTag{114, Motion::altitude},
    MovingTag{5, Motion::angle},      MovingTag{6, Motion::angle},      MovingTag{7, Motion::angle},
    MovingTag{18, Motion::angle},     MovingTag{19, Motion::angle},     MovingTag{20, Motion::angle},
    MovingTag{64, Motion::angle},     MovingTag{71, Motion::angle},     MovingTag{90, Motion::angle},
    MovingTag{91, Motion::angle},     MovingTag{8, Motion::speed},      MovingTag{9, Motion::speed},
    MovingTag{51, Motion::speed},     MovingTag{56, Motion::speed},     MovingTag{79, Motion::speed},
    MovingTag{80, Motion::speed},
};

/// Bounds of a rate that no second sample tells yet: faster than what we serve moves.
constexpr double kUnknownSpeedMps = 100;
constexpr double kUnknownAngularSpeedDps = 360;

double acceleration(Motion motion, const TrackLimits& limits) noexcept {
    return motion == Motion::angle ? limits.max_angular_acceleration_dps2 : limits.max_acceleration_mps2;
}

/// A value whose rate never exceeds `limit`, between two samples: it lies in the cone of each.
double cone_error(double rate, double limit, double after_first_s, double before_second_s) noexcept {
    const double up = std::min((limit - rate) * after_first_s, (limit + rate) * before_second_s);
    const double down = std::min((limit + rate) * after_first_s, (limit - rate) * before_second_s);
    return std::max({up, down, 0.0});
}

} // namespace

bool is_pose(Motion motion) noexcept { return motion != Motion::none && motion != Motion::speed; }

Motion motion_of(klv::Tag tag) noexcept {
    const auto at = std::find_if(kMovingTags.begin(), kMovingTags.end(),
                                 [tag](const MovingTag& m) { return m.tag == tag; });
    return at != kMovingTags.end() ? at->motion : Motion::none;
}

double unwrapped(klv::Blend blend, double from, double to) noexcept {
    const bool circle = blend == klv::Blend::wrap_360 || blend == klv::Blend::wrap_180;
    return circle ? from + std::remainder(to - from, 360.0) : to;
}

double blended(const klv::Row& row, const Span& span) noexcept {
    const double value = span.from + span.rate() * span.at_s;
    switch (row.blend) {
    case klv::Blend::wrap_360: {
        const double turned = std::fmod(value, 360.0);
        return turned < 0 ? turned + 360 : turned;
    }
    case klv::Blend::wrap_180: return std::remainder(value, 360.0);
    default: return std::clamp(value, row.min, row.max);
    }
}

double blend_error(Motion motion, const Span& span, double time_error_s, const TrackLimits& limits,
                   double metres_per_unit) noexcept {
    if (motion == Motion::none) {
        return 0;
    }
    const double limit = acceleration(motion, limits);
    const double rate = span.rate() * metres_per_unit;
    const double rest_s = span.length_s - span.at_s;
    if (motion == Motion::speed) {
        const double matching =
            rest_s >= 0 ? cone_error(rate, limit, span.at_s, rest_s) : (limit + std::abs(rate)) * -rest_s;
        return matching + limit * time_error_s;
    }
    // Remainder of the line through two points: half the second derivative times the distances to both.
    const double matching = limit / 2 * span.at_s * std::abs(rest_s);
    const double reach_s = std::max(span.at_s, span.length_s) + time_error_s;
    return matching + (std::abs(rate) + limit * reach_s) * time_error_s;
}

double nearness_error(Motion motion, std::optional<double> rate, double rate_span_s, double offset_s,
                      const TrackLimits& limits, double metres_per_unit) noexcept {
    if (motion == Motion::none) {
        return 0;
    }
    const double limit = acceleration(motion, limits);
    if (motion == Motion::speed) {
        return limit * offset_s;
    }
    if (!rate) {
        return (motion == Motion::angle ? kUnknownAngularSpeedDps : kUnknownSpeedMps) * offset_s;
    }
    return (std::abs(*rate) * metres_per_unit + limit * (rate_span_s + offset_s)) * offset_s;
}

} // namespace masthead
