#include "server/alerts/watch.hpp"

#include <algorithm>
#include <cmath>

namespace masthead::alerts {
namespace {

constexpr std::chrono::seconds kAltitudeAge{5}; // an older one is not known any more

void add(Watch::Changes& to, Watch::Changes changes) {
    to.insert(to.end(), std::make_move_iterator(changes.begin()), std::make_move_iterator(changes.end()));
}

std::string with(const std::string& what, const std::string& detail) {
    return detail.empty() ? what : what + ": " + detail;
}

std::string whole(double value) { return std::to_string(std::lround(value)); }

const AlertRule& rule_of(const VehicleAlertRules& rules, Kind kind) {
    switch (kind) {
    case Kind::geofence: return rules.geofence;
    case Kind::battery: return rules.battery;
    case Kind::link: return rules.link;
    case Kind::stream: return rules.stream;
    case Kind::telemetry: return rules.telemetry;
    case Kind::recording: return rules.recording;
    case Kind::command: return rules.command;
    case Kind::approach: break;
    }
    return rules.approach;
}

std::string breach_message(const fences::Fence& fence, const fences::Position& position) {
    const std::string name = "'" + fence.name + "'";
    if (fence.rule == fences::Rule::keep_out) {
        return "is inside the keep-out fence " + name;
    }
    return fences::depth_m(fence.shape, position.point) > 0
               ? "is above or below the altitudes of the keep-in fence " + name
               : "is outside the keep-in fence " + name;
}

std::optional<Finding> battery_finding(const BatteryRule& rule, double percent,
                                       std::optional<Severity> open) {
    const double caution = rule.caution_percent + (open ? rule.margin_percent : 0);
    const double warning = rule.warning_percent + (open == Severity::warning ? rule.margin_percent : 0);
    if (percent > caution && percent > warning) {
        return std::nullopt;
    }
    return Finding{percent <= warning ? Severity::warning : Severity::caution,
                   "the battery is at " + whole(percent) + " %"};
}

std::optional<Finding> approach_finding(const ApproachRule& rule, const Approach& approach,
                                        std::optional<Severity> open) {
    const double more = 1 + rule.margin_percent / 100;
    const auto within = [&](double limit_m, double limit_s, bool is_open) {
        const double factor = is_open ? more : 1;
        return approach.tcpa_s >= 0 && approach.cpa_m <= limit_m * factor &&
               approach.tcpa_s <= limit_s * factor;
    };
    const bool warns = within(rule.warning_m, rule.warning_s, open == Severity::warning);
    if (!warns && !within(rule.caution_m, rule.caution_s, open.has_value())) {
        return std::nullopt;
    }
    const std::string& who = approach.name.empty() ? approach.target : approach.name;
    return Finding{warns ? Severity::warning : Severity::caution, "comes within " + whole(approach.cpa_m) +
                                                                      " m of " + who + " in " +
                                                                      whole(approach.tcpa_s) + " s"};
}

} // namespace

Watch::Changes Watch::report(Key key, const std::optional<Finding>& finding, const AlertRule& rule, Utc now) {
    return book_.report(key, rule.enabled ? finding : std::nullopt, rule, now);
}

Watch::Changes Watch::set_rules(AlertRules rules, Utc now) {
    rules_ = std::move(rules);
    Changes changes;
    for (const Key& key : book_.keys()) {
        if (!rule_of(rules_.of(key.vehicle), key.kind).enabled) {
            add(changes, book_.drop(key, "its rule was switched off", now));
        }
    }
    return changes;
}

Watch::Changes Watch::set_fences(std::vector<fences::Fence> fences, Utc now) {
    fences_ = std::move(fences);
    return keep(
        [this](const Key& key) {
            return key.kind != Kind::geofence || std::ranges::any_of(fences_, [&](const auto& fence) {
                       return fence.id == key.subject && fences::concerns(fence, key.vehicle);
                   });
        },
        now);
}

Watch::Changes Watch::restore(const std::vector<Alert>& open, Utc now) {
    Changes changes = book_.restore(open, now);
    for (const Alert& alert : open) {
        // Nothing more is heard of these unless they happen again.
        if (alert.key.kind == Kind::command || alert.key.kind == Kind::approach) {
            const AlertRule& rule = rule_of(rules_.of(alert.key.vehicle), alert.key.kind);
            add(changes, book_.report(alert.key, std::nullopt, rule, now));
        }
    }
    return changes;
}

void Watch::place(Known& known, const Sample& sample, Utc now) {
    const auto altitude = [&](std::optional<double>& kept, Utc& at, const std::optional<double>& said) {
        if (said) {
            kept = said;
            at = now;
        } else if (now - at > kAltitudeAge) {
            kept.reset();
        }
    };
    altitude(known.position.altitude_msl_m, known.msl_at, sample.altitude_msl_m);
    altitude(known.position.altitude_hae_m, known.hae_at, sample.altitude_hae_m);
    altitude(known.position.altitude_agl_m, known.agl_at, sample.altitude_agl_m);
    if (sample.latitude_deg && sample.longitude_deg) {
        known.position.point = {*sample.latitude_deg, *sample.longitude_deg};
        known.placed = now;
    }
}

Watch::Changes Watch::sample(const std::string& vehicle, const Sample& sample, Utc now) {
    Changes changes;
    Known& known = vehicles_[vehicle];
    place(known, sample, now);
    const VehicleAlertRules& rules = rules_.of(vehicle);
    if (known.placed == now) {
        check_fences(vehicle, known, now, changes);
        add(changes, report({Kind::telemetry, vehicle, ""}, std::nullopt, rules.telemetry, now));
    }
    if (sample.battery_percent) {
        const Key key{Kind::battery, vehicle, ""};
        add(changes, report(key, battery_finding(rules.battery, *sample.battery_percent, book_.open(key)),
                            rules.battery, now));
    }
    return changes;
}

void Watch::check_fences(const std::string& vehicle, const Known& known, Utc now, Changes& changes) {
    const GeofenceRule& rule = rules_.of(vehicle).geofence;
    for (const fences::Fence& fence : fences_) {
        if (!fences::concerns(fence, vehicle)) {
            continue;
        }
        const Key key{Kind::geofence, vehicle, fence.id};
        const double limit_m = book_.open(key) ? -std::min(rule.margin_m, fences::room_m(fence) / 2) : 0;
        const bool broken = fences::breach_m(fence, known.position) > limit_m;
        add(changes,
            report(key,
                   broken ? std::optional(Finding{Severity::warning, breach_message(fence, known.position)})
                          : std::nullopt,
                   rule, now));
    }
}

Watch::Changes Watch::link(const std::string& vehicle, bool up, const std::string& detail, Utc now) {
    Known& known = vehicles_[vehicle];
    known.was_up = known.was_up || up;
    known.lost = !up;
    const Key key{Kind::link, vehicle, ""};
    const bool lost = !up && (known.was_up || book_.open(key));
    return report(key,
                  lost ? std::optional(Finding{Severity::warning, with("the link is lost", detail)})
                       : std::nullopt,
                  rules_.of(vehicle).link, now);
}

Watch::Changes Watch::stream(const std::string& vehicle, const std::string& camera, bool up,
                             const std::string& detail, Utc now) {
    if (up) {
        played_.insert({vehicle, camera});
    }
    const Key key{Kind::stream, vehicle, camera};
    const bool lost = !up && (played_.contains({vehicle, camera}) || book_.open(key));
    return report(key,
                  lost ? std::optional(Finding{Severity::caution,
                                               with("the video of '" + camera + "' is lost", detail)})
                       : std::nullopt,
                  rules_.of(vehicle).stream, now);
}

Watch::Changes Watch::recording(const std::string& vehicle, const std::string& camera, bool failing,
                                const std::string& detail, Utc now) {
    return report(
        {Kind::recording, vehicle, camera},
        failing ? std::optional(Finding{Severity::caution, with("'" + camera + "' is not recorded", detail)})
                : std::nullopt,
        rules_.of(vehicle).recording, now);
}

Watch::Changes Watch::command(const std::string& vehicle, const std::string& command, CommandEnd end,
                              const std::string& detail, Utc now) {
    const Key key{Kind::command, vehicle, command};
    const AlertRule& rule = rules_.of(vehicle).command;
    if (end == CommandEnd::done) {
        return book_.drop(key, "carried out since", now);
    }
    if (!rule.enabled) {
        return {};
    }
    Changes changes = book_.drop(key, "failed again", now);
    add(changes, book_.report(key, Finding{Severity::caution, with("'" + command + "' failed", detail)},
                              {.enabled = true, .raise_after = {}, .clear_after = {}}, now));
    add(changes, book_.report(key, std::nullopt, rule, now)); // goes by itself in time
    return changes;
}

Watch::Changes Watch::approaches(const std::map<std::string, std::vector<Approach>>& near, Utc now) {
    Changes changes;
    std::set<Key> seen;
    for (const auto& [vehicle, those] : near) {
        const ApproachRule& rule = rules_.of(vehicle).approach;
        for (const Approach& approach : those) {
            const Key key{Kind::approach, vehicle, approach.target};
            seen.insert(key);
            add(changes, report(key, approach_finding(rule, approach, book_.open(key)), rule, now));
        }
    }
    for (const Key& key : book_.keys()) {
        if (key.kind == Kind::approach && !seen.contains(key)) {
            add(changes, report(key, std::nullopt, rules_.of(key.vehicle).approach, now));
        }
    }
    return changes;
}

Watch::Changes Watch::keep(const std::function<bool(const Key&)>& is_there, Utc now) {
    Changes changes;
    for (const Key& key : book_.keys()) {
        if (!is_there(key)) {
            add(changes, book_.drop(key, "there is no such thing any more", now));
        }
    }
    std::erase_if(vehicles_, [&](const auto& known) {
        return !is_there({Kind::telemetry, known.first, ""});
    });
    return changes;
}

void Watch::check_ages(Utc now, Changes& changes) {
    for (const auto& [vehicle, known] : vehicles_) {
        const AlertRule& rule = rules_.of(vehicle).telemetry;
        // Of who has no link it is known already.
        if (known.placed && !known.lost && now - *known.placed >= rule.raise_after) {
            add(changes,
                report({Kind::telemetry, vehicle, ""},
                       Finding{Severity::warning,
                               "has not said where it is for " +
                                   whole(std::chrono::duration<double>(now - *known.placed).count()) +
                                   " s: geofences cannot be checked"},
                       {.enabled = rule.enabled, .raise_after = {}, .clear_after = {}}, now));
        }
    }
}

Watch::Changes Watch::tick(Utc now) {
    Changes changes = book_.tick(now);
    check_ages(now, changes);
    return changes;
}

std::optional<Utc> Watch::next_tick() const {
    std::optional<Utc> next = book_.next_tick();
    for (const auto& [vehicle, known] : vehicles_) {
        const AlertRule& rule = rules_.of(vehicle).telemetry;
        if (rule.enabled && known.placed && !known.lost && !book_.open({Kind::telemetry, vehicle, ""})) {
            const Utc due = *known.placed + rule.raise_after;
            next = next ? std::min(*next, due) : due;
        }
    }
    return next;
}

} // namespace masthead::alerts
