// AIS messages: armour, parts, and the fields that a sample has.
#include "plugins/links/nmea/ais.hpp"

#include "plugins/links/limits.hpp"

#include <algorithm>
#include <iterator>

namespace masthead::nmea {

namespace {

constexpr std::size_t kMaxUnfinished = 16;
constexpr std::int64_t kPartsUs = 10'000'000;
constexpr std::size_t kMaxNames = 8192;
constexpr double kKnots = 1852.0 / 3600.0;
constexpr double kTenth = 0.1;
constexpr double kMinuteE4 = 1.0 / 600'000; // 1/10,000 minute in degrees

// "Not available", by field.
constexpr std::uint32_t kNoSpeed = 1023;
constexpr std::uint32_t kSpeedOrMore = 1022; // 102.2 kn or more: no speed of a ship
constexpr std::uint32_t kNoCourse = 3600;
constexpr std::uint32_t kNoHeading = 511;
constexpr std::uint32_t kUndefinedStatus = 15;

/// Where a position report has its fields (first bits).
struct Motion {
    std::uint8_t type;
    std::uint16_t least_bits;
    std::uint8_t speed, longitude, latitude, course, heading;
};
constexpr Motion kMotions[] = {
    {1, 149, 50, 61, 89, 116, 128},  {2, 149, 50, 61, 89, 116, 128},  {3, 149, 50, 61, 89, 116, 128},
    {18, 148, 46, 57, 85, 112, 124}, {19, 301, 46, 57, 85, 112, 124},
};

/// Where a message has a name (first bit).
struct Naming {
    std::uint8_t type;
    std::uint16_t least_bits;
    std::uint16_t name;
};
constexpr Naming kNamings[] = {{5, 232, 112}, {19, 301, 143}, {24, 160, 40}};
constexpr std::size_t kNameBits = 120;

constexpr std::string_view kStatus[] = {
    "under way using engine",
    "at anchor",
    "not under command",
    "restricted manoeuvrability",
    "constrained by draught",
    "moored",
    "aground",
    "engaged in fishing",
    "under way sailing",
    "reserved (HSC)",
    "reserved (WIG)",
    "towing astern",
    "pushing ahead",
    "reserved",
    "AIS-SART, MOB or EPIRB",
};

Sample motion_of(const AisBits& bits, const Motion& row) {
    Sample sample;
    sample.latitude_deg = bits.sint(row.latitude, 27) * kMinuteE4;   // 91 degrees is "not available"
    sample.longitude_deg = bits.sint(row.longitude, 28) * kMinuteE4; // 181 likewise
    if (const auto speed = bits.uint(row.speed, 10); speed != kNoSpeed && speed != kSpeedOrMore) {
        sample.ground_speed_mps = speed * kTenth * kKnots;
    }
    if (const auto course = bits.uint(row.course, 12); course < kNoCourse) {
        sample.course_deg = course * kTenth;
    }
    if (const auto heading = bits.uint(row.heading, 9); heading != kNoHeading && heading < 360) {
        sample.heading_deg = heading;
    }
    if (row.type <= 3) {
        const auto status = bits.uint(38, 4);
        if (status != kUndefinedStatus) {
            sample.mode = kStatus[status];
        }
    }
    drop_impossible(sample);
    return sample;
}

/// Type 24 comes as part A (the name) and part B (call sign and size).
std::optional<std::string> name_of(const AisBits& bits, unsigned type) {
    const auto row = std::ranges::find(kNamings, type, &Naming::type);
    if (row == std::end(kNamings) || bits.size() < row->least_bits || (type == 24 && bits.uint(38, 2) != 0)) {
        return std::nullopt;
    }
    std::string name =
        bits.text(row->name, std::min<std::size_t>(kNameBits, (bits.size() - row->name) / 6 * 6));
    return name.empty() ? std::nullopt : std::optional(std::move(name));
}

/// A field of one digit.
std::optional<unsigned> digit(std::string_view text) {
    return text.size() == 1 && text[0] >= '0' && text[0] <= '9' ? std::optional<unsigned>(text[0] - '0')
                                                                : std::nullopt;
}

} // namespace

std::optional<AisBits> AisBits::unarmour(std::string_view payload, unsigned fill) {
    if (fill > 5 || payload.empty()) {
        return std::nullopt;
    }
    AisBits bits;
    bits.bits_.reserve(payload.size() * 6);
    for (const char letter : payload) {
        const auto code = static_cast<unsigned char>(letter);
        const bool low = code >= 48 && code <= 87;
        const bool high = code >= 96 && code <= 119;
        if (!low && !high) {
            return std::nullopt;
        }
        const unsigned value = low ? code - 48U : code - 56U;
        for (int bit = 5; bit >= 0; --bit) {
            bits.bits_.push_back((value >> bit & 1U) != 0);
        }
    }
    bits.bits_.resize(bits.bits_.size() - fill);
    return bits;
}

std::uint32_t AisBits::uint(std::size_t start, std::size_t count) const noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = start; i < start + count; ++i) {
        value = value << 1 | (i < bits_.size() && bits_[i] ? 1U : 0U);
    }
    return value;
}

std::int32_t AisBits::sint(std::size_t start, std::size_t count) const noexcept {
    const std::uint32_t value = uint(start, count);
    const std::uint32_t sign = 1U << (count - 1);
    return static_cast<std::int32_t>((value ^ sign) - sign);
}

std::string AisBits::text(std::size_t start, std::size_t count) const {
    std::string text;
    for (std::size_t i = start; i + 6 <= start + count; i += 6) {
        const std::uint32_t value = uint(i, 6);
        if (value == 0) { // '@' fills
            break;
        }
        text += static_cast<char>(value < 32 ? value + 64 : value);
    }
    while (text.ends_with(' ')) {
        text.pop_back();
    }
    return text;
}

/// The whole payload, once its last part is here.
std::optional<std::string> AisReceiver::assemble(const Sentence& s, Utc arrival, LinkCounters& counters) {
    const auto total = digit(s.field(0)), part = digit(s.field(1));
    if (!total || !part || *part < 1 || *part > *total) {
        ++counters.malformed;
        return std::nullopt;
    }
    if (*total == 1) {
        return std::string(s.field(4));
    }
    while (!unfinished_.empty() && arrival.us - unfinished_.front().started.us > kPartsUs) {
        unfinished_.pop_front();
        ++counters.malformed;
    }
    const std::string key =
        std::string(s.type) + "," + std::string(s.field(2)) + "," + std::string(s.field(3));
    const auto found = std::ranges::find(unfinished_, key, &Unfinished::key);
    if (*part == 1) {
        if (found != unfinished_.end()) {
            unfinished_.erase(found);
            ++counters.malformed;
        } else if (unfinished_.size() == kMaxUnfinished) {
            unfinished_.pop_front();
            ++counters.malformed;
        }
        unfinished_.push_back({key, *total, 2, std::string(s.field(4)), arrival});
        return std::nullopt;
    }
    if (found == unfinished_.end() || found->total != *total || found->next != *part) {
        if (found != unfinished_.end()) {
            unfinished_.erase(found);
        }
        ++counters.malformed;
        return std::nullopt;
    }
    found->payload += s.field(4);
    ++found->next;
    if (*part < *total) {
        return std::nullopt;
    }
    std::string payload = std::move(found->payload);
    unfinished_.erase(found);
    return payload;
}

void AisReceiver::remember_name(std::uint32_t mmsi, const std::string& name) {
    if (!names_.contains(mmsi)) {
        named_.push_back(mmsi);
        if (named_.size() > kMaxNames) {
            names_.erase(named_.front());
            named_.pop_front();
        }
    }
    names_[mmsi] = name;
}

std::optional<AisReport> AisReceiver::receive(const Sentence& sentence, Utc arrival, LinkCounters& counters) {
    const auto payload = assemble(sentence, arrival, counters);
    if (!payload) {
        return std::nullopt;
    }
    const auto bits = AisBits::unarmour(*payload, digit(sentence.field(5)).value_or(9));
    const std::uint32_t mmsi = bits ? bits->uint(8, 30) : 0;
    if (!bits || bits->size() < 38 || mmsi == 0 || mmsi > 999'999'999) {
        ++counters.malformed;
        return std::nullopt;
    }
    const unsigned type = bits->uint(0, 6);
    const auto motion = std::ranges::find(kMotions, type, &Motion::type);
    const auto name = name_of(*bits, type);
    if (motion == std::end(kMotions) && !name) {
        ++counters.messages_unknown;
        return std::nullopt;
    }
    AisReport report{.mmsi = mmsi, .own = sentence.type == "VDO"};
    if (motion != std::end(kMotions)) {
        if (bits->size() < motion->least_bits) {
            ++counters.malformed;
            return std::nullopt;
        }
        report.sample = motion_of(*bits, *motion);
    }
    if (name) {
        remember_name(mmsi, *name);
    }
    if (const auto known = names_.find(mmsi); known != names_.end()) {
        report.sample.name = known->second;
    }
    report.sample.time = arrival;
    ++counters.messages_in;
    return report;
}

} // namespace masthead::nmea
