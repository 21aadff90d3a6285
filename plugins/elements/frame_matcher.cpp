#include "plugins/elements/frame_matcher.hpp"

#include <algorithm>

namespace masthead {

namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kSilent{2};
constexpr microseconds kSeiError{100};
constexpr microseconds kRtcpError{5'000};      // a sender report's own clock mapping, and rounding to 90 kHz
constexpr microseconds kArrivalError{100'000}; // at least; networks and jitter buffers are not known better

} // namespace

Result<void> FrameMatcher::add_packet(ByteSpan bytes, GstClockTime running, Utc now, bool embedded,
                                      const MatchRules& rules) {
    auto packet = klv::parse(bytes);
    if (!packet) {
        return tl::unexpected(packet.error());
    }
    const auto time = packet->set.time();
    if (!time) {
        return fail(Code::not_found, "a packet without item 2 (time stamp) cannot be matched to a frame");
    }
    const bool has_leap_seconds = packet->set.has(136);
    const auto leap_seconds = packet->set.integer(136);
    const std::lock_guard lock(mutex_);
    if (!detected_ || has_leap_seconds) {
        detected_ = klv::detect(*time, has_leap_seconds, now);
    }
    const klv::TimeSystem system = rules.time_system.value_or(*detected_);
    const Utc utc = klv::to_utc(
        *time, system, leap_seconds ? std::optional<int>(static_cast<int>(*leap_seconds)) : std::nullopt,
        packet->set.integer(137).value_or(0));
    if (GST_CLOCK_TIME_IS_VALID(running)) {
        relation_.add_packet(running, utc);
        newest_running_ = std::max(newest_running_.value_or(0), running);
        embedded_ = embedded; // what a link says beside it has no PTS and changes nothing
    }
    telemetry_.add({std::move(packet->set), {bytes.begin(), bytes.end()}, utc, system});
    klv_thread_ = std::this_thread::get_id();
    heard_ = steady_clock::now();
    changed_.notify_all();
    return {};
}

std::optional<CaptureTime> FrameMatcher::capture_time(const FrameTimes& frame,
                                                      const MatchRules& rules) const {
    if (frame.sei) {
        const auto system =
            rules.time_system.value_or(sei_time_system(frame.sei->time, frame.arrival, telemetry_.newest()));
        return CaptureTime{klv::to_utc(frame.sei->time, system), MASTHEAD_TIME_METHOD_SEI, kSeiError,
                           frame.sei->locked};
    }
    if (frame.reference) {
        return CaptureTime{*frame.reference, MASTHEAD_TIME_METHOD_RTCP, kRtcpError};
    }
    if (GST_CLOCK_TIME_IS_VALID(frame.running)) {
        if (const auto known = relation_.at(frame.running, embedded_, frame.duration)) {
            return known;
        }
    }
    if (frame.arrival) {
        return CaptureTime{*frame.arrival - rules.latency, MASTHEAD_TIME_METHOD_ARRIVAL,
                           std::max<microseconds>(kArrivalError, rules.latency)};
    }
    return std::nullopt;
}

bool FrameMatcher::telemetry_may_come(const FrameTimes& frame, const MatchRules& rules) const {
    if (ended_ || flushing_ || klv_thread_ == std::this_thread::get_id() ||
        (heard_ && steady_clock::now() - *heard_ > kSilent)) {
        return false;
    }
    const auto capture = capture_time(frame, rules);
    if (!capture) {
        return false;
    }
    if (capture->method == MASTHEAD_TIME_METHOD_KLV) {
        return newest_running_.value_or(0) < frame.running;
    }
    return !telemetry_.covers(capture->utc, rules.patience);
}

MatchedFrame FrameMatcher::match(const FrameTimes& frame, const MatchRules& rules, Deadline deadline) {
    std::unique_lock lock(mutex_);
    if (!heard_) {
        heard_ = steady_clock::now();
    }
    if (GST_CLOCK_TIME_IS_VALID(frame.running)) {
        relation_.add_frame(frame.running);
    }
    changed_.wait_until(lock, deadline, [&] { return !telemetry_may_come(frame, rules); });
    MatchedFrame matched;
    matched.capture = capture_time(frame, rules);
    if (matched.capture) {
        matched.klv =
            telemetry_.at(matched.capture->utc, matched.capture->error, frame.duration, rules.write);
    }
    return matched;
}

void FrameMatcher::klv_ended(bool ended) {
    const std::lock_guard lock(mutex_);
    ended_ = ended;
    changed_.notify_all();
}

void FrameMatcher::set_flushing(bool flushing) {
    const std::lock_guard lock(mutex_);
    flushing_ = flushing;
    changed_.notify_all();
}

void FrameMatcher::clear_klv() {
    const std::lock_guard lock(mutex_);
    telemetry_.clear();
    relation_.clear();
    detected_.reset();
    newest_running_.reset();
    heard_.reset();
    ended_ = false;
}

void FrameMatcher::clear_frames() {
    const std::lock_guard lock(mutex_);
    relation_.clear();
}

FrameMatcher::Deadline WaitSchedule::deadline(std::chrono::nanoseconds pts, std::chrono::nanoseconds dts,
                                              std::chrono::milliseconds max_wait,
                                              steady_clock::time_point now) {
    const auto start = now - dts;
    if (!start_ || start < *start_) {
        start_ = start;
    } else {
        *start_ += (start - *start_) / 256; // follows a clock that drifts
    }
    return *start_ + pts + max_wait;
}

} // namespace masthead
