#include "plugins/elements/capture_time.hpp"

#include <algorithm>
#include <cstdlib>

namespace masthead {

namespace {

using std::chrono::microseconds;

constexpr GstClockTime kSameInstant = 500 * GST_USECOND; // 90 kHz ticks and millisecond containers round
constexpr GstClockTime kReach = 2 * GST_SECOND;
constexpr GstClockTime kSettled = GST_SECOND; // frames of this age are all here, reordered or not
constexpr std::size_t kKept = 64;
constexpr std::size_t kEnoughOnFrames = 3;
constexpr std::size_t kEnoughSteady = 8;
constexpr microseconds kSteadySpread{20'000};
constexpr microseconds kPlausible{10'000'000};

GstClockTime distance(GstClockTime a, GstClockTime b) { return a > b ? a - b : b - a; }

microseconds distance(Utc a, Utc b) { return std::chrono::abs(a - b); }

std::int64_t offset_us(GstClockTime running, Utc utc) {
    return utc.us - static_cast<std::int64_t>(running / 1000);
}

std::optional<klv::TimeSystem> plausible_near(klv::MispTime time, Utc anchor) {
    for (const auto system : {klv::TimeSystem::posix, klv::TimeSystem::misp}) {
        if (distance(klv::to_utc(time, system), anchor) < kPlausible) {
            return system;
        }
    }
    return std::nullopt;
}

} // namespace

klv::TimeSystem sei_time_system(klv::MispTime time, std::optional<Utc> arrival,
                                std::optional<Utc> newest_telemetry) noexcept {
    for (const auto& anchor : {arrival, newest_telemetry}) {
        const auto system = anchor ? plausible_near(time, *anchor) : std::nullopt;
        if (system) {
            return *system;
        }
    }
    return arrival ? klv::detect(time, false, *arrival) : klv::TimeSystem::posix;
}

void PtsRelation::add_packet(GstClockTime running, Utc utc) {
    const bool on_frame = std::ranges::any_of(
        frames_, [&](GstClockTime frame) { return distance(frame, running) <= kSameInstant; });
    packets_.push_back({running, utc, on_frame});
    if (packets_.size() > kKept) {
        packets_.pop_front();
    }
}

void PtsRelation::add_frame(GstClockTime running) {
    for (Pair& pair : packets_) {
        pair.on_frame = pair.on_frame || distance(pair.running, running) <= kSameInstant;
    }
    newest_frame_ = std::max(newest_frame_, running);
    frames_.push_back(running);
    if (frames_.size() > kKept) {
        frames_.pop_front();
    }
}

bool PtsRelation::falls_on_frames() const noexcept {
    std::size_t on = 0;
    std::size_t off = 0;
    for (const Pair& pair : packets_) {
        if (pair.on_frame) {
            ++on;
        } else if (pair.running + kSettled < newest_frame_) {
            ++off;
        }
    }
    return on >= kEnoughOnFrames && on >= 9 * off;
}

microseconds PtsRelation::spread() const noexcept {
    const auto offset = [](const Pair& pair) { return offset_us(pair.running, pair.utc); };
    const auto [low, high] = std::ranges::minmax(packets_, {}, offset);
    return microseconds(offset(high) - offset(low));
}

bool PtsRelation::steady() const noexcept {
    return packets_.size() >= kEnoughSteady && spread() <= kSteadySpread;
}

std::optional<CaptureTime> PtsRelation::at(GstClockTime running, bool embedded, microseconds frame) const {
    const bool on_frames = falls_on_frames();
    if (packets_.empty() || !(on_frames || (embedded && steady()))) {
        return std::nullopt;
    }
    const auto nearest = std::ranges::min_element(
        packets_, {}, [&](const Pair& pair) { return distance(pair.running, running); });
    const GstClockTime away = distance(nearest->running, running);
    if (away > kReach) {
        return std::nullopt;
    }
    if (away <= kSameInstant || (on_frames && microseconds(away / GST_USECOND) <= frame / 4)) {
        return CaptureTime{nearest->utc, MASTHEAD_TIME_METHOD_KLV, microseconds(0)};
    }
    const Utc utc{static_cast<std::int64_t>(running / 1000) + offset_us(nearest->running, nearest->utc)};
    return CaptureTime{utc, MASTHEAD_TIME_METHOD_KLV, spread() + microseconds(1000)};
}

} // namespace masthead
