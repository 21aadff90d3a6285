// NMEA 0183 sentences -> samples. One row a sentence; plain values are rules of their row.
#include "plugins/links/nmea/own_ship.hpp"

#include "plugins/links/limits.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace masthead::nmea {

namespace {

constexpr double kKnots = 1852.0 / 3600.0; // m/s
constexpr double kKilometresPerHour = 1.0 / 3.6;
constexpr double kFeet = 0.3048;
constexpr double kFathoms = 1.8288;
constexpr std::int64_t kFreshUs = 2'000'000;
constexpr std::uint8_t kNone = 0xFF;

/// A field that is a number with a unit letter after it. The first rule of a target that finds a value
/// counts.
struct ValueRule {
    std::uint8_t index;
    char unit; // wanted in the next field; 0: none there
    double scale;
    std::optional<double> Sample::*target;
};

/// "6005.071,N" and the two fields after it.
void read_position(const Sentence& s, std::size_t index, Sample& sample) {
    const auto angle = [&](std::size_t at, char negative, char positive) -> std::optional<double> {
        const auto value = s.number(at);
        const std::string_view side = s.field(at + 1);
        if (!value || *value < 0 || side.size() != 1 || (side[0] != negative && side[0] != positive)) {
            return std::nullopt;
        }
        const double degrees = std::floor(*value / 100);
        const double minutes = *value - degrees * 100;
        return minutes < 60 ? std::optional((side[0] == negative ? -1 : 1) * (degrees + minutes / 60))
                            : std::nullopt;
    };
    sample.latitude_deg = angle(index, 'S', 'N');
    sample.longitude_deg = angle(index + 2, 'W', 'E');
}

void read_satellites(const Sentence& s, std::size_t index, Sample& sample) {
    if (const auto count = s.number(index); count && *count >= 0 && *count <= 255) {
        sample.satellites = static_cast<int>(*count);
    }
}

/// Geoid separation is what lies between mean sea level and the ellipsoid.
void read_altitude(const Sentence& s, std::size_t altitude, std::size_t separation, Sample& sample) {
    sample.altitude_msl_m = s.number(altitude);
    if (const auto geoid = s.number(separation); geoid && sample.altitude_msl_m) {
        sample.altitude_hae_m = *sample.altitude_msl_m + *geoid;
    }
}

std::optional<double> east_positive(const Sentence& s, std::size_t index) {
    const auto value = s.number(index);
    const std::string_view side = s.field(index + 1);
    if (!value || (side != "E" && side != "W")) {
        return std::nullopt;
    }
    return side == "W" ? -*value : *value;
}

void read_rmc(const Sentence& s, OwnShip& ship, Utc, Sample& sample) {
    read_position(s, 2, sample);
    if (const auto variation = east_positive(s, 9)) {
        ship.variation_deg = variation;
    }
}

void read_gga(const Sentence& s, OwnShip&, Utc, Sample& sample) {
    read_position(s, 1, sample);
    read_satellites(s, 6, sample);
    read_altitude(s, 8, 10, sample);
}

void read_gns(const Sentence& s, OwnShip&, Utc, Sample& sample) {
    read_position(s, 1, sample);
    read_satellites(s, 6, sample);
    read_altitude(s, 8, 9, sample);
}

void read_gll(const Sentence& s, OwnShip&, Utc, Sample& sample) { read_position(s, 0, sample); }

bool has_true_heading(const OwnShip& ship, Utc now) {
    return ship.fresh("HDT", now) || ship.fresh("THS", now);
}

void set_magnetic_heading(std::optional<double> magnetic_deg, const OwnShip& ship, Utc now, Sample& sample) {
    if (magnetic_deg && ship.variation_deg && !has_true_heading(ship, now)) {
        sample.heading_deg = wrap_360(*magnetic_deg + *ship.variation_deg);
    }
}

void read_hdg(const Sentence& s, OwnShip& ship, Utc now, Sample& sample) {
    if (const auto variation = east_positive(s, 3)) {
        ship.variation_deg = variation;
    }
    const auto compass = s.number(0);
    const double deviation = east_positive(s, 1).value_or(0);
    set_magnetic_heading(compass ? std::optional(*compass + deviation) : std::nullopt, ship, now, sample);
}

void read_hdm(const Sentence& s, OwnShip& ship, Utc now, Sample& sample) {
    if (!ship.fresh("HDG", now)) {
        set_magnetic_heading(s.number(0), ship, now, sample);
    }
}

void read_vhw(const Sentence& s, OwnShip& ship, Utc now, Sample& sample) {
    if (s.field(1) == "T" && !has_true_heading(ship, now)) {
        sample.heading_deg = s.number(0);
    }
}

/// True wind against the bow becomes true wind against north. Apparent wind is the ship's own business.
void read_mwv(const Sentence& s, OwnShip& ship, Utc now, Sample& sample) {
    const auto angle = s.number(0);
    const auto speed = s.number(2);
    if (s.field(1) != "T" || s.field(4) != "A" || !angle || !speed) {
        return;
    }
    struct Unit {
        std::string_view letter;
        double scale;
    };
    constexpr Unit kUnits[] = {{"N", kKnots}, {"K", kKilometresPerHour}, {"M", 1}};
    const auto unit = std::ranges::find(kUnits, s.field(3), &Unit::letter);
    if (unit == std::end(kUnits) || ship.fresh("MWD", now)) {
        return;
    }
    sample.wind_speed_mps = *speed * unit->scale;
    if (const auto heading = ship.heading_deg(now)) {
        sample.wind_direction_deg = wrap_360(*angle + *heading);
    }
}

void read_xdr(const Sentence& s, OwnShip&, Utc, Sample& sample) {
    for (std::size_t i = 0; i + 3 < s.fields.size(); i += 4) {
        if (s.field(i) != "A" || s.field(i + 2) != "D") {
            continue;
        }
        const std::string_view name = s.field(i + 3);
        if (name.starts_with("PTCH") || name.starts_with("PITCH")) {
            sample.pitch_deg = s.number(i + 1);
        } else if (name.starts_with("ROLL")) {
            sample.roll_deg = s.number(i + 1);
        }
    }
}

using Reader = void (*)(const Sentence&, OwnShip&, Utc arrival, Sample&);

struct Row {
    std::string_view type;
    std::uint8_t time = kNone;   // index of hhmmss.sss
    std::uint8_t status = kNone; // index of the validity field
    std::string_view invalid;    // letters or digits there that mean "not valid"
    Reader read = nullptr;
    std::array<ValueRule, 3> values{};
};

constexpr Row kRows[] = {
    {.type = "RMC",
     .time = 0,
     .status = 1,
     .invalid = "V",
     .read = read_rmc,
     .values = {{{6, 0, kKnots, &Sample::ground_speed_mps}, {7, 0, 1, &Sample::course_deg}}}},
    {.type = "GGA", .time = 0, .status = 5, .invalid = "0", .read = read_gga},
    {.type = "GNS", .time = 0, .status = 5, .invalid = "N", .read = read_gns},
    {.type = "GLL", .time = 4, .status = 5, .invalid = "V", .read = read_gll},
    {.type = "ZDA", .time = 0},
    {.type = "VTG",
     .status = 8,
     .invalid = "N",
     .values = {{{0, 'T', 1, &Sample::course_deg},
                 {4, 'N', kKnots, &Sample::ground_speed_mps},
                 {6, 'K', kKilometresPerHour, &Sample::ground_speed_mps}}}},
    {.type = "HDT", .values = {{{0, 'T', 1, &Sample::heading_deg}}}},
    {.type = "THS", .status = 1, .invalid = "V", .values = {{{0, 0, 1, &Sample::heading_deg}}}},
    {.type = "HDG", .read = read_hdg},
    {.type = "HDM", .read = read_hdm},
    {.type = "VHW",
     .read = read_vhw,
     .values = {{{4, 'N', kKnots, &Sample::water_speed_mps},
                 {6, 'K', kKilometresPerHour, &Sample::water_speed_mps}}}},
    {.type = "DPT", .values = {{{0, 0, 1, &Sample::depth_m}}}},
    {.type = "DBT",
     .values = {{{2, 'M', 1, &Sample::depth_m},
                 {0, 'f', kFeet, &Sample::depth_m},
                 {4, 'F', kFathoms, &Sample::depth_m}}}},
    {.type = "MWV", .read = read_mwv},
    {.type = "MWD",
     .values = {{{0, 'T', 1, &Sample::wind_direction_deg},
                 {6, 'M', 1, &Sample::wind_speed_mps},
                 {4, 'N', kKnots, &Sample::wind_speed_mps}}}},
    {.type = "XDR", .read = read_xdr},
};

void read_values(const Row& row, const Sentence& s, Sample& sample) {
    for (const ValueRule& rule : row.values) {
        if (rule.target == nullptr || sample.*rule.target) {
            continue;
        }
        const auto value = s.number(rule.index);
        const std::string_view unit = s.field(rule.index + 1U);
        if (value && (rule.unit == 0 || (unit.size() == 1 && unit[0] == rule.unit))) {
            sample.*rule.target = *value * rule.scale;
        }
    }
}

std::optional<std::chrono::year_month_day> date_of(const Sentence& s) {
    if (s.type == "RMC") {
        return parse_ddmmyy(s.field(8));
    }
    const auto day = s.number(1), month = s.number(2), year = s.number(3);
    if (s.type != "ZDA" || !day || !month || !year || *year < 1980 || *year > 2199) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year(static_cast<int>(*year)),
        std::chrono::month(static_cast<unsigned>(std::clamp(*month, 0.0, 13.0))),
        std::chrono::day(static_cast<unsigned>(std::clamp(*day, 0.0, 32.0)))};
    return date.ok() ? std::optional(date) : std::nullopt;
}

bool invalid(const Row& row, const Sentence& s) {
    if (row.status == kNone) {
        return false;
    }
    // GNS has one letter a satellite system: valid as soon as one of them has a fix.
    const std::string_view status = s.field(row.status);
    return !status.empty() && status.find_first_not_of(row.invalid) == std::string_view::npos;
}

} // namespace

bool OwnShip::fresh(std::string_view type, Utc arrival) const {
    const auto heard = heard_.find(type);
    return heard != heard_.end() && arrival.us - heard->second.us < kFreshUs;
}

std::optional<double> OwnShip::heading_deg(Utc arrival) const {
    return heading_deg_ && arrival.us - heading_at_.us < kFreshUs ? heading_deg_ : std::nullopt;
}

std::optional<Utc> OwnShip::said_time(const Sentence& sentence) const {
    const auto row = std::ranges::find(kRows, sentence.type, &Row::type);
    if (row == std::end(kRows) || row->time == kNone || invalid(*row, sentence)) {
        return std::nullopt;
    }
    return clock_.said(sentence.field(row->time), date_of(sentence));
}

std::optional<Sample> OwnShip::receive(const Sentence& sentence, Utc arrival) {
    const auto row = std::ranges::find(kRows, sentence.type, &Row::type);
    if (row == std::end(kRows)) {
        return std::nullopt;
    }
    Sample sample{.time = arrival};
    // Receivers without a fix say a time that they made up.
    if (invalid(*row, sentence)) {
        return sample;
    }
    if (row->time != kNone) {
        if (const auto instant = clock_.at(sentence.field(row->time), date_of(sentence), arrival)) {
            sample.time = instant->time;
            sample.time_source = instant->source;
        }
    }
    if (row->read != nullptr) {
        row->read(sentence, *this, arrival, sample);
    }
    read_values(*row, sentence, sample);
    drop_impossible(sample);
    if (says_nothing(sample)) {
        return sample;
    }
    heard_.insert_or_assign(std::string(sentence.type), arrival);
    if (sample.heading_deg) {
        heading_deg_ = sample.heading_deg;
        heading_at_ = arrival;
    }
    return sample;
}

} // namespace masthead::nmea
