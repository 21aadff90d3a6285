// A video frame made ready once for all viewers: its RTP packets and its frame message.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "plugins/bytes/result.hpp"
#include "plugins/elements/meta/frame_meta.hpp"
#include "plugins/glib/ref.hpp"
#include "plugins/klv/frame_message.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace masthead {

inline constexpr std::uint8_t kPayloadType = 96;
inline constexpr std::uint8_t kSoundPayloadType = 111;

struct PaidFrame {
    std::vector<Ref<GstBuffer>> packets; // RTP, in order; PTS: running time
    FrameMessageHeader header;           // seq is left 0
    Ref<GBytes> klv;                     // header.klv_bytes of it, or empty
    std::size_t bytes = 0;               // of all packets
    std::uint64_t number = 0;            // of the stream, +1 for each frame; set by the audience
    bool key_frame = false;
};
using SharedFrame = std::shared_ptr<const PaidFrame>;

/// The frame message (schema/frame_message.json) with a viewer's own sequence number and timestamp.
[[nodiscard]] Ref<GBytes> frame_message(const PaidFrame& frame, std::uint32_t rtp_timestamp,
                                        std::uint32_t seq);

/// The packet with a viewer's own RTP timestamp, its PTS moved by as much, and payload type; shares the
/// payload's memory.
[[nodiscard]] Ref<GstBuffer> packet_for(const Ref<GstBuffer>& packet, std::uint32_t rtp_timestamp,
                                        std::uint8_t payload_type);

/// H.264 access units to RTP (RFC 6184, packetization mode 1) in the caller's thread: GStreamer's payloader
/// without a pipeline around it, so that a frame's packets are at hand when the call returns. Thread: any one
/// at a time.
class Payloader {
  public:
    /// Error: unavailable when the element is not installed.
    [[nodiscard]] static Result<std::unique_ptr<Payloader>> create(std::uint32_t ssrc);
    ~Payloader();
    Payloader(const Payloader&) = delete;
    Payloader& operator=(const Payloader&) = delete;

    /// video/x-h264, byte-stream, au. May be called again when the stream changes.
    void set_caps(GstCaps* caps);
    /// One access unit whose PTS is its running time. Error: unsupported when the payloader gives no packets.
    [[nodiscard]] Result<PaidFrame> pay(Ref<GstBuffer> access_unit);

  private:
    Payloader(Ref<GstElement> element, Ref<GstPad> feed, Ref<GstPad> packets);
    static GstFlowReturn take_list(GstPad* pad, GstObject* parent, GstBufferList* list);
    static GstFlowReturn take_buffer(GstPad* pad, GstObject* parent, GstBuffer* buffer);

    Ref<GstElement> element_;
    Ref<GstPad> feed_;
    Ref<GstPad> packets_;
    std::vector<Ref<GstBuffer>> collected_;
};

} // namespace masthead
