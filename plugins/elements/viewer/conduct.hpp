// Whether a viewer still watches and leaves the machine to others: what its figures say against it.
#pragma once

#include "plugins/elements/viewer/figures.hpp"

#include <chrono>

namespace masthead {

/// Pure: no clock, no I/O. Thread: one at a time.
class Conduct {
  public:
    using Instant = std::chrono::steady_clock::time_point;

    /// Why the viewer must go, or nothing. Asked every few seconds.
    [[nodiscard]] std::optional<std::string> objection(const ViewerFigures& figures, Instant now);

  private:
    struct Look {
        ViewerFigures figures;
        Instant at;
    };
    std::optional<std::string> against_flood(const ViewerFigures& figures, Instant now) const;
    bool has_received_more(const ViewerFigures& figures, const ViewerFigures& before);

    std::optional<Look> last_;
    std::optional<std::uint32_t> highest_; // sequence number that it ever reported
    Instant received_at_;                  // its reports said that more had arrived, or nothing was sent
    Instant message_at_;                   // its data channel took a message, or there was none
};

} // namespace masthead
