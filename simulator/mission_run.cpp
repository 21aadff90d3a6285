#include "simulator/mission_run.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masthead::sim {

namespace {

using mavlink::PlanItem;

constexpr std::uint16_t kWaypoint = 16, kTurns = 18, kTime = 19, kReturn = 20, kLand = 21, kTakeoff = 22,
                        kSpeed = 178, kLookAt = 195, kLookAhead = 197; // MAV_CMD
constexpr double kNearM = 2;
constexpr double kNearHeightM = 8; // it sways by up to 6 m

bool moves(const PlanItem& item) { return item.command >= kWaypoint && item.command <= kTakeoff; }

GeoPoint place_of(const PlanItem& item) { return {item.x / 1e7, item.y / 1e7}; }

/// Metres and degrees from a place to where the vehicle is.
struct Away {
    double distance_m;
    double bearing_deg;
};
Away away_from(const GeoPoint& place, const GeoPoint& home, const Truth& truth) {
    const auto [north_m, east_m] = offset_m(home, place);
    const double to_north = truth.at.north_m - north_m;
    const double to_east = truth.at.east_m - east_m;
    return {std::hypot(to_north, to_east), std::atan2(to_east, to_north) * 180 / std::numbers::pi};
}

/// Of the circle that it flies; 0: it waits.
double radius_m(const PlanItem& item) {
    constexpr double kUsualM = 30;
    return item.params[2] == 0 && item.command == kTurns ? kUsualM : item.params[2];
}

std::vector<Order> orders_of(const PlanItem& item) {
    switch (item.command) {
    case kTurns:
    case kTime:
        if (radius_m(item) != 0) {
            return {Circle{place_of(item), radius_m(item), item.z}};
        }
        return {GoTo{place_of(item), item.z, {}}};
    case kWaypoint: return {GoTo{place_of(item), item.z, {}}};
    case kReturn: return {Mode::returning};
    case kLand: return {GoTo{place_of(item), {}, {}}};
    case kTakeoff: return {TakeOff{item.z}};
    case kSpeed: return {SetSpeed{item.params[1]}};
    case kLookAt: return {LookAt{place_of(item), item.z}};
    case kLookAhead: return {LookAhead{}};
    default: return {};
    }
}

} // namespace

void MissionRun::load(std::vector<PlanItem> items) {
    *this = {};
    items_ = std::move(items);
}

bool MissionRun::begins_with_takeoff() const {
    const auto next = std::find_if(items_.begin() + (over_ ? 1 : current_), items_.end(), moves);
    return next != items_.end() && next->command == kTakeoff;
}

void MissionRun::start() {
    if (over_) {
        current_ = 1;
    }
    over_ = false;
    begun_ = false;
    running_ = true;
}

bool MissionRun::is_done(const PlanItem& item, const Truth& truth, const GeoPoint& home, Utc now) {
    if (!moves(item)) {
        return true;
    }
    const double height_m = *truth.sample.altitude_agl_m;
    if (item.command == kTakeoff) {
        return height_m > item.z - kNearHeightM && truth.sample.armed == true;
    }
    const Away away = away_from(item.command == kReturn ? home : place_of(item), home, truth);
    if (item.command == kTurns) {
        if (std::abs(away.distance_m - std::abs(radius_m(item))) > kNearM) {
            return false; // on its way to the circle
        }
        turned_deg_ += bearing_deg_ ? std::abs(std::remainder(away.bearing_deg - *bearing_deg_, 360)) : 0;
        bearing_deg_ = away.bearing_deg;
        return turned_deg_ >= 360.0 * item.params[0];
    }
    const double near_m = kNearM + (item.command == kTime ? std::abs(item.params[2]) : 0.0);
    const bool at_height =
        item.command == kReturn || item.command == kLand || std::abs(height_m - item.z) < kNearHeightM;
    if (!there_ && away.distance_m < near_m && at_height) {
        there_ = now;
    }
    if (item.command == kLand) {
        return there_ && truth.sample.armed == false;
    }
    const double stay_s = item.command == kWaypoint || item.command == kTime ? item.params[0] : 0;
    return there_ && static_cast<double>((now - *there_).count()) >= stay_s * 1e6;
}

MissionRun::Step MissionRun::tick(const Truth& truth, const GeoPoint& home, Utc now) {
    Step step;
    if (!running_ || over_ || !has_items()) {
        return step;
    }
    const PlanItem& item = items_[current_];
    if (!begun_) {
        begun_ = true;
        there_.reset();
        bearing_deg_.reset();
        turned_deg_ = 0;
        step.orders = orders_of(item);
        return step;
    }
    const bool was_there = there_.has_value();
    if (!is_done(item, truth, home, now)) {
        if (item.command == kLand && there_ && !was_there) {
            step.orders = {Land{}};
        }
        return step;
    }
    if (moves(item)) {
        step.reached = current_;
    }
    begun_ = false;
    over_ = current_ + 1u == items_.size();
    current_ = over_ ? current_ : static_cast<std::uint16_t>(current_ + 1);
    return step;
}

} // namespace masthead::sim
