// When a frame was captured, and how that is known.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/elements/meta/frame_meta.hpp"
#include "plugins/klv/time.hpp"
#include "plugins/telemetry/track.hpp"

#include <gst/gst.h>

#include <chrono>
#include <deque>
#include <optional>

namespace masthead {

struct CaptureTime {
    Utc utc;
    MastheadTimeMethod method = MASTHEAD_TIME_METHOD_NONE;
    std::chrono::microseconds error{0}; // stated bound
    bool locked = true;                 // the source's clock follows absolute time, as far as it says
};

/// What a frame says about itself, before telemetry is asked.
struct FrameTimes {
    GstClockTime running = GST_CLOCK_TIME_NONE; // of its PTS
    std::optional<Utc> arrival;                 // UTC of the running time
    std::optional<klv::SeiTime> sei;
    std::optional<Utc> reference; // from RTCP
    std::chrono::microseconds duration = kUsualFrame;
};

/// What an SEI means by its time: the reading that lies within 10 s of arrival, else of the newest telemetry,
/// else the closer one to arrival.
[[nodiscard]] klv::TimeSystem sei_time_system(klv::MispTime time, std::optional<Utc> arrival,
                                              std::optional<Utc> newest_telemetry) noexcept;

/// Learns how the running time of KLV packets relates to their time stamps. Telemetry that came over a link
/// is stamped when it arrives, which says nothing about frames; so the relation counts only when packets fall
/// on frames' own times, or when they are known to be embedded and keep a steady distance. Thread: any one at
/// a time.
class PtsRelation {
  public:
    void add_packet(GstClockTime running, Utc utc);
    void add_frame(GstClockTime running);
    /// A packet of the frame's own running time gives its time exactly, and where packets fall on frames so
    /// does one within a quarter of `frame`, the time from a frame to the next: tsdemux adjusts its clock at
    /// each PCR, so that two streams' packets of one PTS may come out some milliseconds apart. Others within
    /// 2 s give it by their distance.
    [[nodiscard]] std::optional<CaptureTime> at(GstClockTime running, bool embedded,
                                                std::chrono::microseconds frame = kUsualFrame) const;
    void clear() noexcept { *this = {}; }

  private:
    struct Pair {
        GstClockTime running;
        Utc utc;
        bool on_frame;
    };
    [[nodiscard]] bool falls_on_frames() const noexcept;
    [[nodiscard]] bool steady() const noexcept;
    [[nodiscard]] std::chrono::microseconds spread() const noexcept;

    std::deque<Pair> packets_;
    std::deque<GstClockTime> frames_;
    GstClockTime newest_frame_ = 0;
};

} // namespace masthead
