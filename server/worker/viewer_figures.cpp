#include "server/worker/viewer_figures.hpp"

#include <cmath>

namespace masthead::worker {

control::ViewerFigures viewer_figures(const std::string& session, const GstStructure& figures) {
    control::ViewerFigures told{.session = session};
    const auto count = [&](const char* name) {
        guint64 value = 0;
        gst_structure_get_uint64(&figures, name, &value);
        return value;
    };
    told.bitrate_bps = count("bitrate-bps");
    told.bytes_sent = count("bytes-sent");
    told.packets_sent = count("packets-sent");
    told.packets_resent = count("packets-resent");
    told.packets_lost = count("packets-lost");
    told.dropped_frames = count("dropped-frames");
    told.key_frame_requests = count("key-frame-requests");
    told.resend_requests = count("resend-requests");
    gdouble number = 0;
    if (gst_structure_get_double(&figures, "loss", &number)) {
        told.loss_permille = static_cast<int>(std::lround(number * 1'000));
    }
    if (gst_structure_get_double(&figures, "round-trip-ms", &number)) {
        told.round_trip_us = static_cast<int>(std::lround(number * 1'000));
    }
    const auto text = [&](const char* name) {
        const gchar* value = gst_structure_get_string(&figures, name);
        return std::string(value ? value : "");
    };
    told.address_kind = text("address-kind");
    told.transport = text("transport");
    return told;
}

} // namespace masthead::worker
