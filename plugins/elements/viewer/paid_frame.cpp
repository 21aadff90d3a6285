#include "plugins/elements/viewer/paid_frame.hpp"

#include "plugins/elements/frame_header.hpp"

#include <gst/rtp/gstrtpbuffer.h>

namespace masthead {

namespace {

constexpr std::size_t kMaxKlvBytes =
    60'000; // a data channel message stays well below the SCTP default of 64 KiB

GstStaticPadTemplate packets_template =
    GST_STATIC_PAD_TEMPLATE("packets", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));

Result<std::uint32_t> rtp_timestamp_of(const std::vector<Ref<GstBuffer>>& packets) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (packets.empty() || !gst_rtp_buffer_map(packets.front().get(), GST_MAP_READ, &rtp)) {
        return fail(Code::unsupported, "the payloader made no RTP packets of the frame");
    }
    const guint32 timestamp = gst_rtp_buffer_get_timestamp(&rtp);
    gst_rtp_buffer_unmap(&rtp);
    return timestamp;
}

void describe(const MastheadFrameMeta& meta, PaidFrame& frame) {
    FrameMessageHeader& header = frame.header;
    header = header_of(meta);
    if (meta.klv && g_bytes_get_size(meta.klv) <= kMaxKlvBytes) {
        frame.klv = Ref<GBytes>::share(meta.klv);
        header.klv_bytes = static_cast<std::uint32_t>(g_bytes_get_size(meta.klv));
    } else {
        header.value_method = FrameValueMethod::none;
    }
}

} // namespace

Ref<GBytes> frame_message(const PaidFrame& frame, std::uint32_t rtp_timestamp, std::uint32_t seq) {
    FrameMessageHeader header = frame.header;
    header.rtp_timestamp = rtp_timestamp;
    header.seq = seq;
    Bytes message = encode_header(header);
    if (header.klv_bytes > 0) {
        const auto* klv = static_cast<const std::byte*>(g_bytes_get_data(frame.klv.get(), nullptr));
        message.insert(message.end(), klv, klv + header.klv_bytes);
    }
    return Ref<GBytes>::adopt(g_bytes_new(message.data(), message.size()));
}

Ref<GstBuffer> packet_for(const Ref<GstBuffer>& packet, std::uint32_t rtp_timestamp,
                          std::uint8_t payload_type) {
    auto moved = Ref<GstBuffer>::adopt(gst_buffer_copy(packet.get()));
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (!gst_rtp_buffer_map(moved.get(), GST_MAP_READWRITE, &rtp)) {
        return packet; // the payloader made it: it maps
    }
    const auto ticks = static_cast<std::int32_t>(rtp_timestamp - gst_rtp_buffer_get_timestamp(&rtp));
    gst_rtp_buffer_set_timestamp(&rtp, rtp_timestamp);
    gst_rtp_buffer_set_payload_type(&rtp, payload_type);
    gst_rtp_buffer_unmap(&rtp);
    GST_BUFFER_PTS(moved.get()) += static_cast<GstClockTime>(std::int64_t{ticks} * 100'000 / 9);
    return moved;
}

Result<std::unique_ptr<Payloader>> Payloader::create(std::uint32_t ssrc) {
    auto element = Ref<GstElement>::sink(gst_element_factory_make("rtph264pay", nullptr));
    if (!element) {
        return fail(Code::unavailable,
                    "the GStreamer element rtph264pay is missing (gstreamer1.0-plugins-good)");
    }
    // 1200 bytes leave room for SRTP, UDP and tunnels; parameter sets go with every key frame, for those who
    // join.
    g_object_set(element.get(), "mtu", 1200U, "config-interval", -1, "pt", guint{kPayloadType}, "ssrc", ssrc,
                 nullptr);
    gst_util_set_object_arg(G_OBJECT(element.get()), "aggregate-mode", "zero-latency");
    auto feed = Ref<GstPad>::sink(gst_pad_new("feed", GST_PAD_SRC));
    // A template: a pad without one accepts only the caps that it has, and the stream's caps change.
    auto packets = Ref<GstPad>::sink(gst_pad_new_from_static_template(&packets_template, "packets"));
    return std::unique_ptr<Payloader>(new Payloader(std::move(element), std::move(feed), std::move(packets)));
}

Payloader::Payloader(Ref<GstElement> element, Ref<GstPad> feed, Ref<GstPad> packets)
    : element_(std::move(element)), feed_(std::move(feed)), packets_(std::move(packets)) {
    gst_pad_set_element_private(packets_.get(), this);
    gst_pad_set_chain_function(packets_.get(), take_buffer);
    gst_pad_set_chain_list_function(packets_.get(), take_list);
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "sink"));
    const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "src"));
    gst_pad_link(feed_.get(), sink.get());
    gst_pad_link(src.get(), packets_.get());
    gst_pad_set_active(packets_.get(), TRUE);
    gst_element_set_state(element_.get(), GST_STATE_PLAYING);
    gst_pad_set_active(feed_.get(), TRUE);
    gst_pad_push_event(feed_.get(), gst_event_new_stream_start("viewersink"));
}

Payloader::~Payloader() {
    gst_pad_set_active(feed_.get(), FALSE);
    gst_element_set_state(element_.get(), GST_STATE_NULL);
    gst_pad_set_active(packets_.get(), FALSE);
}

void Payloader::set_caps(GstCaps* caps) {
    gst_pad_push_event(feed_.get(), gst_event_new_caps(caps));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(feed_.get(), gst_event_new_segment(&segment));
}

GstFlowReturn Payloader::take_list(GstPad* pad, GstObject*, GstBufferList* list) {
    auto* self = static_cast<Payloader*>(gst_pad_get_element_private(pad));
    const auto owned = Ref<GstBufferList>::adopt(list);
    for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
        self->collected_.push_back(Ref<GstBuffer>::share(gst_buffer_list_get(list, i)));
    }
    return GST_FLOW_OK;
}

GstFlowReturn Payloader::take_buffer(GstPad* pad, GstObject*, GstBuffer* buffer) {
    auto* self = static_cast<Payloader*>(gst_pad_get_element_private(pad));
    self->collected_.push_back(Ref<GstBuffer>::adopt(buffer));
    return GST_FLOW_OK;
}

Result<PaidFrame> Payloader::pay(Ref<GstBuffer> access_unit) {
    PaidFrame frame;
    frame.key_frame = !GST_BUFFER_FLAG_IS_SET(access_unit.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    const MastheadFrameMeta* meta = masthead_buffer_get_frame_meta(access_unit.get());
    const Ref<GstBuffer> keeps_meta = access_unit;
    const GstFlowReturn flow = gst_pad_push(feed_.get(), access_unit.release());
    frame.packets = std::exchange(collected_, {});
    for (const auto& packet : frame.packets) {
        frame.bytes += gst_buffer_get_size(packet.get());
    }
    if (flow != GST_FLOW_OK) {
        return fail(Code::unsupported,
                    std::string("the H.264 cannot be sent as RTP: ") + gst_flow_get_name(flow));
    }
    const auto timestamp = rtp_timestamp_of(frame.packets);
    if (!timestamp) {
        return tl::unexpected(timestamp.error());
    }
    if (meta) {
        describe(*meta, frame);
    }
    frame.header.rtp_timestamp = *timestamp;
    if (frame.key_frame) {
        frame.header.flags |= kFrameKeyFrame;
    }
    return frame;
}

} // namespace masthead
