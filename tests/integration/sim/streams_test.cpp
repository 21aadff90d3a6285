// The cameras' streams as a receiver sees them: the time in the SEI, in the KLV and in the picture is one and
// the same.
#include "plugins/elements/nal.hpp"
#include "plugins/glib/buffer.hpp"
#include "simulator/rtsp_camera.hpp"
#include "simulator/ts_camera.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

namespace masthead::sim {
namespace {

constexpr GstClockTime kWait = 30 * GST_SECOND;

/// What a receiver learned of one frame.
struct Seen {
    std::optional<Utc> sei;
    std::optional<Barcode> barcode;
    std::optional<klv::LocalSet> klv;
};
using Frames = std::map<GstClockTime, Seen>; // by PTS

struct Receiver {
    Ref<GstElement> pipeline;

    explicit Receiver(const std::string& launch) {
        GError* error = nullptr;
        pipeline = Ref<GstElement>::sink(gst_parse_launch(launch.c_str(), &error));
        EXPECT_EQ(error, nullptr) << (error ? error->message : "");
    }
    ~Receiver() { gst_element_set_state(pipeline.get(), GST_STATE_NULL); }
    void play() const { gst_element_set_state(pipeline.get(), GST_STATE_PLAYING); }
    [[nodiscard]] Ref<GstElement> element(const char* name) const {
        return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
    }
};

Ref<GstSample> pull(const Ref<GstElement>& sink) {
    return Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), kWait));
}

/// Pulls access units, from the first key frame on.
std::vector<Ref<GstBuffer>> pull_access_units(const Ref<GstElement>& sink, std::size_t count) {
    std::vector<Ref<GstBuffer>> units;
    while (units.size() < count) {
        const auto sample = pull(sink);
        if (!sample) {
            ADD_FAILURE() << "no access unit came";
            break;
        }
        GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        if (!units.empty() || !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT)) {
            units.push_back(Ref<GstBuffer>::share(buffer));
        }
    }
    return units;
}

struct Shown {
    GstClockTime pts;
    std::optional<Barcode> barcode;
};

/// The blocks of the decoded pictures, in the order of showing.
std::vector<Shown> decode(const std::vector<Ref<GstBuffer>>& units, int cell_px) {
    std::vector<Shown> pictures;
    const Receiver decoder(
        "appsrc name=in format=time caps=video/x-h264,stream-format=byte-stream,alignment=au ! h264parse ! "
        "avdec_h264 ! videoconvert ! video/x-raw,format=I420 ! appsink name=out sync=false");
    decoder.play();
    const auto in = decoder.element("in"), out = decoder.element("out");
    for (const auto& unit : units) {
        gst_app_src_push_buffer(GST_APP_SRC(in.get()), Ref(unit).release());
    }
    gst_app_src_end_of_stream(GST_APP_SRC(in.get()));
    while (const auto sample = pull(out)) {
        GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        int width = 0, height = 0;
        const GstStructure* caps = gst_caps_get_structure(gst_sample_get_caps(sample.get()), 0);
        gst_structure_get_int(caps, "width", &width);
        gst_structure_get_int(caps, "height", &height);
        const BufferMap map(buffer);
        const auto* luma = reinterpret_cast<const std::uint8_t*>(map.bytes().data());
        pictures.push_back({GST_BUFFER_PTS(buffer),
                            read_barcode({{luma, map.bytes().size()}, width, height, width}, cell_px)});
    }
    return pictures;
}

std::optional<Utc> sei_time(const Ref<GstBuffer>& unit) {
    const BufferMap map(unit.get());
    const auto time = nal::find_misp_time(map.bytes(), {});
    return time ? std::optional(klv::to_utc(time->time, klv::TimeSystem::posix)) : std::nullopt;
}

Frames by_pts(const std::vector<Ref<GstBuffer>>& units, int cell_px) {
    Frames frames;
    for (const auto& unit : units) {
        frames[GST_BUFFER_PTS(unit.get())].sei = sei_time(unit);
    }
    for (const Shown& shown : decode(units, cell_px)) {
        frames[shown.pts].barcode = shown.barcode;
    }
    return frames;
}

CameraScene scene(Kind kind, const VideoOptions& video) {
    const double aspect = static_cast<double>(video.width) / video.height;
    auto drone = std::make_shared<Vehicle>(drone_shape(aspect), Place{}, drone_mission(Figure::lanes),
                                           limits_of(Kind::drone));
    auto vessel =
        std::make_shared<Vehicle>(vessel_shape(aspect), Place{}, vessel_mission(), limits_of(Kind::vessel));
    return {kind == Kind::drone ? drone : vessel, kind == Kind::drone ? vessel : nullptr, video,
            SimClock::starting_at(utc_now(), 1)};
}

/// Item 7 of the VMTI set in item 74.
std::optional<std::uint32_t> vmti_frame(const klv::LocalSet& set) {
    const klv::Item* item = set.find(74);
    const ByteSpan bytes = item ? ByteSpan(item->value) : ByteSpan();
    if (bytes.size() != 8 || bytes[3] != std::byte{7} || bytes[4] != std::byte{3}) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(ByteReader(bytes.subspan(5)).uint_be(3).value());
}

void expect_whole_frames(const Frames& frames, std::size_t count) {
    EXPECT_EQ(frames.size(), count);
    std::optional<std::uint32_t> before;
    for (const auto& [pts, frame] : frames) {
        ASSERT_TRUE(frame.sei && frame.barcode) << "frame at " << pts;
        EXPECT_EQ(*frame.sei, frame.barcode->time);
        EXPECT_TRUE(!before || frame.barcode->frame > *before) << "frame numbers go back";
        before = frame.barcode->frame;
    }
}

/// Links the demuxer's pads as they come. tsdemux 1.26 takes the KLV's away and gives another when the
/// program turns out to have more streams: its end is not the metadata's.
void take_streams(const Receiver& receiver) {
    const auto link = +[](GstElement* demuxer, GstPad* pad, gpointer) {
        const auto caps = Ref<GstCaps>::adopt(gst_pad_query_caps(pad, nullptr));
        const bool klv = gst_structure_has_name(gst_caps_get_structure(caps.get(), 0), "meta/x-klv");
        const auto bin = Ref<GstObject>::adopt(gst_element_get_parent(demuxer));
        const auto next =
            Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), klv ? "metadata" : "h264"));
        const auto entry = Ref<GstPad>::adopt(gst_element_get_static_pad(next.get(), "sink"));
        if (const auto before = Ref<GstPad>::adopt(gst_pad_get_peer(entry.get()))) {
            gst_pad_unlink(before.get(), entry.get());
        }
        EXPECT_EQ(gst_pad_link(pad, entry.get()), GST_PAD_LINK_OK);
    };
    g_signal_connect(receiver.element("demux").get(), "pad-added", G_CALLBACK(link), nullptr);
    const auto drop_end = +[](GstPad*, GstPadProbeInfo* info, gpointer) {
        return GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS ? GST_PAD_PROBE_DROP
                                                                               : GST_PAD_PROBE_OK;
    };
    const auto entry =
        Ref<GstPad>::adopt(gst_element_get_static_pad(receiver.element("metadata").get(), "sink"));
    gst_pad_add_probe(entry.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, drop_end, nullptr, nullptr);
}

/// tsdemux sets its clock at each PCR, also between the two packets of one PTS: the KLV of a frame may come
/// out some milliseconds beside it.
Frames::iterator frame_at(Frames& frames, GstClockTime pts) {
    constexpr GstClockTime kNear = 8 * GST_MSECOND;
    const auto frame = frames.lower_bound(pts < kNear ? 0 : pts - kNear);
    return frame == frames.end() || frame->first > pts + kNear ? frames.end() : frame;
}

class TsStream : public testing::TestWithParam<VideoOptions> {};
INSTANTIATE_TEST_SUITE_P(
    Sim, TsStream,
    testing::Values(VideoOptions{},
                    VideoOptions{.rate_num = 30000, .rate_den = 1001, .bitrate_kbps = 250, .profile = "main"},
                    VideoOptions{.width = 320,
                                 .height = 240,
                                 .rate_num = 10,
                                 .bitrate_kbps = 100,
                                 .profile = "high",
                                 .cell_px = 6}));

TEST_P(TsStream, CarriesOneTimeInSeiKlvAndPicture) {
    constexpr std::size_t kFrames = 60;
    const Receiver receiver(
        "udpsrc name=src address=127.0.0.1 port=0 buffer-size=2000000 caps=video/mpegts ! tsdemux name=demux "
        "h264parse name=h264 ! video/x-h264,stream-format=byte-stream,alignment=au ! queue ! appsink "
        "name=video sync=false async=false "
        "queue name=metadata ! appsink name=klv sync=false async=false");
    take_streams(receiver);
    receiver.play();
    gint port = 0;
    g_object_get(receiver.element("src").get(), "port", &port, nullptr);
    const CameraScene filmed = scene(Kind::vessel, GetParam());
    const auto camera =
        TsCamera::create({.port = port}, filmed, [](const Error& error) { ADD_FAILURE() << error.message; });
    ASSERT_TRUE(camera) << camera.error().message;

    Frames frames = by_pts(pull_access_units(receiver.element("video"), kFrames), GetParam().cell_px);
    const GstClockTime last = frames.empty() ? 0 : frames.rbegin()->first;
    const auto klv_sink = receiver.element("klv");
    for (GstClockTime pts = 0; pts < last;) {
        const auto sample = pull(klv_sink);
        ASSERT_TRUE(sample);
        GstBuffer* buffer = gst_sample_get_buffer(sample.get());
        pts = GST_BUFFER_PTS(buffer);
        if (const auto frame = frame_at(frames, pts); frame != frames.end()) {
            const BufferMap map(buffer);
            const auto packet = klv::parse(map.bytes());
            ASSERT_TRUE(packet) << packet.error().message;
            EXPECT_FALSE(packet->flaws.any());
            frame->second.klv = packet->set;
        }
    }
    expect_whole_frames(frames, kFrames);
    for (const auto& [pts, frame] : frames) {
        ASSERT_TRUE(frame.klv) << "no KLV has the PTS of the frame at " << pts - frames.begin()->first
                               << " ns";
        EXPECT_EQ(klv::to_utc(*frame.klv->time(), klv::TimeSystem::posix), frame.barcode->time);
        EXPECT_EQ(vmti_frame(*frame.klv), frame.barcode->frame);
        const Sample truth = filmed.self->at(frame.barcode->time).sample;
        EXPECT_NEAR(*frame.klv->number(13), *truth.latitude_deg, 1e-7);
        EXPECT_NEAR(*frame.klv->number(91), *truth.roll_deg, 1e-4);
    }
}

/// Runs the default main context in a thread of its own.
class ServingLoop {
  public:
    ~ServingLoop() {
        g_main_loop_quit(loop_.get());
        thread_.join();
    }

  private:
    Owned<GMainLoop> loop_{g_main_loop_new(nullptr, FALSE)};
    std::thread thread_{[this] { g_main_loop_run(loop_.get()); }};
};

class RtspStream : public testing::TestWithParam<VideoOptions> {};
INSTANTIATE_TEST_SUITE_P(
    Sim, RtspStream,
    testing::Values(VideoOptions{}, VideoOptions{.bitrate_kbps = 200, .b_frames = 2, .profile = "high"}));

TEST_P(RtspStream, CarriesOneTimeInSeiAndPictureAndServesAgain) {
    constexpr std::size_t kFrames = 45;
    auto camera = RtspCamera::create({.port = 0}, scene(Kind::drone, GetParam()));
    ASSERT_TRUE(camera) << camera.error().message;
    const ServingLoop serving;
    std::uint32_t next_frame = 0;
    for (int round = 0; round < 2; ++round) {
        const Receiver receiver(
            "rtspsrc protocols=tcp latency=0 location=rtsp://127.0.0.1:" + std::to_string(camera->port()) +
            "/camera ! rtph264depay ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au ! "
            "appsink name=video sync=false");
        receiver.play();
        const auto units = pull_access_units(receiver.element("video"), kFrames);
        std::vector<Utc> times;
        for (const auto& unit : units) {
            const auto time = sei_time(unit);
            ASSERT_TRUE(time) << "an access unit has no MISP time";
            times.push_back(*time);
        }
        std::sort(times.begin(), times.end()); // pictures are shown in the order in which they were taken
        const auto pictures = decode(units, GetParam().cell_px);
        ASSERT_EQ(pictures.size(), kFrames);
        for (std::size_t i = 0; i < kFrames; ++i) {
            ASSERT_TRUE(pictures[i].barcode) << "picture " << i << " cannot be read";
            EXPECT_EQ(pictures[i].barcode->time, times[i]);
            EXPECT_GE(pictures[i].barcode->frame, next_frame)
                << "the counter belongs to the vehicle, not to the viewer";
            next_frame = pictures[i].barcode->frame + 1;
        }
    }
}

TEST(RtspCamera, NamesThePortThatIsTaken) {
    const auto first = RtspCamera::create({.port = 0}, scene(Kind::drone, {}));
    ASSERT_TRUE(first);
    const auto second = RtspCamera::create({.port = first->port()}, scene(Kind::drone, {}));
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find(std::to_string(first->port())), std::string::npos)
        << second.error().message;
}

} // namespace
} // namespace masthead::sim
