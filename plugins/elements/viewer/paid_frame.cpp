#include "plugins/elements/viewer/paid_frame.hpp"

#include <gst/rtp/gstrtpbuffer.h>

#include <bit>

namespace masthead {

namespace {

constexpr std::size_t kHeaderBytes = 48;
constexpr std::size_t kSeqOffset = 8;
constexpr std::size_t kMaxKlvBytes =
    60'000; // a data channel message stays well below the SCTP default of 64 KiB

Result<std::uint32_t> rtp_timestamp_of(const std::vector<Ref<GstBuffer>>& packets) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (packets.empty() || !gst_rtp_buffer_map(packets.front().get(), GST_MAP_READ, &rtp)) {
        return fail(Code::unsupported, "the payloader made no RTP packets of the frame");
    }
    const guint32 timestamp = gst_rtp_buffer_get_timestamp(&rtp);
    gst_rtp_buffer_unmap(&rtp);
    return timestamp;
}

} // namespace

Bytes frame_message(const MastheadFrameMeta* meta, std::uint32_t rtp_timestamp, bool key_frame) {
    const MastheadFrameMeta nothing{};
    const MastheadFrameMeta& from = meta ? *meta : nothing;
    gsize klv_bytes = 0;
    const auto* klv =
        from.klv ? static_cast<const std::byte*>(g_bytes_get_data(from.klv, &klv_bytes)) : nullptr;
    if (klv_bytes > kMaxKlvBytes) {
        klv_bytes = 0;
    }
    ByteWriter out;
    out.u8(1);
    out.u8(from.time_method);
    out.u8(klv_bytes > 0 ? from.value_method : 0);
    out.u8(static_cast<std::uint8_t>((from.flags & ~1U) | (key_frame ? 1U : 0U)));
    out.uint_be(rtp_timestamp, 4);
    out.uint_be(0, 4);
    out.uint_be(from.utc_us, 8);
    out.uint_be(from.time_error_us, 4);
    out.uint_be(from.age_ms, 4);
    for (const float error :
         {from.position_error_m, from.altitude_error_m, from.angle_error_deg, from.speed_error_mps}) {
        out.uint_be(std::bit_cast<std::uint32_t>(error), 4);
    }
    out.uint_be(klv_bytes, 4);
    out.append({klv, klv_bytes});
    return out.release();
}

Ref<GBytes> numbered(const Bytes& message, std::uint32_t seq) {
    static_assert(kSeqOffset + 4 <= kHeaderBytes);
    auto* copy = static_cast<guint8*>(g_memdup2(message.data(), message.size()));
    GST_WRITE_UINT32_BE(copy + kSeqOffset, seq);
    return Ref<GBytes>::adopt(g_bytes_new_take(copy, message.size()));
}

Result<std::unique_ptr<Payloader>> Payloader::create(std::uint32_t ssrc) {
    auto element = Ref<GstElement>::sink(gst_element_factory_make("rtph264pay", nullptr));
    if (!element) {
        return fail(Code::unavailable,
                    "the GStreamer element rtph264pay is missing (gstreamer1.0-plugins-good)");
    }
    // 1200 bytes leave room for SRTP, UDP and tunnels; parameter sets go with every key frame, for those who
    // join.
    g_object_set(element.get(), "mtu", 1200U, "config-interval", -1, "pt", kPayloadType, "ssrc", ssrc,
                 nullptr);
    gst_util_set_object_arg(G_OBJECT(element.get()), "aggregate-mode", "zero-latency");
    auto feed = Ref<GstPad>::sink(gst_pad_new("feed", GST_PAD_SRC));
    auto packets = Ref<GstPad>::sink(gst_pad_new("packets", GST_PAD_SINK));
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
    if (flow != GST_FLOW_OK) {
        return fail(Code::unsupported,
                    std::string("the H.264 cannot be sent as RTP: ") + gst_flow_get_name(flow));
    }
    const auto timestamp = rtp_timestamp_of(frame.packets);
    if (!timestamp) {
        return tl::unexpected(timestamp.error());
    }
    frame.message = frame_message(meta, *timestamp, frame.key_frame);
    return frame;
}

} // namespace masthead
