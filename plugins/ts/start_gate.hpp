// Keeps from a demuxer, at the start of a stream, what has no time yet.
#pragma once

#include "plugins/ts/pes.hpp"

#include <map>
#include <vector>

namespace masthead::ts {

/// GStreamer's tsdemux aborts the process on a PES packet without PTS that comes before any time it can tell
/// by PCR (tsdemux.c, check_pending_buffers; measured on 1.22, unchanged upstream since). So a stream's PES
/// packets without PTS are held off until one with a PTS within 10 s after the programme's PCR has gone by.
/// Pure; for one programme. Thread: any one at a time.
class StartGate {
  public:
    void watch(Pid pcr_pid, const std::vector<Pid>& streams);
    /// Begins anew: the demuxer forgets what it knew (discontinuity, new tables).
    void close();
    /// Takes every packet of the transport stream, in order; whether it may go on. One that may not and has a
    /// PCR leaves that behind.
    [[nodiscard]] bool admits(const Packet& packet);
    /// The newest one.
    [[nodiscard]] std::optional<Ticks> pcr() const noexcept { return pcr_; }

  private:
    struct Stream {
        bool open = false;
        bool dropping = true; // until the next PES packet starts
    };
    [[nodiscard]] bool is_timed(const PesHeader& header) const noexcept;

    Pid pcr_pid_ = kNullPid;
    std::optional<Ticks> pcr_;
    std::map<Pid, Stream> streams_;
};

} // namespace masthead::ts
