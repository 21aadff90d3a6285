// Who says what when: the instruments at 10 Hz, the transponder's own reports, and the ships it hears.
#include "simulator/nmea_side.hpp"

#include "plugins/glib/log.hpp"
#include "simulator/ais_sentences.hpp"
#include "simulator/nmea_sentences.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace masthead::sim {

namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr std::int64_t kSecond = 1'000'000;

/// A ship that the transponder hears, on a round of its own.
struct Target {
    AisShip ship;
    Orbit round;
    double speed_mps;
    bool class_b;
};

const std::array<Target, 5>& targets() {
    static const std::array<Target, 5> kTargets = {{
        {{276'000'101, "NORDIC TERN", "ESTA1", 70, 120, 30, 12, 12, "TALLINN"},
         {{2600, -900}, 900},
         6.2,
         false},
        {{230'000'102, "AURA STAR", "OHAB2", 60, 140, 40, 14, 14, "HELSINKI"},
         {{3900, 1500}, 1400},
         8.7,
         false},
        {{276'000'103, "PILOT 3", "ESPI3", 50, 10, 5, 2, 2, "PILOT AREA"}, {{1500, 900}, 350}, 7.5, false},
        {{276'000'104, "KAJAKAS", "ESYA4", 36, 7, 5, 2, 2, ""}, {{1100, -700}, 220}, 2.9, true},
        {{276'000'105, "MERILIND", "ESYA5", 37, 6, 4, 2, 1, ""}, {{1700, 200}, 300}, 3.6, true},
    }};
    return kTargets;
}

AisState state_of(const Target& target, const Place& place, Utc t) {
    const Curve round = target.round;
    const double round_s = length_of(round) / target.speed_mps;
    const auto round_us = static_cast<std::int64_t>(round_s * 1e6);
    const CurvePoint on = point_on(round, target.speed_mps * static_cast<double>(t.us % round_us) / 1e6);
    const double course = std::fmod(on.heading_rad / kDegree + 720, 360);
    return {moved(place.home, on.at.north_m, on.at.east_m), target.speed_mps, course, course, t};
}

AisShip own_ship(const Vehicle& vessel, std::uint32_t mmsi) {
    return {mmsi, vessel.shape().name, "ESSV1", 90, 9, 15, 4, 4, "SURVEY"};
}

/// Rows of the schedule: the instruments, own position, own static data, then position and static data of
/// each target.
enum Row : std::size_t { kInstruments, kOwnPosition, kOwnStatic, kTargets };

std::vector<Period> periods() {
    std::vector<Period> rows = {{kSecond / 10, 0}, {2 * kSecond, 50'000}, {30 * kSecond, 1'050'000}};
    for (std::size_t i = 0; i < targets().size(); ++i) {
        const auto spread = static_cast<std::int64_t>(i) * 370'000;
        rows.push_back({(targets()[i].class_b ? 6 : 3) * kSecond, 130'000 + spread});
        rows.push_back({30 * kSecond, 2'130'000 + spread});
    }
    return rows;
}

} // namespace

NmeaTalker::NmeaTalker(std::shared_ptr<const Vehicle> vessel, std::uint32_t mmsi, Utc start)
    : vessel_(std::move(vessel)), mmsi_(mmsi),
      // Whole tenths of a second: that is what the sentences can say exactly.
      schedule_(periods(), Utc{(start.us / 100'000 + 1) * 100'000}) {}

std::string NmeaTalker::say(const Due& due) {
    if (due.row == kInstruments) {
        const Truth truth = vessel_->at(due.time);
        std::string out;
        for (const NmeaRow& row : nmea_rows()) {
            if (step_ % row.every == 0) {
                out += nmea_sentence(row.make(truth, vessel_->place()));
            }
        }
        ++step_;
        return out;
    }
    if (due.row == kOwnPosition) {
        const Sample s = vessel_->at(due.time).sample;
        return ais_class_a_position(own_ship(*vessel_, mmsi_),
                                    {{*s.latitude_deg, *s.longitude_deg},
                                     *s.ground_speed_mps,
                                     *s.course_deg,
                                     *s.heading_deg,
                                     due.time},
                                    AisSource::own);
    }
    sequence_ = (sequence_ + 1) % 10;
    if (due.row == kOwnStatic) {
        return ais_class_a_static(own_ship(*vessel_, mmsi_), AisSource::own, sequence_);
    }
    const Target& target = targets()[(due.row - kTargets) / 2];
    if ((due.row - kTargets) % 2 == 0) {
        const AisState state = state_of(target, vessel_->place(), due.time);
        return target.class_b ? ais_class_b_position(target.ship, state, AisSource::heard)
                              : ais_class_a_position(target.ship, state, AisSource::heard);
    }
    return target.class_b ? ais_class_b_static(target.ship, AisSource::heard)
                          : ais_class_a_static(target.ship, AisSource::heard, sequence_);
}

std::string NmeaTalker::take(Utc now) {
    std::string out;
    for (const Due& due : schedule_.take(now)) {
        out += say(due);
    }
    return out;
}

NmeaSide::NmeaSide(Key, const Options& options, std::shared_ptr<const Vehicle> vessel, SimClock clock,
                   std::unique_ptr<TcpFanOut> out)
    : options_(options), clock_(clock), out_(std::move(out)),
      talker_(std::move(vessel), static_cast<std::uint32_t>(options.mmsi), clock.start),
      alarm_([this] { speak(); }) {
    alarm_.set(clock_.mono_us_at(talker_.next()));
}

void NmeaSide::speak() {
    const Utc now = clock_.now();
    if (options_.stop_after_s &&
        static_cast<double>((now - clock_.start).count()) > *options_.stop_after_s * 1e6) {
        log(LogLevel::info, "telemetry stops as told");
        return;
    }
    out_->send(talker_.take(now));
    alarm_.set(clock_.mono_us_at(talker_.next()));
}

Result<std::unique_ptr<NmeaSide>> NmeaSide::create(const Options& options,
                                                   std::shared_ptr<const Vehicle> vessel, SimClock clock) {
    auto out = TcpFanOut::create(options.address, options.port);
    if (!out) {
        return tl::unexpected(out.error());
    }
    return std::make_unique<NmeaSide>(Key{}, options, std::move(vessel), clock, std::move(*out));
}

} // namespace masthead::sim
