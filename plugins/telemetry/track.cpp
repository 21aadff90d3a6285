#include "plugins/telemetry/track.hpp"

#include "plugins/klv/values.hpp"
#include "plugins/telemetry/blend.hpp"
#include "plugins/telemetry/footprint.hpp"

#include <algorithm>
#include <cmath>

namespace masthead {

namespace {

using std::chrono::microseconds;

constexpr klv::Tag kLatitudeTag = 13;
constexpr std::size_t kMaxTags = 256; // 143 known ones and some strangers; more are not kept
constexpr std::size_t kMaxMovingPoints = 1024;
constexpr std::size_t kMaxHeldPoints = 64;
constexpr int kLateRun = 8;
constexpr microseconds kSteadyPeriod{250'000};
constexpr int kMissedPeriods = 3;

double seconds(microseconds time) noexcept { return static_cast<double>(time.count()) / 1e6; }

bool is_about_the_packet(klv::Tag tag) noexcept { return tag == 1 || tag == 2 || tag == 136 || tag == 137; }

const klv::Row* moving_row(klv::Tag tag) noexcept {
    const klv::Row* row = klv::row(tag);
    return row && row->blend != klv::Blend::hold && row->blend != klv::Blend::instant ? row : nullptr;
}

bool is_of_an_instant(klv::Tag tag) noexcept {
    const klv::Row* row = klv::row(tag);
    return row && row->blend == klv::Blend::instant;
}

microseconds distance(Utc a, Utc b) noexcept { return a > b ? a - b : b - a; }

/// Where an instant lies among an item's points.
struct Neighbours {
    const TrackPoint* before = nullptr; // at or before the instant
    const TrackPoint* after = nullptr;  // past it
    std::size_t before_at = 0;          // index of `before`
};

Neighbours neighbours(const TrackPoints& points, Utc time) {
    const auto after = std::upper_bound(points.begin(), points.end(), time,
                                        [](Utc t, const TrackPoint& p) { return t < p.time; });
    Neighbours found;
    if (after != points.end()) {
        found.after = &*after;
    }
    if (after != points.begin()) {
        found.before = &*std::prev(after);
        found.before_at = static_cast<std::size_t>(std::prev(after) - points.begin());
    }
    return found;
}

/// Finds the moving items of one instant.
class Matcher {
  public:
    Matcher(Utc time, microseconds time_error, const TrackLimits& limits, double latitude_deg)
        : time_(time), time_error_s_(seconds(time_error)), limits_(limits),
          metres_per_degree_(metres_per_degree(latitude_deg)) {
        match_.set.set_time(klv::to_misp(time, klv::TimeSystem::posix));
    }

    void moving(const klv::Row& row, const TrackPoints& points) {
        const Neighbours near = neighbours(points, time_);
        const TrackPoint* nearest = near.before;
        if (!nearest || (near.after && distance(near.after->time, time_) < distance(nearest->time, time_))) {
            nearest = near.after;
        }
        if (distance(nearest->time, time_) <= limits_.exact) {
            measured(row, points, near, *nearest);
        } else if (!near.before || !near.before->number || distance(nearest->time, time_) > limits_.max_age) {
            return;
        } else if (near.after) {
            if (near.after->number) {
                between(row, *near.before, *near.after);
            }
        } else {
            carried_on(row, points, near.before_at);
        }
    }

    void held(klv::Tag tag, const TrackPoints& points) {
        const Neighbours near = neighbours(points, time_);
        const TrackPoint& point = near.before ? *near.before : *near.after;
        if (distance(point.time, time_) <= limits_.hold_age) {
            copy(tag, point);
        }
    }

    void of_an_instant(klv::Tag tag, const TrackPoints& points, microseconds frame) {
        const auto nearest = std::ranges::min_element(
            points, {}, [this](const TrackPoint& point) { return distance(point.time, time_); });
        const microseconds later = nearest->time - time_;
        if (later < frame / 2 && later >= -frame / 2) {
            copy(tag, *nearest);
        }
    }

    [[nodiscard]] Match finish() && {
        match_.method = pose_ != Method::none ? pose_ : other_;
        if (match_.method == Method::none) {
            return {};
        }
        match_.error.position_m = std::hypot(north_m_, east_m_);
        match_.age = time_ - newest_used_;
        return std::move(match_);
    }

  private:
    void copy(klv::Tag tag, const TrackPoint& point) {
        for (const Bytes& value : point.values) {
            match_.set.append_raw(tag, value);
        }
    }

    void used(klv::Tag tag, Method method, const TrackPoint& newest) {
        newest_used_ = other_ == Method::none && pose_ == Method::none ? newest.time
                                                                       : std::max(newest_used_, newest.time);
        Method& worst = is_pose(motion_of(tag)) ? pose_ : other_;
        worst = std::max(worst, method);
    }

    void state(Motion motion, double error) {
        const auto widen = [error](double& bound) { bound = std::max(bound, error); };
        switch (motion) {
        case Motion::latitude: widen(north_m_); break;
        case Motion::longitude: widen(east_m_); break;
        case Motion::altitude: widen(match_.error.altitude_m); break;
        case Motion::angle: widen(match_.error.angle_deg); break;
        case Motion::speed: widen(match_.error.speed_mps); break;
        case Motion::none: break;
        }
    }

    void measured(const klv::Row& row, const TrackPoints& points, const Neighbours& near,
                  const TrackPoint& point) {
        copy(row.tag, point);
        used(row.tag, Method::measured, point);
        if (!point.number) {
            return;
        }
        const Motion motion = motion_of(row.tag);
        const double scale = metres_per_unit(motion);
        const TrackPoint* other = &point == near.before ? near.after : near.before;
        if (!other && near.before_at > 0) {
            other = &points[near.before_at - 1];
        }
        std::optional<double> rate;
        double rate_span_s = 0;
        if (other && other->number) {
            const Span span =
                other->time < point.time ? span_of(row, *other, point) : span_of(row, point, *other);
            rate = span.rate();
            rate_span_s = span.length_s;
        }
        const double offset_s = seconds(distance(point.time, time_)) + time_error_s_;
        state(motion, nearness_error(motion, rate, rate_span_s, offset_s, limits_, scale) +
                          rounding(row, point) * scale);
    }

    void between(const klv::Row& row, const TrackPoint& before, const TrackPoint& after) {
        const Span span = span_of(row, before, after);
        write(row, before, span);
        used(row.tag, Method::interpolated, after);
        state(motion_of(row.tag),
              error_of(row, span,
                       rounding(row, before) + std::max(rounding(row, before), rounding(row, after))));
    }

    void carried_on(const klv::Row& row, const TrackPoints& points, std::size_t last) {
        // A longer base tells a rate better when steps are coarse. On a circle it could hide a whole turn,
        // and without a bound there is nothing to choose by: there the last two samples tell it.
        const Motion motion = motion_of(row.tag);
        const std::size_t most_tried = motion == Motion::none || motion == Motion::angle ? 1 : 32;
        const TrackPoint& newest = points[last];
        std::optional<Span> best;
        double best_error = 0;
        for (std::size_t i = last; i-- > 0 && last - i <= most_tried && points[i].number;) {
            const Span span = span_of(row, points[i], newest);
            const double amplified = 2 * (span.at_s - span.length_s) / span.length_s;
            const double error = error_of(row, span, (2 + amplified) * rounding(row, newest));
            if (!best || error < best_error) {
                best = span;
                best_error = error;
            }
        }
        if (best) {
            write(row, newest, *best);
            used(row.tag, Method::extrapolated, newest);
            state(motion, best_error);
        }
    }

    [[nodiscard]] Span span_of(const klv::Row& row, const TrackPoint& first, const TrackPoint& second) const {
        return {*first.number, unwrapped(row.blend, *first.number, *second.number),
                seconds(second.time - first.time), seconds(time_ - first.time)};
    }

    [[nodiscard]] double metres_per_unit(Motion motion) const noexcept {
        return motion == Motion::latitude    ? metres_per_degree_.north
               : motion == Motion::longitude ? metres_per_degree_.east
                                             : 1;
    }

    [[nodiscard]] double error_of(const klv::Row& row, const Span& span, double rounding_error) const {
        const Motion motion = motion_of(row.tag);
        const double scale = metres_per_unit(motion);
        return blend_error(motion, span, time_error_s_, limits_, scale) + rounding_error * scale;
    }

    /// How far a written number may be from the one that was meant: half a step, but a whole one where codes
    /// are cut.
    [[nodiscard]] static double rounding(const klv::Row& row, const TrackPoint& point) {
        const double step = klv::resolution_at(row, point.values.back().size());
        return row.wire == klv::Wire::imapb ? step : step / 2;
    }

    /// The item keeps the length that its source gave it.
    void write(const klv::Row& row, const TrackPoint& source, const Span& span) {
        const auto bytes = klv::encode_number(row, blended(row, span), source.values.back().size());
        if (bytes) {
            match_.set.append_raw(row.tag, *bytes);
        }
    }

    Utc time_;
    double time_error_s_;
    const TrackLimits& limits_;
    MetresPerDegree metres_per_degree_;
    Match match_;
    Utc newest_used_;
    Method pose_ = Method::none;
    Method other_ = Method::none;
    double north_m_ = 0;
    double east_m_ = 0;
};

} // namespace

bool Track::is_too_late(Utc time) {
    if (!newest_ || *newest_ - time <= limits_.history) {
        late_in_a_row_ = 0;
        return false;
    }
    if (++late_in_a_row_ < kLateRun) {
        return true;
    }
    clear();
    return false;
}

void Track::add(const klv::LocalSet& set, Utc time) {
    if (is_too_late(time)) {
        return;
    }
    newest_ = newest_ ? std::max(*newest_, time) : time;
    std::map<klv::Tag, TrackPoint> points;
    for (const klv::Item& item : set.items()) {
        if (is_about_the_packet(item.tag)) {
            continue;
        }
        const auto [at, is_new] = points.try_emplace(item.tag, TrackPoint{time, {}, std::nullopt});
        at->second.values.push_back(item.value);
        if (const klv::Row* row = moving_row(item.tag)) {
            at->second.number = klv::decode_number(*row, item.value);
        }
    }
    for (auto& [tag, point] : points) {
        add_point(tag, std::move(point));
    }
    for (auto& [tag, kept] : items_) {
        forget_old(tag, kept);
    }
    std::erase_if(items_, [](const auto& entry) { return entry.second.empty(); });
}

void Track::add_point(klv::Tag tag, TrackPoint point) {
    if (!items_.contains(tag) && items_.size() >= kMaxTags) {
        return;
    }
    TrackPoints& points = items_[tag];
    const auto at = std::lower_bound(points.begin(), points.end(), point.time,
                                     [](const TrackPoint& p, Utc time) { return p.time < time; });
    if (at != points.end() && at->time == point.time) {
        *at = std::move(point);
    } else {
        points.insert(at, std::move(point));
    }
}

void Track::forget_old(klv::Tag tag, TrackPoints& points) const {
    const Utc oldest = *newest_ - limits_.history;
    const std::size_t most = moving_row(tag) ? kMaxMovingPoints : kMaxHeldPoints;
    // One point before the history stays, for the instants between it and the next one.
    while (points.size() > most || (points.size() > 1 && points[1].time <= oldest)) {
        points.pop_front();
    }
    if (*newest_ - points.back().time > limits_.hold_age + limits_.history) {
        points.clear();
    }
}

Match Track::at(Utc time, microseconds time_error, microseconds frame) const {
    const auto latitudes = items_.find(kLatitudeTag);
    const double latitude_deg = latitudes != items_.end() ? latitudes->second.back().number.value_or(0) : 0;
    Matcher matcher(time, time_error, limits_, latitude_deg);
    for (const auto& [tag, points] : items_) {
        if (const klv::Row* row = moving_row(tag)) {
            matcher.moving(*row, points);
        } else if (is_of_an_instant(tag)) {
            matcher.of_an_instant(tag, points, frame);
        } else {
            matcher.held(tag, points);
        }
    }
    return std::move(matcher).finish();
}

bool Track::covers(Utc time, microseconds patience) const noexcept {
    if (!newest_ || *newest_ < time) {
        return false;
    }
    return std::ranges::all_of(items_, [&](const auto& entry) {
        const auto& [tag, points] = entry;
        if (!is_pose(motion_of(tag)) || points.size() < 2 || points.back().time >= time) {
            return true;
        }
        const microseconds period = points.back().time - points[points.size() - 2].time;
        const microseconds behind = time - points.back().time;
        const microseconds due = period - behind % period; // after `time`
        return period > kSteadyPeriod || behind > kMissedPeriods * period || due > patience;
    });
}

std::optional<Utc> Track::newest() const noexcept { return newest_; }

void Track::clear() noexcept {
    items_.clear();
    newest_.reset();
    late_in_a_row_ = 0;
}

} // namespace masthead
