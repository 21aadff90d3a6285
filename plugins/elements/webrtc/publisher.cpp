#include "plugins/elements/webrtc/publisher.hpp"

namespace masthead {

namespace {

Ref<GstCaps> wanted_caps(const CheckedOffer& offer) {
    return Ref<GstCaps>::adopt(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, "video", "encoding-name", G_TYPE_STRING, "H264",
        "payload", G_TYPE_INT, static_cast<int>(sdp::number(offer.payload_type, 0, 127).value_or(96)),
        "clock-rate", G_TYPE_INT, 90'000, "packetization-mode", G_TYPE_STRING, "1", "profile-level-id",
        G_TYPE_STRING, offer.profile_level_id.c_str(), "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, TRUE, nullptr));
}

} // namespace

Result<std::unique_ptr<Publisher>> Publisher::create(LoopThread& loop, GstBin* pipeline,
                                                     PublisherSettings settings, PublisherEvents events) {
    std::unique_ptr<Publisher> publisher(new Publisher(std::move(events)));
    if (auto built = publisher->build(loop, pipeline, std::move(settings)); !built) {
        return tl::unexpected(built.error());
    }
    return publisher;
}

Result<void> Publisher::build(LoopThread& loop, GstBin* pipeline, PublisherSettings settings) {
    ConnectionEvents events{
        .candidate = [this](unsigned mline,
                            const std::string& candidate) { answering_->candidate(mline, candidate); },
        .gathered = [this] { answering_->gathered(); },
        .connected =
            [this] {
                open_ = true;
                events_.connected();
            },
        .ended = events_.ended,
    };
    auto connection = PeerConnection::create(loop, {.ice = std::move(settings.ice), .peer = "the publisher"},
                                             std::move(events));
    if (!connection) {
        return tl::unexpected(connection.error());
    }
    connection_ = std::move(*connection);
    webrtc_ = Ref<GstElement>::share(connection_->webrtc());
    g_object_set(webrtc_.get(), "latency", settings.latency_ms, nullptr);
    gst_bin_add(pipeline, webrtc_.get());
    const auto rtp = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(webrtc_.get()), "rtpbin"));
    if (!rtp) {
        return fail(Code::unavailable, "webrtcbin has no rtpbin (gstreamer1.0-plugins-good)");
    }
    // The capture times that the publisher's RTCP gives.
    g_object_set(rtp.get(), "add-reference-timestamp-meta", TRUE, nullptr);
    gst_element_sync_state_with_parent(webrtc_.get());
    GstWebRTCRTPTransceiver* transceiver = nullptr;
    g_signal_emit_by_name(webrtc_.get(), "add-transceiver", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY,
                          wanted_caps(settings.offer).get(), &transceiver);
    if (!transceiver) {
        return fail(Code::unavailable, "webrtcbin gives no transceiver");
    }
    g_object_set(Ref<GObject>::adopt(G_OBJECT(transceiver)).get(), "do-nack",
                 static_cast<gboolean>(settings.offer.rtx_type.has_value()), nullptr);
    pad_handler_ = g_signal_connect(webrtc_.get(), "pad-added", G_CALLBACK(take_pad), this);
    answering_.emplace(*connection_, std::move(settings.offer), events_.answer);
    connection_->start();
    return {};
}

Publisher::~Publisher() {
    if (connection_) {
        connection_->close();
    }
    if (pad_handler_ != 0) {
        g_signal_handler_disconnect(webrtc_.get(), pad_handler_);
    }
}

void Publisher::take_pad(GstElement*, GstPad* pad, gpointer data) {
    auto* self = static_cast<Publisher*>(data);
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) {
        return;
    }
    const auto drop_strangers = +[](GstPad*, GstPadProbeInfo*, gpointer publisher) {
        return static_cast<Publisher*>(publisher)->open_ ? GST_PAD_PROBE_REMOVE : GST_PAD_PROBE_DROP;
    };
    gst_pad_add_probe(
        pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        drop_strangers, self, nullptr);
    self->events_.pad(pad);
}

} // namespace masthead
