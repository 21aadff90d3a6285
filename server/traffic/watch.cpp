#include "server/traffic/watch.hpp"

#include <cmath>

namespace masthead::traffic {

namespace {

using namespace std::chrono_literals;

constexpr double kWider = 1.25;
constexpr auto kLinger = 5s;
constexpr double kClosingMps = 0.5; // less is drift, and the noise of receivers

bool is_within(const Approach& approach, const Limits& limits, double factor) {
    return approach.cpa_m < limits.cpa_m * factor && approach.tcpa_s < limits.tcpa_s * factor;
}

bool may_meet(const Mover& a, const Mover& b, const Limits& limits) {
    return a.altitude_m && b.altitude_m ? std::abs(*a.altitude_m - *b.altitude_m) <= limits.vertical_m
                                        : !a.altitude_m && !b.altitude_m;
}

} // namespace

std::vector<Encounter> Watch::look(std::span<const Own> owns, std::span<const Target> targets, Utc now) {
    for (const Own& own : owns) {
        for (const Target& target : targets) {
            if (target.id != own.address) {
                meet(own, target.id, false, target.mover, now);
            }
        }
        for (const Own& other : owns) {
            if (&other != &own) {
                meet(own, other.vehicle, true, other.mover, now);
            }
        }
    }
    std::erase_if(known_, [now](const auto& entry) { return now - entry.second.inside >= kLinger; });
    std::vector<Encounter> all;
    all.reserve(known_.size());
    for (const auto& [key, known] : known_) {
        all.push_back(known.encounter);
    }
    return all;
}

void Watch::meet(const Own& own, const std::string& target, bool fleet, const Mover& other, Utc now) {
    const Approach found = approach(own.mover, other);
    // Nearly all are far away: only those that may matter are looked up.
    if (!is_within(found, own.limits, kWider) || found.closing_mps <= 0 ||
        !may_meet(own.mover, other, own.limits)) {
        return;
    }
    const auto known = known_.find({own.vehicle, target});
    if (known != known_.end()) {
        known->second.encounter.approach = found;
        known->second.inside = now;
    } else if (is_within(found, own.limits, 1) && found.closing_mps >= kClosingMps) {
        known_.emplace(std::pair(own.vehicle, target), Known{{own.vehicle, target, fleet, found, now}, now});
    }
}

} // namespace masthead::traffic
