#include "plugins/recording/gop_tally.hpp"

#include "plugins/recording/ticks.hpp"

namespace masthead::recording {

namespace {

constexpr ts::Ticks kUsualInterval = 3'000; // 30 frames a second
constexpr std::int64_t kSecondUs = 1'000'000;

/// From `from` on; frames that lead a key frame in decoding order count as none.
ts::Ticks after(ts::Ticks pts, ts::Ticks from) {
    const ts::Ticks ticks = ticks_between(from, pts);
    return ticks < ts::kTicksWrap / 2 ? ticks : 0;
}

} // namespace

void GopTally::take(const FrameFacts& frame, std::string& lines) {
    if (frame.key) {
        finish(frame.offset, lines);
        open_ = Gop{.offset = frame.offset, .pts = frame.pts, .time = frame.time.value_or(Utc{})};
        last_ = 0;
    }
    if (!open_) {
        return;
    }
    const ts::Ticks place = after(frame.pts, open_->pts);
    ++open_->frames;
    open_->with_klv += frame.klv.empty() ? 0 : 1;
    last_ = std::max(last_, place);
    const Utc time = frame.time.value_or(open_->time + duration_of(place));
    note_track(frame, time);
}

void GopTally::note_track(const FrameFacts& frame, Utc time) {
    const std::int64_t second = time.us / kSecondUs;
    if (frame.klv.empty() || second_ == second) {
        return;
    }
    const auto packet = klv::parse(frame.klv);
    if (!packet) {
        return;
    }
    const Sample sample = from_local_set(packet->set, time);
    TrackPoint point{.time = time,
                     .position = {},
                     .heading_deg = sample.heading_deg,
                     .frame_center = sample.frame_center,
                     .footprint = sample.footprint};
    if (sample.latitude_deg && sample.longitude_deg) {
        point.position = {*sample.latitude_deg, *sample.longitude_deg};
    }
    if (point.position || point.frame_center || point.footprint) {
        second_ = second;
        track_ += line_of(point);
    }
}

void GopTally::finish(std::uint64_t offset, std::string& lines) {
    if (!open_) {
        return;
    }
    if (open_->frames > 1) {
        interval_ = last_ / (open_->frames - 1);
    }
    open_->bytes = offset - open_->offset;
    open_->ticks = last_ + (interval_ > 0 ? interval_ : kUsualInterval);
    lines += std::exchange(track_, {}) + line_of(*open_);
    open_.reset();
}

} // namespace masthead::recording
