// Where one viewer is in the stream: which frame it gets next, when, and under which RTP timestamp.
//
// All viewers share one payloading, so a viewer that begins with kept frames is behind by their age. Sent at
// once under their own timestamps they would be played at their own speed, and the viewer stayed behind. So
// they are sent kSpeed times as fast as they were made, under timestamps that are just as much closer
// together and meet the live ones where the viewer has caught up: to a receiver it is one stream, of many
// frames a second at first, whose timestamps say what its clock says.
#pragma once

#include "plugins/elements/viewer/kept_frames.hpp"

#include <optional>

namespace masthead {

/// Pure: no clock, no I/O. Thread: one at a time.
class Playhead {
  public:
    using Instant = KeptFrames::Instant;
    static constexpr std::int32_t kSpeed = 5;

    struct Step {
        SharedFrame frame;
        std::uint32_t rtp_timestamp = 0; // what this viewer is to see
    };

    /// The frame to send now, if any; asked again until there is none. `has_room`: the viewer can take one. A
    /// viewer that could not goes on where it stopped, or at a key frame if what it missed is no longer kept.
    [[nodiscard]] std::optional<Step> next(const KeptFrames& kept, Instant now, bool has_room);

    /// When next() has a frame that is kept already, if nothing else holds it up.
    [[nodiscard]] std::optional<Instant> due() const noexcept { return due_; }
    /// What is sent is shown as it is made.
    [[nodiscard]] bool live() const noexcept { return running_ && !held_up_ && !catch_up_; }
    /// It has nothing to begin with: only a key frame helps.
    [[nodiscard]] bool wants_key_frame() const noexcept { return !running_; }
    /// Frames that a viewer which had been receiving did not get.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

  private:
    /// Timestamps from `begin` on are moved; those `ticks` after it have met the live ones.
    struct CatchUp {
        std::uint32_t begin;
        std::int32_t ticks;
        Instant began;
    };

    bool find_place(const KeptFrames& kept, Instant now);
    void catch_up_from(std::uint32_t timestamp, const KeptFrames& kept, Instant now);

    bool running_ = false;
    bool held_up_ = false;
    std::uint64_t next_ = 0;
    std::optional<CatchUp> catch_up_;
    std::optional<Instant> due_;
    std::optional<std::uint32_t> latest_; // timestamp that the viewer has seen
    std::uint64_t dropped_ = 0;
};

} // namespace masthead
