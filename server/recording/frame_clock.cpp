#include "server/recording/frame_clock.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace masthead::recording_tool {

namespace {

using std::chrono::microseconds;

constexpr Utc kYear2000{946'684'800'000'000};
constexpr std::int64_t kSameTicks = 45;   // half a millisecond: containers round
constexpr std::ptrdiff_t kNeighbours = 8; // on each side: one that is off does not count
constexpr microseconds kPlausible{10'000'000};
constexpr microseconds kSeiError{100};
constexpr microseconds kRounding{1'000};
constexpr microseconds kNearKlvError{100'000};  // KLV stands in a file near its frame
constexpr microseconds kStatedError{1'000'000}; // creation times are whole seconds

microseconds since(std::int64_t from, std::int64_t to) { return microseconds((to - from) * 100 / 9); }

/// The instant at `ticks`, as `place` has it.
Utc seen_from(const TimedPlace& place, std::int64_t ticks) { return place.utc + since(place.ticks, ticks); }

microseconds distance(Utc a, Utc b) { return std::chrono::abs(a - b); }

std::vector<TimedPlace> plausible(std::vector<TimedPlace> places) {
    std::erase_if(places, [](const TimedPlace& place) { return place.utc < kYear2000; });
    std::ranges::sort(places, {}, &TimedPlace::ticks);
    return places;
}

} // namespace

klv::TimeSystem sei_time_system(const std::vector<std::pair<std::int64_t, klv::MispTime>>& sei,
                                const std::vector<TimedPlace>& klv) {
    if (sei.empty() || klv.empty()) {
        return klv::TimeSystem::posix;
    }
    const auto& [ticks, time] = sei.front();
    const auto fits = [&, ticks = ticks, time = time](klv::TimeSystem system) {
        return distance(klv::to_utc(time, system), seen_from(klv.front(), ticks)) < kPlausible;
    };
    return !fits(klv::TimeSystem::posix) && fits(klv::TimeSystem::misp) ? klv::TimeSystem::misp
                                                                        : klv::TimeSystem::posix;
}

std::optional<FrameClock> FrameClock::create(TimeSources sources) {
    const auto stated = [&](std::optional<Utc> first) {
        return first ? std::vector{TimedPlace{sources.first_ticks, *first}} : std::vector<TimedPlace>();
    };
    struct Candidate {
        std::vector<TimedPlace> places;
        bool exact;
        microseconds error;
        FrameTimeMethod method;
        const char* name;
    };
    std::array candidates{
        Candidate{plausible(std::move(sources.sei)), true, kSeiError, FrameTimeMethod::sei,
                  "the MISP time in the video (SEI)"},
        Candidate{
            plausible(std::move(sources.klv)), true, {}, FrameTimeMethod::klv, "the time stamps of its KLV"},
        Candidate{plausible(std::move(sources.near_klv)), false, kNearKlvError, FrameTimeMethod::klv,
                  "the time stamps of its KLV, which says not which frames it belongs to (no PTS)"},
        Candidate{stated(sources.stated), false, kStatedError, FrameTimeMethod::arrival,
                  "the start that was given"},
        Candidate{plausible(stated(sources.created)), false, kStatedError, FrameTimeMethod::arrival,
                  "the creation time that the file states"},
        Candidate{plausible(stated(sources.subtitles)), false, kStatedError, FrameTimeMethod::arrival,
                  "the date in the subtitles, which is a local one and was taken as UTC"},
    };
    const auto best = std::ranges::find_if(
        candidates, [](const Candidate& candidate) { return !candidate.places.empty(); });
    if (best == candidates.end()) {
        return std::nullopt;
    }
    FrameClock clock;
    clock.places_ = std::move(best->places);
    clock.exact_ = best->exact;
    clock.error_ = best->error;
    clock.method_ = best->method;
    clock.source_ = best->name;
    return clock;
}

FrameClock::Instant FrameClock::at(std::int64_t ticks) const {
    const auto after = std::ranges::lower_bound(places_, ticks - kSameTicks, {}, &TimedPlace::ticks);
    if (exact_ && after != places_.end() && after->ticks <= ticks + kSameTicks) {
        return {after->utc, error_};
    }
    const auto from = after - std::min(after - places_.begin(), kNeighbours);
    const auto to = after + std::min(places_.end() - after, kNeighbours);
    std::vector<Utc> views;
    std::transform(from, to, std::back_inserter(views),
                   [&](const TimedPlace& place) { return seen_from(place, ticks); });
    std::ranges::sort(views);
    const microseconds spread = views.back() - views.front();
    return {views[views.size() / 2], error_ + spread + (exact_ ? kRounding : microseconds(0))};
}

} // namespace masthead::recording_tool
