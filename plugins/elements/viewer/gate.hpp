// Which frames one viewer gets: from a key frame on, and after a frame that it could not take, from the next
// key frame.
#pragma once

#include <cstdint>

namespace masthead {

class Gate {
  public:
    enum class Verdict { send, skip, overflow };

    /// `has_room`: the viewer's queue can take the frame. overflow: the first frame of a gap that the viewer
    /// caused.
    [[nodiscard]] Verdict admit(bool key_frame, bool has_room) noexcept {
        const bool was_open = open_;
        open_ = (was_open || key_frame) && has_room;
        if (open_) {
            behind_ = false;
            return Verdict::send;
        }
        if (was_open || behind_) {
            ++dropped_;
            behind_ = true;
        }
        return was_open ? Verdict::overflow : Verdict::skip;
    }

    /// Frames were lost before they came here: what follows cannot be decoded until the next key frame.
    void close() noexcept { open_ = false; }

    /// Frames that a viewer which had been receiving did not get because its queue was full.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

  private:
    bool open_ = false;
    bool behind_ = false;
    std::uint64_t dropped_ = 0;
};

} // namespace masthead
