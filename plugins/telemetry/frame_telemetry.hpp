// Telemetry as a frame needs it: the recent packets, and the one local set that was true at an instant.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/klv/local_set.hpp"
#include "plugins/telemetry/track.hpp"

#include <deque>
#include <optional>

namespace masthead {

/// A packet from the KLV pad; `utc` is its item 2, converted.
struct ReceivedPacket {
    klv::LocalSet set;
    Bytes bytes; // as it came
    Utc utc;
    klv::TimeSystem system = klv::TimeSystem::posix;
};

struct FrameKlv {
    Bytes bytes; // whole ST 0601 packet; item 2 is the frame's capture time
    Method method = Method::none;
    StatedError error;
    std::chrono::microseconds age{0}; // of the newest telemetry used; 0 when there is newer
};

/// How a frame's packet is written.
struct WriteRules {
    klv::TimeSystem system = klv::TimeSystem::posix;
    bool footprint = true; // compute where the camera looks when nobody says it
};

/// Thread: any one at a time.
class FrameTelemetry {
  public:
    explicit FrameTelemetry(TrackLimits limits = {}) : limits_(limits), track_(limits) {}

    void add(ReceivedPacket packet);
    /// A packet of just this instant (an embedded one) keeps all its items and, if nothing is to be added,
    /// its bytes. Nothing when there is no telemetry within the limits.
    [[nodiscard]] std::optional<FrameKlv> at(Utc time, std::chrono::microseconds time_error,
                                             std::chrono::microseconds frame_duration,
                                             WriteRules rules) const;
    [[nodiscard]] bool covers(Utc time, std::chrono::microseconds patience) const noexcept {
        return track_.covers(time, patience);
    }
    [[nodiscard]] std::optional<Utc> newest() const noexcept { return track_.newest(); }
    void clear() noexcept;

  private:
    [[nodiscard]] const ReceivedPacket* packet_of(Utc time) const noexcept;

    TrackLimits limits_;
    Track track_;
    std::deque<ReceivedPacket> recent_;
};

} // namespace masthead
