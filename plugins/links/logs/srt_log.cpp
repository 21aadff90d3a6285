// Subtitles that DJI cameras write beside a video: each cue says where the drone was while it shows. Times
// count from the video's first frame; the date and time in a cue are local ones.
#include "plugins/bytes/stated_time.hpp"
#include "plugins/links/limits.hpp"
#include "plugins/links/logs/readers.hpp"
#include "plugins/links/logs/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace masthead::logs {

namespace {

constexpr std::string_view kArrow = "-->";
constexpr std::size_t kLookedAt = 4096; // of a log's beginning
constexpr std::size_t kLongestCue = 16 * 1024;

struct Cue {
    std::size_t line = 0; // of its times
    std::int64_t from_us = 0;
    std::string text;
};

/// "00:01:02,345"
std::optional<std::int64_t> cue_time_us(std::string_view text) {
    // As the time of some day.
    const auto time = parse_time("1970-01-01T" + std::string(trimmed(text)));
    return time && !time->zoned ? std::optional(time->utc.us) : std::nullopt;
}

std::optional<std::int64_t> cue_begin_us(std::string_view line) {
    const std::size_t arrow = line.find(kArrow);
    return arrow == std::string_view::npos ? std::nullopt : cue_time_us(line.substr(0, arrow));
}

/// Takes the next cue off `text`.
std::optional<Cue> take_cue(std::string_view& text, std::size_t& number) {
    Cue cue;
    bool begun = false;
    while (const auto line = take_line(text)) {
        ++number;
        if (const auto from = cue_begin_us(*line); from && !begun) {
            cue = {number, *from, {}};
            begun = true;
        } else if (begun && trimmed(*line).empty()) {
            break;
        } else if (begun && cue.text.size() + line->size() < kLongestCue) {
            cue.text += std::string(*line) + "\n";
        }
    }
    return begun ? std::optional(std::move(cue)) : std::nullopt;
}

/// The number behind `name` and a ':' or a blank, wherever that stands as a word: "[rel_alt: 1.200 abs_alt:
/// 150.0]".
std::optional<double> named_number(std::string_view text, std::string_view name) {
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        const bool word = at == 0 || std::string_view("[ ,\n>").find(text[at - 1]) != std::string_view::npos;
        std::string_view rest = text.substr(at + name.size());
        const std::size_t begin = rest.find_first_not_of(" :");
        if (!word || begin == 0 || begin == std::string_view::npos) {
            continue;
        }
        rest.remove_prefix(begin);
        if (const auto number = number_in(rest.substr(0, rest.find_first_not_of("+-.0123456789")))) {
            return number;
        }
    }
    return std::nullopt;
}

std::optional<double> first_named(std::string_view text, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        if (const auto number = named_number(text, name)) {
            return number;
        }
    }
    return std::nullopt;
}

/// "[latitude: 47.1] [longitude: 8.2] [rel_alt: 1.200 abs_alt: 450.0]"
void read_brackets(std::string_view text, Sample& sample) {
    sample.latitude_deg = named_number(text, "latitude");
    sample.longitude_deg = first_named(text, {"longitude", "longtitude"}); // the second from older firmware
    sample.altitude_agl_m = named_number(text, "rel_alt");
    sample.altitude_msl_m = first_named(text, {"abs_alt", "altitude"});
}

/// "GPS(8.2,47.1,450.0M) BAROMETER:1.9" and "GPS (8.2, 47.1, 16), H 1.9m". Where a height stands beside it,
/// the third number may be a count of satellites.
void read_gps(std::string_view text, Sample& sample) {
    const std::size_t gps = text.find("GPS");
    const std::size_t open = gps == std::string_view::npos ? gps : text.find('(', gps);
    const std::size_t close = open == std::string_view::npos ? open : text.find(')', open);
    if (close == std::string_view::npos) {
        return;
    }
    std::string_view inside = text.substr(open + 1, close - open - 1);
    std::array<std::string_view, 3> parts;
    for (std::string_view& part : parts) {
        const std::size_t comma = inside.find(',');
        part = trimmed(inside.substr(0, comma));
        inside.remove_prefix(comma == std::string_view::npos ? inside.size() : comma + 1);
    }
    sample.longitude_deg = number_in(parts[0]);
    sample.latitude_deg = number_in(parts[1]);
    sample.altitude_agl_m = first_named(text, {"BAROMETER", "H"});
    const bool metres = parts[2].ends_with('M') || parts[2].ends_with('m');
    if (metres) {
        parts[2].remove_suffix(1);
    }
    if (metres || !sample.altitude_agl_m) {
        sample.altitude_msl_m = number_in(parts[2]);
    }
    sample.ground_speed_mps = named_number(text, "H.S");
    sample.climb_mps = named_number(text, "V.S");
}

/// A line of a cue, or its end, that is a date and a time.
std::optional<Utc> local_time_in(std::string_view text) {
    constexpr std::size_t kShortest = 16;
    while (const auto line = take_line(text)) {
        const std::string_view plain = trimmed(*line);
        for (std::size_t at = 0; at + kShortest <= plain.size(); ++at) {
            const bool begins = at == 0 || plain[at - 1] == ' ' || plain[at - 1] == '>';
            const auto time =
                begins && plain[at] >= '0' && plain[at] <= '9' ? parse_time(plain.substr(at)) : std::nullopt;
            if (time) {
                return time->utc;
            }
        }
    }
    return std::nullopt;
}

/// No fix: 0, 0 is what cameras write then.
bool is_nowhere(const Sample& sample) {
    return sample.latitude_deg.value_or(0) == 0 && sample.longitude_deg.value_or(0) == 0;
}

} // namespace

bool is_srt(std::string_view log) {
    std::string_view beginning = log.substr(0, kLookedAt);
    while (const auto line = take_line(beginning)) {
        if (cue_begin_us(*line)) {
            return true;
        }
    }
    return false;
}

Result<void> read_srt(std::string_view log, const TakeSample& take, LogFacts& facts, Warnings& warnings) {
    facts.from_first_frame = true;
    std::size_t number = 0;
    std::size_t without_fix = 0;
    while (const auto cue = take_cue(log, number)) {
        Sample sample{.time = {cue->from_us}, .time_source = TimeSource::vehicle};
        if (cue->text.find("latitude") != std::string::npos) {
            read_brackets(cue->text, sample);
        } else {
            read_gps(cue->text, sample);
        }
        if (const auto local = local_time_in(cue->text); local && !facts.local_begin) {
            facts.local_begin = *local - std::chrono::microseconds(cue->from_us);
        }
        drop_impossible(sample);
        if (!sample.latitude_deg) {
            warnings.add("line " + std::to_string(cue->line) + ": this cue says no position");
        } else if (is_nowhere(sample)) {
            ++without_fix;
        } else {
            take(sample);
        }
    }
    if (without_fix > 0) {
        warnings.add(std::to_string(without_fix) +
                     " cues were made without a satellite fix and are left out");
    }
    return {};
}

} // namespace masthead::logs
