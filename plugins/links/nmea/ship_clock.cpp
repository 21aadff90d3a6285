// Times of day and dates of NMEA 0183 as instants.
#include "plugins/links/nmea/ship_clock.hpp"

#include <algorithm>
#include <cstdlib>

namespace masthead::nmea {

namespace {

constexpr std::int64_t kBelievedUs = 2'000'000;
constexpr std::int64_t kDayUs = 86'400'000'000;

std::optional<int> two_digits(std::string_view text, std::size_t at) {
    if (at + 2 > text.size() || text[at] < '0' || text[at] > '9' || text[at + 1] < '0' ||
        text[at + 1] > '9') {
        return std::nullopt;
    }
    return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

/// Microseconds since midnight.
std::optional<std::int64_t> parse_time(std::string_view text) {
    const auto hours = two_digits(text, 0), minutes = two_digits(text, 2), seconds = two_digits(text, 4);
    if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) {
        return std::nullopt;
    }
    std::int64_t us = ((*hours * 60 + *minutes) * 60 + *seconds) * std::int64_t{1'000'000};
    if (text.size() == 6) {
        return us;
    }
    std::int64_t unit = 100'000;
    for (const char digit : text.substr(7)) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        us += (digit - '0') * unit;
        unit /= 10;
    }
    return text[6] == '.' ? std::optional(us) : std::nullopt;
}

std::int64_t midnight_before(std::int64_t us) { return us - ((us % kDayUs) + kDayUs) % kDayUs; }

/// Without a date, of the day that brings it nearest to `near`.
std::optional<Utc> said_near(std::string_view time, std::optional<std::chrono::year_month_day> date,
                             std::optional<Utc> near) {
    const auto of_day_us = parse_time(time);
    if (!of_day_us || (!date && !near)) {
        return std::nullopt;
    }
    if (date) {
        const auto days = std::chrono::sys_days(*date).time_since_epoch();
        return Utc{std::chrono::duration_cast<std::chrono::microseconds>(days).count() + *of_day_us};
    }
    Utc said{midnight_before(near->us) + *of_day_us};
    if (said.us - near->us > kDayUs / 2) {
        said.us -= kDayUs;
    } else if (near->us - said.us > kDayUs / 2) {
        said.us += kDayUs;
    }
    return said;
}

} // namespace

std::optional<std::chrono::year_month_day> parse_ddmmyy(std::string_view text) {
    const auto day = two_digits(text, 0), month = two_digits(text, 2), year = two_digits(text, 4);
    if (!day || !month || !year || text.size() != 6) {
        return std::nullopt;
    }
    const int century = *year >= 80 ? 1900 : 2000; // GPS began in 1980
    const std::chrono::year_month_day date{std::chrono::year(century + *year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    return date.ok() ? std::optional(date) : std::nullopt;
}

std::optional<Utc> ShipClock::said(std::string_view time,
                                   std::optional<std::chrono::year_month_day> date) const {
    return said_near(time, date, newest_);
}

std::optional<ShipClock::Instant>
ShipClock::at(std::string_view time, std::optional<std::chrono::year_month_day> date, Utc arrival) {
    const auto instant = said_near(time, date, newest_.value_or(arrival));
    if (!instant) {
        return std::nullopt;
    }
    const Utc said = *instant;
    newest_ = said;
    offset_.add(said.us, arrival);
    if (disbelieved()) {
        return Instant{Utc{said.us + offset_.us()}, TimeSource::mapped};
    }
    return Instant{said, TimeSource::vehicle};
}

std::optional<std::chrono::microseconds> ShipClock::disbelieved() const noexcept {
    if (!offset_.known() || std::abs(offset_.us()) <= kBelievedUs) {
        return std::nullopt;
    }
    return std::chrono::microseconds(-offset_.us());
}

} // namespace masthead::nmea
