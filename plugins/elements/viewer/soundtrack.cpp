#include "plugins/elements/viewer/soundtrack.hpp"

#include <gst/rtp/gstrtpbuffer.h>

#include <cstdlib>
#include <utility>

namespace masthead {

namespace {

constexpr std::int64_t kSamplesAMs = 48;
constexpr std::int64_t kTolerance = 40 * kSamplesAMs;

std::int64_t samples(GstClockTime time) {
    return static_cast<std::int64_t>(gst_util_uint64_scale_round(time, kSamplesAMs * 1'000, GST_SECOND));
}

} // namespace

std::uint32_t SoundStamps::stamp(GstClockTime running_time, GstClockTime duration) {
    std::int64_t at = samples(running_time);
    if (expected_ && std::abs(at - *expected_) < kTolerance) {
        at = *expected_;
    }
    expected_.reset();
    if (GST_CLOCK_TIME_IS_VALID(duration)) {
        expected_ = at + samples(duration);
    }
    return first_ + static_cast<std::uint32_t>(at);
}

void Soundtrack::add(SoundPiece piece) {
    if (pieces_.size() >= kMostPieces) {
        pieces_.pop_front();
    }
    pieces_.push_back(std::move(piece));
}

void Soundtrack::picture(GstClockTime running_time, Instant came) {
    picture_came_ = came;
    began_ = came - std::chrono::nanoseconds(running_time);
}

std::optional<SoundPiece> Soundtrack::next(Instant now) {
    due_.reset();
    if (began_ && now - picture_came_ >= KeptFrames::kStandstill) {
        pieces_.clear();
    }
    if (pieces_.empty() || !began_) {
        return std::nullopt;
    }
    const Instant heard = *began_ + std::chrono::nanoseconds(pieces_.front().running_time);
    if (now < heard) {
        due_ = heard;
        return std::nullopt;
    }
    SoundPiece piece = std::move(pieces_.front());
    pieces_.pop_front();
    return piece;
}

Ref<GstBuffer> sound_packet(const SoundPiece& piece, SoundStream& stream) {
    auto packet = Ref<GstBuffer>::adopt(gst_rtp_buffer_new_allocate(0, 0, 0));
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    gst_rtp_buffer_map(packet.get(), GST_MAP_READWRITE, &rtp);
    gst_rtp_buffer_set_ssrc(&rtp, stream.ssrc);
    gst_rtp_buffer_set_payload_type(&rtp, stream.payload_type);
    gst_rtp_buffer_set_seq(&rtp, stream.sequence_number++);
    gst_rtp_buffer_set_timestamp(&rtp, piece.rtp_timestamp);
    gst_rtp_buffer_unmap(&rtp);
    GST_BUFFER_PTS(packet.get()) = piece.running_time;
    return Ref<GstBuffer>::adopt(gst_buffer_append(packet.release(), Ref<GstBuffer>(piece.opus).release()));
}

} // namespace masthead
