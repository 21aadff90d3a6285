#include "plugins/elements/viewer/playhead.hpp"

#include <algorithm>
#include <utility>

namespace masthead {

namespace {

std::chrono::microseconds duration_of(std::int32_t ticks) {
    return std::chrono::microseconds(std::int64_t{ticks} * 100 / 9);
}

} // namespace

/// False when there is no frame to go on with.
bool Playhead::find_place(const KeptFrames& kept, Instant now) {
    if (running_ && next_ < kept.begin()) {
        running_ = false;
    }
    if (!running_ && kept.begins_with_key_frame() && kept.flows(now)) {
        dropped_ += latest_ ? kept.begin() - next_ : 0;
        next_ = kept.begin();
        running_ = true;
        held_up_ = true;
    }
    return running_ && next_ < kept.end();
}

/// Live is `age` away and goes on, so it is met after age / (speed - 1), when age * speed / (speed - 1) of
/// the stream have been sent.
void Playhead::catch_up_from(std::uint32_t timestamp, const KeptFrames& kept, Instant now) {
    // What is live is estimated, and a late frame sets it back: never behind what the viewer has seen.
    const auto seen = static_cast<std::int32_t>(latest_.value_or(timestamp - 1) + 1 - timestamp);
    const auto age = std::max(static_cast<std::int32_t>(kept.live_timestamp(now) - timestamp), seen);
    catch_up_.reset();
    if (next_ + 1 < kept.end() || seen > 0) {
        catch_up_ = CatchUp{timestamp, age + age / (kSpeed - 1), now};
    }
}

std::optional<Playhead::Step> Playhead::next(const KeptFrames& kept, Instant now, bool has_room) {
    due_.reset();
    if (!find_place(kept, now)) {
        return std::nullopt;
    }
    if (!has_room) {
        held_up_ = true;
        return std::nullopt;
    }
    const SharedFrame& frame = kept.at(next_);
    const std::uint32_t own = frame->header.rtp_timestamp;
    if (std::exchange(held_up_, false)) {
        catch_up_from(own, kept, now);
    }
    std::uint32_t shown = own;
    if (catch_up_) {
        const auto done = static_cast<std::int32_t>(own - catch_up_->begin);
        if (done >= catch_up_->ticks) {
            catch_up_.reset();
        } else {
            const Instant due = catch_up_->began + duration_of(done / kSpeed);
            if (now < due) {
                due_ = due;
                return std::nullopt;
            }
            const std::int32_t left = catch_up_->ticks - done;
            shown = own + static_cast<std::uint32_t>(left - left / kSpeed);
        }
    }
    ++next_;
    latest_ = shown;
    return Step{frame, shown};
}

} // namespace masthead
