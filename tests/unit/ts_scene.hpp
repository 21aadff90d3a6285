// Real video with KLV in MPEG-TS for tests: every frame and every packet can be told from all others.
#pragma once

#include "tests/unit/elements_harness.hpp"
#include "tests/unit/ts_writer.hpp"
#include "tests/unit/vehicle_camera.hpp"

#include <fstream>
#include <functional>

namespace masthead::test {

inline constexpr int kSceneFrames = 150; // 6 s at 25 frames a second

/// H.264 access units, no two alike, a key frame each 10.
inline const std::vector<Bytes>& scene() {
    static const std::vector<Bytes> frames = [] {
        const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(
            ("videotestsrc pattern=snow num-buffers=" + std::to_string(kSceneFrames) +
             " ! video/x-raw,width=64,height=48,framerate=25/1 ! x264enc tune=zerolatency "
             "speed-preset=ultrafast "
             "pass=quant quantizer=38 key-int-max=10 ! video/x-h264,stream-format=byte-stream,alignment=au ! "
             "appsink name=end sync=false")
                .c_str(),
            nullptr));
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
        const auto end = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "end"));
        std::vector<Bytes> all;
        while (true) {
            GstSample* raw = nullptr;
            g_signal_emit_by_name(end.get(), "pull-sample", &raw);
            const auto sample = Ref<GstSample>::adopt(raw);
            if (!sample) {
                break;
            }
            all.push_back(bytes_of(gst_sample_get_buffer(sample.get())));
        }
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
        return all;
    }();
    return frames;
}

/// Which frame of the scene an access unit is, whatever a parser put before its slices; -1: none.
inline int frame_number(ByteSpan unit) {
    static const std::map<std::string, int> known = [] {
        std::map<std::string, int> tails;
        for (int i = 0; i < kSceneFrames; ++i) {
            tails[to_hex(ByteSpan(scene()[static_cast<std::size_t>(i)]).last(32))] = i;
        }
        return tails;
    }();
    const auto found = known.find(unit.size() < 32 ? "" : to_hex(unit.last(32)));
    return found == known.end() ? -1 : found->second;
}

inline constexpr Utc kSceneStart{1'795'350'896'000'000};
inline Bytes scene_packet(int number) {
    return packet_at(kSceneStart + std::chrono::milliseconds(40 * number));
}
/// The number of the frame that a packet belongs to; -1: it is none of ours, byte for byte.
inline int packet_number(ByteSpan packet) {
    static const std::map<std::string, int> known = [] {
        std::map<std::string, int> all;
        for (int i = 0; i < kSceneFrames; ++i) {
            all[to_hex(scene_packet(i))] = i;
        }
        return all;
    }();
    const auto found = known.find(to_hex(packet));
    return found == known.end() ? -1 : found->second;
}

/// How the scene becomes a transport stream.
struct SceneOptions {
    std::vector<TsStream> klv{synchronous_klv()};
    /// Writes the KLV of one frame.
    std::function<void(TsWriter&, int number, std::uint64_t pts)> write_klv = [](TsWriter& out, int number,
                                                                                 std::uint64_t pts) {
        out.pes(kKlvPid, cell(scene_packet(number), 3, static_cast<std::uint8_t>(number)),
                {.stream_id = 0xFC, .pts = pts});
    };
    bool klv_first = false; // before its frame, as mpegtsmux does
    /// On the sender's clock, of each frame.
    std::function<std::uint64_t(int number)> pts = [](int number) {
        return 900'000 + static_cast<std::uint64_t>(number) * kFrameTicks;
    };
};

inline constexpr std::uint64_t kMuxDelay = 9000; // PTS before PCR

/// The bytes of each frame with its KLV; tables each 10 frames.
inline std::vector<Bytes> scene_as_ts(const SceneOptions& options = {}) {
    std::vector<TsStream> streams{h264_stream()};
    streams.insert(streams.end(), options.klv.begin(), options.klv.end());
    TsWriter out;
    std::vector<Bytes> parts;
    for (int i = 0; i < kSceneFrames; ++i) {
        if (i % 10 == 0) {
            out.tables(streams);
        }
        const std::uint64_t pts = options.pts(i);
        if (options.klv_first) {
            options.write_klv(out, i, pts);
        }
        out.pes(kVideoPid, scene()[static_cast<std::size_t>(i)],
                {.pts = pts, .pcr = pts - kMuxDelay, .sized = false});
        if (!options.klv_first) {
            options.write_klv(out, i, pts);
        }
        parts.push_back(out.take());
    }
    return parts;
}

inline std::filesystem::path file_of(const std::vector<Bytes>& parts) {
    const auto file = temporary("scene.ts");
    std::ofstream out(file, std::ios::binary);
    for (const Bytes& part : parts) {
        out.write(as_text(part).data(), static_cast<std::streamsize>(part.size()));
    }
    return file;
}

inline std::filesystem::path recording_of(const SceneOptions& options) {
    return file_of(scene_as_ts(options));
}

/// Sends parts, one each 40 ms, through an element that takes MPEG-TS: a camera, from construction to
/// destruction.
class TsSender {
  public:
    TsSender(const std::vector<Bytes>& parts, const std::string& sink) {
        pipeline_ =
            Ref<GstElement>::sink(gst_parse_launch(("appsrc name=begin format=time max-bytes=0 "
                                                    "caps=video/mpegts,systemstream=true,packetsize=188 ! " +
                                                    sink)
                                                       .c_str(),
                                                   nullptr));
        const auto begin = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "begin"));
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
        GstClockTime pts = 0;
        for (const Bytes& part : parts) {
            constexpr std::size_t kDatagram = 7 * 188;
            for (std::size_t at = 0; at < part.size(); at += kDatagram) {
                auto buffer = make_buffer(ByteSpan(part).subspan(at, std::min(kDatagram, part.size() - at)));
                GST_BUFFER_PTS(buffer.get()) = pts;
                GstFlowReturn flow = GST_FLOW_OK;
                g_signal_emit_by_name(begin.get(), "push-buffer", buffer.get(), &flow);
            }
            pts += 40 * GST_MSECOND;
        }
    }
    ~TsSender() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    TsSender(const TsSender&) = delete;
    TsSender& operator=(const TsSender&) = delete;

    /// Nothing is sent any more, and nothing is closed.
    void fall_silent() { gst_element_set_state(pipeline_.get(), GST_STATE_PAUSED); }

  private:
    Ref<GstElement> pipeline_;
};

inline int free_udp_port() {
    const auto socket = Ref<GSocket>::adopt(
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, nullptr));
    const auto loopback = Ref<GInetAddress>::adopt(g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4));
    const auto any = Ref<GSocketAddress>::adopt(g_inet_socket_address_new(loopback.get(), 0));
    EXPECT_TRUE(g_socket_bind(socket.get(), any.get(), FALSE, nullptr));
    const auto bound = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket.get(), nullptr));
    return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get()));
}

/// Every packet came once at most and whole, at the very PTS of its frame (to `slack`); how many did.
inline int packets_on_their_frames(const Camera::Streams& came, GstClockTime slack = 0) {
    std::map<int, GstClockTime> frames;
    for (const Came& frame : came.video) {
        const int number = frame_number(frame.bytes);
        EXPECT_GE(number, 0) << "a frame that was never sent";
        EXPECT_TRUE(frames.emplace(number, frame.pts).second) << "frame " << number << " came twice";
    }
    std::map<int, int> times;
    int right = 0;
    for (const Came& packet : came.klv) {
        const int number = packet_number(packet.bytes);
        EXPECT_GE(number, 0) << "a packet that was never sent: " << to_hex(packet.bytes);
        EXPECT_EQ(++times[number], 1) << "packet " << number << " came twice";
        if (const auto frame = frames.find(number); frame != frames.end()) {
            if (GST_CLOCK_TIME_IS_VALID(frame->second) != GST_CLOCK_TIME_IS_VALID(packet.pts)) {
                ADD_FAILURE() << "packet " << number << " or its frame has no PTS";
                continue;
            }
            const auto away = GST_CLOCK_DIFF(frame->second, packet.pts);
            EXPECT_LE(static_cast<GstClockTime>(std::abs(away)), slack)
                << "packet " << number << " is " << away << " ns from its frame";
            ++right;
        }
    }
    return right;
}

} // namespace masthead::test
