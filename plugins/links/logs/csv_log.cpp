// Tables: a line of names, then a line for each instant. Separated by commas, semicolons or tabs.
#include "plugins/bytes/stated_time.hpp"
#include "plugins/links/limits.hpp"
#include "plugins/links/logs/csv_columns.hpp"
#include "plugins/links/logs/readers.hpp"
#include "plugins/links/logs/text.hpp"
#include "plugins/links/mavlink/orientation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace masthead::logs {

namespace {

using Cells = std::vector<std::string>;

constexpr std::size_t kMostColumns = 1000;
constexpr double kSecondUs = 1e6;

// --- Lines ---

/// The separator that the line of names has most of; 0: none at all.
char separator_of(std::string_view names) {
    char best = 0;
    std::ptrdiff_t most = 0;
    for (const char separator : {',', ';', '\t'}) {
        const auto count = std::ranges::count(names, separator);
        if (count > most) {
            most = count;
            best = separator;
        }
    }
    return best;
}

/// A quoted cell may hold separators, and "" for a quote.
Cells split(std::string_view line, char separator) {
    Cells cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += '"';
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted && cells.size() < kMostColumns) {
            cells.emplace_back();
        } else {
            cells.back() += c;
        }
    }
    return cells;
}

struct Layout {
    char separator = ',';
    Cells names;
    std::vector<Meaning> meanings;

    [[nodiscard]] bool has(std::optional<double> CsvRow::*member) const {
        return std::ranges::any_of(meanings, [&](const Meaning& meaning) {
            const auto* number = std::get_if<NumberColumn>(&meaning);
            return number && number->member == member;
        });
    }
    template <typename Column>
    [[nodiscard]] bool has_a() const {
        return std::ranges::any_of(meanings,
                                   [](const Meaning& each) { return std::holds_alternative<Column>(each); });
    }
};

Layout layout_of(std::string_view names) {
    Layout layout;
    layout.separator = separator_of(names);
    layout.names = split(names, layout.separator);
    std::ranges::transform(layout.names, std::back_inserter(layout.meanings), meaning_of);
    return layout;
}

std::string missing_in(const Layout& layout) {
    if (!layout.has_a<TimeColumn>()) {
        return "a time";
    }
    if (!layout.has(&CsvRow::latitude_deg)) {
        return "a latitude";
    }
    return layout.has(&CsvRow::longitude_deg) ? "" : "a longitude";
}

// --- Times ---

enum class Clock : std::uint8_t { none, counted, local, utc }; // by rising worth

struct CellTime {
    Clock clock = Clock::none;
    std::int64_t us = 0;
    bool whole_seconds = false;
};

CellTime number_time(double number, const TimeColumn& column) {
    constexpr double kFirstSecond = 1e8; // 1973: smaller numbers count from some start
    struct Size {
        double from;
        double unit_us;
    };
    constexpr Size kSizes[] = {{1e17, 1e-3}, {1e14, 1}, {1e11, 1e3}, {kFirstSecond, 1e6}};
    constexpr double kLast = static_cast<double>(klv::kLastUtc.us);
    double unit_us = column.unit_us;
    if (unit_us == 0) {
        const auto size = std::ranges::find_if(kSizes, [&](const Size& each) { return number >= each.from; });
        unit_us = size == std::end(kSizes) ? kSecondUs : size->unit_us;
    }
    const double us = number * unit_us;
    if (!(us >= 0 && us <= kLast)) {
        return {};
    }
    const bool epoch = us >= kFirstSecond * kSecondUs;
    return {epoch ? Clock::utc : Clock::counted, std::llround(us),
            std::fmod(us, kSecondUs) == 0 && unit_us == kSecondUs};
}

CellTime time_in(const std::string& cell, const TimeColumn& column) {
    if (const auto number = number_in(cell)) {
        return number_time(*number, column);
    }
    const auto stated = parse_time(trimmed(cell));
    if (!stated) {
        return {};
    }
    return {column.local && !stated->zoned ? Clock::local : Clock::utc, stated->utc.us,
            stated->utc.us % static_cast<std::int64_t>(kSecondUs) == 0};
}

/// The times of a line: the best absolute one, and one that counts from some start.
struct LineTimes {
    CellTime stated;
    CellTime counted;
};

LineTimes times_of(const Layout& layout, const Cells& cells) {
    LineTimes times;
    std::string date;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (std::holds_alternative<DateColumn>(layout.meanings[i])) {
            date = std::string(trimmed(cells[i])) + " ";
        }
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto* column = std::get_if<TimeColumn>(&layout.meanings[i]);
        if (!column) {
            continue;
        }
        CellTime time = time_in(cells[i], *column);
        if (time.clock == Clock::none && !date.empty()) {
            time = time_in(date + std::string(trimmed(cells[i])), *column);
        }
        CellTime& slot = time.clock == Clock::counted ? times.counted : times.stated;
        slot = time.clock > slot.clock ? time : slot;
    }
    return times;
}

/// How a table's times become instants.
struct TimePlan {
    Clock clock = Clock::none;
    std::optional<std::int64_t> counted_from_us; // UTC of the counted times' start
};

/// Exporters write whole seconds of UTC beside finer times that are counted: each line's second began at or
/// before the line, so the start cannot be earlier than the latest that they say.
TimePlan plan_times(const Layout& layout, std::string_view lines) {
    TimePlan plan;
    bool whole = true;
    bool counted = true;
    std::int64_t start_us = std::numeric_limits<std::int64_t>::min();
    while (const auto line = take_line(lines)) {
        const Cells cells = split(*line, layout.separator);
        if (cells.size() != layout.names.size()) {
            continue;
        }
        const LineTimes times = times_of(layout, cells);
        plan.clock = std::max({plan.clock, times.stated.clock, times.counted.clock});
        whole = whole && times.stated.whole_seconds;
        counted = counted && times.counted.clock == Clock::counted;
        start_us = std::max(start_us, times.stated.us - times.counted.us);
    }
    if (whole && counted && plan.clock > Clock::counted) {
        plan.counted_from_us = start_us;
    }
    return plan;
}

std::optional<Utc> instant_of(const LineTimes& times, const TimePlan& plan) {
    if (plan.counted_from_us) {
        return Utc{times.counted.us + *plan.counted_from_us};
    }
    const CellTime& time = plan.clock == Clock::counted ? times.counted : times.stated;
    return time.clock == plan.clock ? std::optional(Utc{time.us}) : std::nullopt;
}

// --- Values ---

/// Empty, or what is wrong.
std::string read_numbers(const Layout& layout, const Cells& cells, CsvRow& row) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto* column = std::get_if<NumberColumn>(&layout.meanings[i]);
        std::string cell(trimmed(cells[i]));
        if (!column || cell.empty() || row.*column->member) {
            continue;
        }
        if (layout.separator == ';') {
            std::ranges::replace(cell, ',', '.'); // a decimal comma
        }
        const auto number = number_in(cell);
        if (!number) {
            return "'" + cell + "' in the column " + layout.names[i] + " is no number";
        }
        row.*column->member = *number * column->scale;
    }
    return {};
}

/// A gimbal's angles are against north and the horizon; a camera's against the platform.
void turn_to_platform(CsvRow& row) {
    constexpr double kDegrees = 180 / std::numbers::pi;
    const auto rotation = [](double roll, double pitch, double yaw) {
        return mavlink::to_quaternion(
            {.roll = roll / kDegrees, .pitch = pitch / kDegrees, .yaw = yaw / kDegrees});
    };
    if (!row.gimbal_pitch_deg || row.camera_elevation_deg || (row.gimbal_yaw_deg && !row.heading_deg)) {
        return;
    }
    const double heading = row.heading_deg.value_or(0);
    const auto platform = rotation(row.roll_deg.value_or(0), row.pitch_deg.value_or(0), heading);
    const auto camera = rotation(row.gimbal_roll_deg.value_or(0), *row.gimbal_pitch_deg,
                                 row.gimbal_yaw_deg.value_or(heading));
    const mavlink::Euler angles = to_euler(platform.conjugate() * camera);
    row.camera_azimuth_deg = wrap_360(angles.yaw * kDegrees);
    row.camera_elevation_deg = angles.pitch * kDegrees;
    row.camera_roll_deg = wrap_360(angles.roll * kDegrees);
}

/// Empty, or what is wrong with it.
std::string finish(CsvRow& row) {
    for (auto member : {&Sample::heading_deg, &Sample::course_deg, &Sample::wind_direction_deg,
                        &Sample::camera_azimuth_deg, &Sample::camera_roll_deg}) {
        if (row.*member) {
            row.*member = wrap_360(*(row.*member));
        }
    }
    turn_to_platform(row);
    if (row.satellite_count && *row.satellite_count >= 0 && *row.satellite_count <= 255) {
        row.satellites = static_cast<int>(*row.satellite_count);
    }
    if (row.center_latitude_deg && row.center_longitude_deg) {
        row.frame_center = {*row.center_latitude_deg, *row.center_longitude_deg};
    }
    const Sample before = row;
    drop_impossible(row);
    if (!(before == row)) {
        return "a value that cannot be was left out";
    }
    return {};
}

class Reader {
  public:
    Reader(Layout layout, TimePlan plan, const TakeSample& take, Warnings& warnings)
        : layout_(std::move(layout)), plan_(plan), take_(take), warnings_(warnings) {}

    void take(std::string_view line, std::size_t number) {
        if (trimmed(line).empty()) {
            return;
        }
        const auto complain = [&](const std::string& what) {
            warnings_.add("line " + std::to_string(number) + ": " + what);
        };
        const Cells cells = split(line, layout_.separator);
        if (cells.size() != layout_.names.size()) {
            return complain(std::to_string(cells.size()) + " columns, where the line of names has " +
                            std::to_string(layout_.names.size()));
        }
        const auto time = instant_of(times_of(layout_, cells), plan_);
        if (!time) {
            return complain("its time cannot be read");
        }
        CsvRow row;
        row.time = *time;
        row.time_source = TimeSource::vehicle;
        if (const std::string wrong = read_numbers(layout_, cells, row); !wrong.empty()) {
            return complain(wrong);
        }
        if (const std::string wrong = finish(row); !wrong.empty()) {
            complain(wrong);
        }
        if (!says_nothing(row)) {
            take_(row);
        }
    }

  private:
    Layout layout_;
    TimePlan plan_;
    const TakeSample& take_;
    Warnings& warnings_;
};

} // namespace

bool is_csv(std::string_view log) {
    const auto names = take_line(log);
    if (!names || separator_of(*names) == 0) {
        return false;
    }
    const Layout layout = layout_of(*names);
    return layout.has_a<TimeColumn>() || layout.has(&CsvRow::latitude_deg);
}

Result<void> read_csv(std::string_view log, const TakeSample& take, LogFacts& facts, Warnings& warnings) {
    const auto names = take_line(log);
    Layout layout = layout_of(names.value_or(""));
    if (const std::string missing = missing_in(layout); !missing.empty()) {
        return fail(Code::malformed, "no column of this table has a name that means " + missing);
    }
    const TimePlan plan = plan_times(layout, log);
    facts.from_first_frame = plan.clock == Clock::counted;
    if (plan.clock == Clock::local) {
        warnings.add("its times are local ones of a zone that it does not tell; they are taken as UTC");
    }
    Reader reader(std::move(layout), plan, take, warnings);
    for (std::size_t number = 2; const auto line = take_line(log); ++number) {
        reader.take(*line, number);
    }
    return {};
}

} // namespace masthead::logs
