#include "plugins/elements/viewer/figures.hpp"

#define GST_USE_UNSTABLE_API
#include <gst/webrtc/webrtc.h>

namespace masthead {

namespace {

template <typename T>
T number(const GstStructure* from, const char* field, GType type) {
    T value{};
    gst_structure_get(from, field, type, &value, nullptr);
    return value;
}

std::string text(const GstStructure* from, const char* field) {
    const gchar* value = gst_structure_get_string(from, field);
    return value ? value : "";
}

const GstStructure* part(const GstStructure* from, const char* field) {
    const GValue* value = gst_structure_get_value(from, field);
    return value && GST_VALUE_HOLDS_STRUCTURE(value) ? gst_value_get_structure(value) : nullptr;
}

void add_sent(const GstStructure* sent, ViewerFigures& figures) {
    figures.bytes_sent += number<guint64>(sent, "bytes-sent", G_TYPE_UINT64);
    figures.packets_sent += number<guint64>(sent, "packets-sent", G_TYPE_UINT64);
    figures.key_frame_requests +=
        number<guint>(sent, "pli-count", G_TYPE_UINT) + number<guint>(sent, "fir-count", G_TYPE_UINT);
    figures.resend_requests += number<guint>(sent, "nack-count", G_TYPE_UINT);
}

/// webrtcbin 1.22 calls the remote candidate local in its type; the pair names the right one.
void add_path(const GstStructure* pair, const GstStructure* stats, ViewerFigures& figures) {
    if (const GstStructure* remote = part(stats, text(pair, "remote-candidate-id").c_str())) {
        figures.address_kind = text(remote, "candidate-type");
        figures.transport = text(remote, "protocol");
    }
}

} // namespace

ViewerFigures figures_of(const GstStructure* webrtc_stats) {
    ViewerFigures figures;
    for (gint i = 0; i < gst_structure_n_fields(webrtc_stats); ++i) {
        const auto index = static_cast<guint>(i);
        const GstStructure* one = part(webrtc_stats, gst_structure_nth_field_name(webrtc_stats, index));
        GstWebRTCStatsType type{};
        if (!one || !gst_structure_get(one, "type", GST_TYPE_WEBRTC_STATS_TYPE, &type, nullptr)) {
            continue;
        }
        if (type == GST_WEBRTC_STATS_OUTBOUND_RTP) {
            add_sent(one, figures);
        } else if (type == GST_WEBRTC_STATS_CANDIDATE_PAIR) {
            add_path(one, webrtc_stats, figures);
        }
    }
    return figures;
}

Owned<GstStructure> to_structure(const ViewerFigures& figures) {
    Owned<GstStructure> told(gst_structure_new(
        "viewer-figures", "bytes-sent", G_TYPE_UINT64, figures.bytes_sent, "packets-sent", G_TYPE_UINT64,
        figures.packets_sent, "bitrate-bps", G_TYPE_UINT64, figures.bitrate_bps, "packets-resent",
        G_TYPE_UINT64, figures.packets_resent, "packets-lost", G_TYPE_UINT64, figures.packets_lost, "loss",
        G_TYPE_DOUBLE, figures.loss, "key-frame-requests", G_TYPE_UINT64, guint64{figures.key_frame_requests},
        "resend-requests", G_TYPE_UINT64, guint64{figures.resend_requests}, "dropped-frames", G_TYPE_UINT64,
        figures.dropped_frames, "dropped-messages", G_TYPE_UINT64, figures.messages_dropped, "address-kind",
        G_TYPE_STRING, figures.address_kind.c_str(), "transport", G_TYPE_STRING, figures.transport.c_str(),
        nullptr));
    if (figures.round_trip_ms) {
        gst_structure_set(told.get(), "round-trip-ms", G_TYPE_DOUBLE, *figures.round_trip_ms, nullptr);
    }
    return told;
}

} // namespace masthead
