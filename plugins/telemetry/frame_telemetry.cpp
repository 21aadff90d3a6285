#include "plugins/telemetry/frame_telemetry.hpp"

#include "plugins/telemetry/footprint.hpp"

#include <algorithm>

namespace masthead {

namespace {

using std::chrono::microseconds;

constexpr std::size_t kKept = 512;
constexpr klv::Tag kTimeTag = 2;
constexpr klv::Tag kLeapSecondsTag = 136;
constexpr klv::Tag kCorrectionTag = 137;

/// Adds to `set` what it lacks; returns whether there was anything.
bool fill_in(klv::LocalSet& set, const klv::LocalSet& from) {
    bool added = false;
    for (const klv::Item& item : from.items()) {
        if (item.tag != kTimeTag && !set.has(item.tag)) {
            set.set_raw(item.tag, item.value);
            added = true;
        }
    }
    return added;
}

/// Item 2 in the system to write, and items 136 and 137 so that they say the same.
Result<void> write_time(klv::LocalSet& set, Utc time, klv::TimeSystem system) {
    const klv::MispTime misp = klv::to_misp(time, system);
    set.set_time(misp);
    set.remove(kCorrectionTag);
    if (system == klv::TimeSystem::posix) {
        set.remove(kLeapSecondsTag);
        return {};
    }
    const auto ahead_us = static_cast<std::int64_t>(misp.us) - time.us;
    return set.set_integer(kLeapSecondsTag, -(ahead_us / 1'000'000));
}

} // namespace

void FrameTelemetry::add(ReceivedPacket packet) {
    track_.add(packet.set, packet.utc);
    recent_.push_back(std::move(packet));
    const Utc newest = track_.newest().value_or(recent_.back().utc);
    while (recent_.size() > kKept || (recent_.size() > 1 && newest - recent_.front().utc > limits_.history)) {
        recent_.pop_front();
    }
}

const ReceivedPacket* FrameTelemetry::packet_of(Utc time) const noexcept {
    const ReceivedPacket* best = nullptr;
    microseconds nearest = limits_.exact;
    for (const ReceivedPacket& packet : recent_) {
        const microseconds away = std::chrono::abs(packet.utc - time);
        if (away <= nearest) {
            nearest = away;
            best = &packet;
        }
    }
    return best;
}

std::optional<FrameKlv> FrameTelemetry::at(Utc time, microseconds time_error, microseconds frame_duration,
                                           WriteRules rules) const {
    Match match = track_.at(time, time_error, frame_duration);
    const ReceivedPacket* own = packet_of(time);
    if (match.method == Method::none && !own) {
        return std::nullopt;
    }
    FrameKlv frame{{}, match.method, match.error, std::max(match.age, microseconds(0))};
    klv::LocalSet set = own ? own->set : std::move(match.set);
    bool changed = !own || own->system != rules.system;
    if (own) {
        const bool added = fill_in(set, match.set);
        if (!added) {
            frame = {{}, Method::measured, {}, microseconds(0)};
        }
        changed |= added;
    }
    changed |= rules.footprint && add_footprint(set);
    if (!changed) {
        frame.bytes = own->bytes;
        return frame;
    }
    if (!write_time(set, own ? own->utc : time, rules.system)) {
        return std::nullopt;
    }
    auto bytes = klv::encode(set);
    if (!bytes) {
        return std::nullopt;
    }
    frame.bytes = std::move(*bytes);
    return frame;
}

void FrameTelemetry::clear() noexcept {
    track_.clear();
    recent_.clear();
}

} // namespace masthead
