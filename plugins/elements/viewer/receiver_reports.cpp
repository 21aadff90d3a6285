#include "plugins/elements/viewer/receiver_reports.hpp"

#include <algorithm>

namespace masthead {

namespace {

constexpr std::int64_t kSecondsFrom1900 = 2'208'988'800;
constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr double kShortNtpUnitsASecond = 65'536;
constexpr double kMostBelievedSeconds = 30; // a block without a report of ours in it, or a lie

} // namespace

std::uint32_t short_ntp_time(std::int64_t utc_us) noexcept {
    const auto seconds = static_cast<std::uint64_t>(utc_us / kMicroseconds + kSecondsFrom1900);
    const auto fraction = static_cast<std::uint64_t>(utc_us % kMicroseconds) * 65'536 / kMicroseconds;
    return static_cast<std::uint32_t>(seconds << 16 | fraction);
}

void ReceiverReports::take(GstBuffer* rtcp, std::int64_t utc_us) {
    GstRTCPBuffer mapped = GST_RTCP_BUFFER_INIT;
    // Feedback may come in reduced-size packets (RFC 5506): a report stands only in full ones.
    if (!gst_rtcp_buffer_validate_reduced(rtcp) || !gst_rtcp_buffer_map(rtcp, GST_MAP_READ, &mapped)) {
        return;
    }
    GstRTCPPacket packet;
    for (gboolean more = gst_rtcp_buffer_get_first_packet(&mapped, &packet); more;
         more = gst_rtcp_packet_move_to_next(&packet)) {
        const GstRTCPType type = gst_rtcp_packet_get_type(&packet);
        if (type != GST_RTCP_TYPE_RR && type != GST_RTCP_TYPE_SR) {
            continue;
        }
        for (guint i = 0; i < gst_rtcp_packet_get_rb_count(&packet); ++i) {
            take_block(&packet, i, utc_us);
        }
    }
    gst_rtcp_buffer_unmap(&mapped);
}

void ReceiverReports::take_block(GstRTCPPacket* packet, guint index, std::int64_t utc_us) {
    guint32 ssrc = 0;
    guint32 highest = 0;
    guint32 jitter = 0;
    guint32 last_report = 0;
    guint32 delay = 0;
    guint8 fraction = 0;
    gint32 lost = 0;
    gst_rtcp_packet_get_rb(packet, index, &ssrc, &fraction, &lost, &highest, &jitter, &last_report, &delay);
    if (ssrc != ssrc_) {
        return;
    }
    Block block{lost, fraction, highest, std::nullopt};
    if (last_report != 0) {
        const double seconds =
            static_cast<std::int32_t>(short_ntp_time(utc_us) - last_report - delay) / kShortNtpUnitsASecond;
        if (seconds < kMostBelievedSeconds) {
            block.round_trip_ms = std::max(0.0, seconds * 1'000); // the clock was set back
        }
    }
    const std::lock_guard lock(mutex_);
    if (!block.round_trip_ms && latest_) {
        block.round_trip_ms = latest_->round_trip_ms;
    }
    latest_ = block;
}

void ReceiverReports::tell(ViewerFigures& figures) const {
    const std::lock_guard lock(mutex_);
    if (latest_) {
        figures.packets_lost = static_cast<std::uint64_t>(std::max(0, latest_->lost));
        figures.loss = latest_->fraction_lost / 256.0;
        figures.highest_sequence_number = latest_->highest_sequence_number;
        figures.round_trip_ms = latest_->round_trip_ms;
    }
}

} // namespace masthead
