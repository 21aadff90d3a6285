// NMEA 0183 as text, with or without the times of receipt in tag blocks (NMEA 0183 4.0, "c:").
#include "plugins/links/limits.hpp"
#include "plugins/links/logs/readers.hpp"
#include "plugins/links/logs/text.hpp"
#include "plugins/links/nmea/own_ship.hpp"

#include <algorithm>

namespace masthead::logs {

namespace {

using std::chrono::microseconds;

constexpr microseconds kLongestCycle{2'000'000}; // of a ship's instruments
constexpr int kLookedAt = 50;                    // lines of a log's beginning
constexpr std::size_t kMostWithoutTime = 10'000;

/// Loggers put times of their own before a sentence; without a zone or a date these are of no use.
std::string_view sentence_in(std::string_view line) {
    const std::size_t begin = line.find_first_of("$!\\");
    return trimmed(begin == std::string_view::npos ? line : line.substr(begin));
}

/// Instruments send in cycles: what stands without a time between two times was said between them, one after
/// the other.
class Cycle {
  public:
    explicit Cycle(const TakeSample& take) : take_(take) {}
    ~Cycle() { finish(); }
    Cycle(const Cycle&) = delete;
    Cycle& operator=(const Cycle&) = delete;

    void add(const Sample& sample, bool has_time) {
        if (has_time) {
            take_(sample);
        } else {
            waiting_.push_back(sample);
        }
        if (waiting_.size() == kMostWithoutTime) {
            finish();
        }
    }
    void next(Utc from, Utc to) {
        if (to > from && to - from <= kLongestCycle) {
            const auto count = static_cast<std::int64_t>(waiting_.size());
            for (std::int64_t i = 0; i < count; ++i) {
                waiting_[static_cast<std::size_t>(i)].time = from + (to - from) * i / count;
            }
        }
        finish();
    }

  private:
    void finish() {
        std::ranges::for_each(waiting_, take_);
        waiting_.clear();
    }

    const TakeSample& take_;
    std::vector<Sample> waiting_;
};

class Reader {
  public:
    Reader(const TakeSample& take, Warnings& warnings) : cycle_(take), warnings_(warnings) {}

    void take(std::string_view line) {
        ++number_;
        line = sentence_in(line);
        if (line.empty() || line.starts_with('#')) {
            return;
        }
        LinkCounters counters;
        const auto sentence = nmea::parse_sentence(line, counters);
        if (!sentence) {
            complain(counters);
            return;
        }
        const auto received = nmea::tag_time(line);
        const auto said = received ? received : ship_.said_time(*sentence);
        if (said && said != now_) {
            cycle_.next(now_.value_or(*said), *said);
            now_ = said;
        }
        if (!now_) {
            ++too_early_;
            return;
        }
        const auto sample = ship_.receive(*sentence, *now_);
        if (sample && !says_nothing(*sample)) {
            cycle_.add(*sample, received || sample->time_source != TimeSource::arrival);
        }
    }

    [[nodiscard]] bool has_times() const noexcept { return now_.has_value(); }
    [[nodiscard]] std::size_t too_early() const noexcept { return too_early_; }

  private:
    void complain(const LinkCounters& counters) {
        if (counters.bad_checksum > 0) {
            warnings_.add("line " + std::to_string(number_) + ": its checksum is wrong");
        } else if (counters.malformed > 0) {
            warnings_.add("line " + std::to_string(number_) + " is no whole sentence with a checksum");
        }
    }

    Cycle cycle_;
    Warnings& warnings_;
    nmea::OwnShip ship_;
    std::size_t number_ = 0;
    std::optional<Utc> now_;
    std::size_t too_early_ = 0;
};

} // namespace

bool is_nmea(std::string_view log) {
    LinkCounters counters;
    for (int i = 0; i < kLookedAt; ++i) {
        const auto line = take_line(log);
        if (!line) {
            return false;
        }
        if (nmea::parse_sentence(sentence_in(*line), counters)) {
            return true;
        }
    }
    return false;
}

Result<void> read_nmea(ByteSpan log, const TakeSample& take, Warnings& warnings) {
    std::string_view text = as_text(log);
    Reader reader(take, warnings);
    while (const auto line = take_line(text)) {
        reader.take(*line);
    }
    if (!reader.has_times()) {
        return fail(Code::malformed,
                    "this NMEA 0183 log has no date: neither RMC nor ZDA with a fix is in it, "
                    "nor times of receipt in tag blocks");
    }
    if (reader.too_early() > 0) {
        warnings.add(std::to_string(reader.too_early()) + " sentences before the first date were left out");
    }
    return {};
}

} // namespace masthead::logs
