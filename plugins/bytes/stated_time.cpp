#include "plugins/bytes/stated_time.hpp"

namespace masthead {

namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// Takes text from its beginning, piece by piece.
class TimeText {
  public:
    explicit TimeText(std::string_view text) : text_(text) {}

    [[nodiscard]] bool done() const { return text_.empty(); }
    [[nodiscard]] bool starts_with_digit() const { return !text_.empty() && is_digit(text_.front()); }
    /// Exactly `count` digits.
    std::optional<int> digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i >= text_.size() || !is_digit(text_[i])) {
                return std::nullopt;
            }
            value = value * 10 + (text_[i] - '0');
        }
        text_.remove_prefix(count);
        return value;
    }
    /// One of `letters`, or 0.
    char one_of(std::string_view letters) {
        if (text_.empty() || letters.find(text_.front()) == std::string_view::npos) {
            return 0;
        }
        const char letter = text_.front();
        text_.remove_prefix(1);
        return letter;
    }
    /// Microseconds; what is finer is cut off.
    std::int64_t fraction() {
        std::int64_t us = 0;
        for (std::int64_t unit = kSecondUs / 10; starts_with_digit(); unit /= 10) {
            us += (one_of("0123456789") - '0') * unit;
            if (text_.size() > 1 && text_[0] == ',' && is_digit(text_[1])) {
                one_of(",");
            }
        }
        return us;
    }

  private:
    std::string_view text_;
};

std::optional<std::int64_t> date_us(TimeText& text) {
    const auto year = text.digits(4);
    const char between = text.one_of("-/.");
    const auto month = text.digits(2);
    const bool alike = between != 0 && text.one_of(std::string_view(&between, 1)) != 0;
    const auto day = text.digits(2);
    if (!year || !month || !day || !alike) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::microseconds(std::chrono::sys_days(date).time_since_epoch()).count();
}

std::optional<std::int64_t> time_of_day_us(TimeText& text) {
    const auto hours = text.digits(2);
    const auto minutes = text.one_of(":") != 0 ? text.digits(2) : std::nullopt;
    int seconds = 0;
    std::int64_t fraction_us = 0;
    if (text.one_of(":") != 0) {
        seconds = text.digits(2).value_or(61);
        fraction_us = text.one_of(".,") != 0 ? text.fraction() : 0;
    }
    if (!hours || !minutes || *hours > 23 || *minutes > 59 || seconds > 60) {
        return std::nullopt;
    }
    return ((*hours * 60 + *minutes) * 60 + seconds) * kSecondUs + fraction_us;
}

/// How far the zone is ahead of UTC.
std::optional<std::int64_t> zone_us(TimeText& text) {
    if (text.one_of("Zz") != 0) {
        return 0;
    }
    const char sign = text.one_of("+-");
    const auto hours = text.digits(2);
    text.one_of(":");
    const int minutes = text.done() ? 0 : text.digits(2).value_or(60);
    if (sign == 0 || !hours || *hours > 23 || minutes > 59) {
        return std::nullopt;
    }
    return (sign == '-' ? -1 : 1) * (*hours * 60 + minutes) * 60 * kSecondUs;
}

} // namespace

std::optional<StatedTime> parse_time(std::string_view text) {
    TimeText rest(text);
    const auto date = date_us(rest);
    const bool apart = rest.one_of("T ") != 0;
    const auto time = apart ? time_of_day_us(rest) : std::nullopt;
    if (!date || !time) {
        return std::nullopt;
    }
    rest.one_of(" ");
    if (rest.done()) {
        return StatedTime{.utc = {*date + *time}};
    }
    const auto zone = zone_us(rest);
    if (!zone || !rest.done()) {
        return std::nullopt;
    }
    return StatedTime{.utc = {*date + *time - *zone}, .zoned = true};
}

} // namespace masthead
