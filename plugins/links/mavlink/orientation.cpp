// Rotations and the attitude history.
#include "plugins/links/mavlink/orientation.hpp"

#include <algorithm>
#include <cmath>

namespace masthead::mavlink {

namespace {

constexpr std::int64_t kKeptUs = 2'000'000;
constexpr std::int64_t kHeldUs = 500'000;
constexpr std::size_t kMaxPoints = 512;

} // namespace

Quaternion operator*(const Quaternion& a, const Quaternion& b) noexcept {
    return {a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
            a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

std::optional<Quaternion> Quaternion::normalized() const noexcept {
    const double length = std::sqrt(w * w + x * x + y * y + z * z);
    if (!(length > 0.9 && length < 1.1)) {
        return std::nullopt;
    }
    return Quaternion{w / length, x / length, y / length, z / length};
}

Quaternion to_quaternion(const Euler& angles) noexcept {
    const Quaternion roll{std::cos(angles.roll / 2), std::sin(angles.roll / 2), 0, 0};
    const Quaternion pitch{std::cos(angles.pitch / 2), 0, std::sin(angles.pitch / 2), 0};
    const Quaternion yaw{std::cos(angles.yaw / 2), 0, 0, std::sin(angles.yaw / 2)};
    return yaw * pitch * roll;
}

Euler to_euler(const Quaternion& q) noexcept {
    return {.roll = std::atan2(2 * (q.w * q.x + q.y * q.z), 1 - 2 * (q.x * q.x + q.y * q.y)),
            .pitch = std::asin(std::clamp(2 * (q.w * q.y - q.z * q.x), -1.0, 1.0)),
            .yaw = std::atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))};
}

void AttitudeHistory::add(Utc time, const Quaternion& attitude) {
    const auto later = std::ranges::upper_bound(points_, time, {}, &Point::time);
    points_.insert(later, {time, attitude});
    while (points_.size() > kMaxPoints || points_.back().time.us - points_.front().time.us > kKeptUs) {
        points_.pop_front();
    }
}

std::optional<Quaternion> AttitudeHistory::at(Utc time) const {
    const auto after = std::ranges::lower_bound(points_, time, {}, &Point::time);
    if (after == points_.end()) {
        return !points_.empty() && time.us - points_.back().time.us <= kHeldUs
                   ? std::optional(points_.back().attitude)
                   : std::nullopt;
    }
    if (after == points_.begin()) {
        return after->time.us - time.us <= kHeldUs ? std::optional(after->attitude) : std::nullopt;
    }
    const Point& b = *after;
    const Point& a = *std::prev(after);
    const double span_us = static_cast<double>(b.time.us - a.time.us);
    const double part = span_us > 0 ? static_cast<double>(time.us - a.time.us) / span_us : 1;
    const Quaternion &p = a.attitude, &q = b.attitude;
    // q and -q are the same rotation; blend along the shorter way.
    const double sign = p.w * q.w + p.x * q.x + p.y * q.y + p.z * q.z < 0 ? -1 : 1;
    const auto blend = [&](double from, double to) { return from * (1 - part) + sign * to * part; };
    return Quaternion{blend(p.w, q.w), blend(p.x, q.x), blend(p.y, q.y), blend(p.z, q.z)}.normalized();
}

} // namespace masthead::mavlink
