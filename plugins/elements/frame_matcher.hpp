// klvsync without its pads: KLV comes in on one thread, frames ask on another and may wait a bounded time.
#pragma once

#include "plugins/elements/capture_time.hpp"
#include "plugins/telemetry/frame_telemetry.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace masthead {

struct MatchRules {
    std::optional<klv::TimeSystem> time_system; // nothing: detected
    std::chrono::milliseconds latency{0};       // capture to arrival, where nothing better is known
    std::chrono::milliseconds patience{0};      // what is due later is not waited for
    WriteRules write;
};

struct MatchedFrame {
    std::optional<CaptureTime> capture;
    std::optional<FrameKlv> klv;
};

/// Thread-safe: one mutex guards everything inside and is never held across a call to the outside.
class FrameMatcher {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

    explicit FrameMatcher(TrackLimits limits) : telemetry_(limits) {}

    /// One whole packet from the KLV pad (called on its thread). `running` of the buffer or none; `embedded`:
    /// the KLV is known to come with the video. Errors: as klv::parse; not_found without item 2.
    Result<void> add_packet(ByteSpan bytes, GstClockTime running, Utc now, bool embedded,
                            const MatchRules& rules);
    /// Waits until `deadline` at most while telemetry of the frame's time may still come: not when the KLV
    /// pad has ended, is silent, is fed by this very thread, or a flush begins.
    [[nodiscard]] MatchedFrame match(const FrameTimes& frame, const MatchRules& rules, Deadline deadline);

    void klv_ended(bool ended);
    /// Ends a wait at once and lets none begin.
    void set_flushing(bool flushing);
    void clear_klv();
    void clear_frames();

  private:
    [[nodiscard]] std::optional<CaptureTime> capture_time(const FrameTimes& frame,
                                                          const MatchRules& rules) const;
    [[nodiscard]] bool telemetry_may_come(const FrameTimes& frame, const MatchRules& rules) const;

    std::mutex mutex_;
    std::condition_variable changed_;
    // Guarded by mutex_:
    FrameTelemetry telemetry_;
    PtsRelation relation_;
    bool embedded_ = false; // the newest packet with a PTS was
    bool ended_ = false;
    bool flushing_ = false;
    std::optional<klv::TimeSystem> detected_;
    std::thread::id klv_thread_;
    std::optional<std::chrono::steady_clock::time_point> heard_; // last packet, at first the first frame
    std::optional<GstClockTime> newest_running_;
};

/// When the wait for a frame ends: the running time of its PTS on the steadiest schedule seen, plus the wait
/// allowed. So frames that queued up behind one that waited do not wait again. Frames arrive by DTS: one that
/// is decoded ahead of its turn (before B-frames) may wait that much longer, as its KLV comes with its turn.
/// Thread: any one at a time.
class WaitSchedule {
  public:
    /// `pts` and `dts` as running times; a DTS may lie before the segment's start.
    [[nodiscard]] FrameMatcher::Deadline deadline(std::chrono::nanoseconds pts, std::chrono::nanoseconds dts,
                                                  std::chrono::milliseconds max_wait,
                                                  std::chrono::steady_clock::time_point now);
    void reset() noexcept { start_.reset(); }

  private:
    std::optional<std::chrono::steady_clock::time_point> start_; // of running time 0
};

} // namespace masthead
