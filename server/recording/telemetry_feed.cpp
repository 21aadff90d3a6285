#include "server/recording/telemetry_feed.hpp"

#include <algorithm>

namespace masthead::recording_tool {

namespace {

using std::chrono::microseconds;

constexpr std::size_t kMostBytes = 512 << 20;
constexpr microseconds kAhead{5'000'000};    // of a frame: to blend with what comes next
constexpr std::size_t kMostAhead = 200;      // packets
constexpr microseconds kHistory{15'000'000}; // more than kAhead and what frames are out of order
constexpr microseconds kStepBack{2'000'000}; // no reordering of frames does that: the clock did
constexpr TrackLimits kLimits{.history = kHistory};

} // namespace

Result<void> TelemetryFeed::add(Utc utc, ByteSpan packet, klv::TimeSystem system) {
    bytes_ += packet.size();
    if (bytes_ > kMostBytes) {
        return fail(Code::too_large, "it has more than 512 MiB of telemetry; import it in parts");
    }
    packets_.push_back({utc, {packet.begin(), packet.end()}, system});
    return {};
}

void TelemetryFeed::begin() {
    std::ranges::stable_sort(packets_, {}, &Packet::utc);
    telemetry_ = FrameTelemetry(kLimits);
}

void TelemetryFeed::feed_next() {
    const Packet& packet = packets_[fed_++];
    if (auto parsed = klv::parse(packet.bytes)) {
        telemetry_.add({std::move(parsed->set), packet.bytes, packet.utc, packet.system});
    }
}

std::optional<FrameKlv> TelemetryFeed::at(Utc time, microseconds time_error, microseconds frame_duration) {
    const bool first = !newest_frame_;
    const bool jumped =
        newest_frame_ && (*newest_frame_ - time > kStepBack || time - *newest_frame_ > kHistory);
    if (first || jumped) {
        telemetry_.clear();
        const auto from = std::ranges::lower_bound(packets_, time - TrackLimits{}.hold_age, {}, &Packet::utc);
        fed_ = passed_ = static_cast<std::size_t>(from - packets_.begin());
        newest_frame_ = time;
    }
    newest_frame_ = std::max(*newest_frame_, time);
    while (passed_ < packets_.size() && packets_[passed_].utc <= *newest_frame_) {
        ++passed_;
    }
    while (fed_ < packets_.size() && fed_ < passed_ + kMostAhead &&
           packets_[fed_].utc <= *newest_frame_ + kAhead) {
        feed_next();
    }
    return telemetry_.at(time, time_error, frame_duration, {});
}

} // namespace masthead::recording_tool
