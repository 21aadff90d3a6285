#include "tests/integration/viewers/test_stream.hpp"

#include "plugins/elements/meta/frame_meta.hpp"

#include <gst/video/video.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace masthead::test {

namespace {

constexpr int kFramesPerSecond = 30;
constexpr int kCells = 16; // a row; rows 0 and 1 hold the number's 32 bits, rows 2 and 3 their complement
constexpr int kCellHeight = 20;

std::uint32_t number_of(GstClockTime running_time) {
    return static_cast<std::uint32_t>(
        gst_util_uint64_scale_round(running_time, kFramesPerSecond, GST_SECOND));
}

void draw_number(guint8* luma, int width, std::uint32_t number) {
    const int cell_width = width / kCells;
    for (int row = 0; row < 4; ++row) {
        const std::uint32_t bits = row < 2 ? number : ~number;
        for (int cell = 0; cell < kCells; ++cell) {
            const bool set = (bits >> (31 - (row % 2 * kCells + cell))) & 1U;
            for (int y = row * kCellHeight; y < (row + 1) * kCellHeight; ++y) {
                std::fill_n(luma + y * width + cell * cell_width, cell_width, set ? 235 : 16);
            }
        }
    }
}

GstPadProbeReturn mark_pixels(GstPad* pad, GstPadProbeInfo* info, gpointer) {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    info->data = buffer;
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    int width = 0;
    gst_structure_get_int(gst_caps_get_structure(caps.get(), 0), "width", &width);
    GstMapInfo map;
    gst_buffer_map(buffer, &map, GST_MAP_WRITE);
    draw_number(map.data, width, number_of(GST_BUFFER_PTS(buffer)));
    gst_buffer_unmap(buffer, &map);
    return GST_PAD_PROBE_OK;
}

/// x264enc moves all times by 1000 hours, so the number is found from the running time.
GstPadProbeReturn attach_number(GstPad* pad, GstPadProbeInfo* info, gpointer klv_bytes) {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    info->data = buffer;
    const auto event = Ref<GstEvent>::adopt(gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0));
    const GstSegment* segment = nullptr;
    gst_event_parse_segment(event.get(), &segment);
    const GstClockTime running_time =
        gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    const std::uint32_t number = GUINT32_TO_BE(number_of(running_time));
    MastheadFrameMeta* meta = masthead_buffer_add_frame_meta(buffer);
    std::vector<guint8> klv(std::max<std::size_t>(GPOINTER_TO_UINT(klv_bytes), sizeof number));
    std::memcpy(klv.data(), &number, sizeof number);
    meta->klv = g_bytes_new(klv.data(), klv.size());
    meta->time_method = MASTHEAD_TIME_METHOD_SEI;
    meta->value_method = 1;
    meta->utc_us = running_time / 1000;
    return GST_PAD_PROBE_OK;
}

GstPadProbeReturn refuse_key_frame(GstPad*, GstPadProbeInfo* info, gpointer) {
    return gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)) ? GST_PAD_PROBE_DROP
                                                                             : GST_PAD_PROBE_OK;
}

std::string size_caps(int width, int height) {
    return "video/x-raw,format=I420,width=" + std::to_string(width) + ",height=" + std::to_string(height) +
           ",framerate=" + std::to_string(kFramesPerSecond) + "/1";
}

std::string sound_text(const StreamOptions& options) {
    return options.sound_hz == 0
               ? ""
               : " audiotestsrc is-live=true freq=" + std::to_string(options.sound_hz) +
                     " ! audio/x-raw,rate=48000,channels=1 ! opusenc ! queue name=sound ! sink.audio";
}

std::string launch_text(const StreamOptions& options) {
    const std::string raw =
        "videotestsrc name=source is-live=true pattern=ball ! capsfilter name=size caps=" +
        size_caps(options.width, options.height) + " ! ";
    const std::string interval = " key-int-max=" + std::to_string(options.key_frame_interval);
    if (options.h265) {
        return raw + "x265enc name=encoder speed-preset=ultrafast tune=zerolatency" + interval +
               " ! h265parse name=parse ! video/x-h265,stream-format=byte-stream,alignment=au ! viewersink "
               "name=sink" +
               sound_text(options);
    }
    // ultrafast turns High's tools off and the stream is none; zerolatency forbids B-frames.
    return raw + "x264enc name=encoder bitrate=1000 speed-preset=veryfast" +
           (options.b_frames > 0 ? "" : " tune=zerolatency") +
           " bframes=" + std::to_string(options.b_frames) + interval +
           " ! video/x-h264,profile=" + options.profile +
           " ! h264parse name=parse ! video/x-h264,stream-format=byte-stream,alignment=au ! viewersink "
           "name=sink" +
           sound_text(options);
}

Ref<GstElement> by_name(const Ref<GstElement>& bin, const char* name) {
    return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), name));
}

} // namespace

TestStream::TestStream(const StreamOptions& options) {
    GError* error = nullptr;
    pipeline_ = Ref<GstElement>::sink(gst_parse_launch(launch_text(options).c_str(), &error));
    if (const Owned<GError> owned(error); owned) {
        g_error("%s", owned->message);
    }
    sink_ = by_name(pipeline_, "sink");
    const auto source = by_name(pipeline_, "source");
    const auto parse = by_name(pipeline_, "parse");
    const auto raw = Ref<GstPad>::adopt(gst_element_get_static_pad(source.get(), "src"));
    const auto coded = Ref<GstPad>::adopt(gst_element_get_static_pad(parse.get(), "src"));
    const auto count = +[](GstPad*, GstPadProbeInfo*, gpointer stream) {
        static_cast<TestStream*>(stream)->count_frame();
        return GST_PAD_PROBE_OK;
    };
    gst_pad_add_probe(raw.get(), GST_PAD_PROBE_TYPE_BUFFER, mark_pixels, nullptr, nullptr);
    gst_pad_add_probe(coded.get(), GST_PAD_PROBE_TYPE_BUFFER, attach_number,
                      GUINT_TO_POINTER(options.klv_bytes), nullptr);
    gst_pad_add_probe(coded.get(), GST_PAD_PROBE_TYPE_BUFFER, count, this, nullptr);
    if (!options.key_frames_on_request) {
        gst_pad_add_probe(coded.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, refuse_key_frame, nullptr, nullptr);
    }
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

TestStream::~TestStream() { stop(); }

void TestStream::stop() const { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void TestStream::silence() const {
    const auto sound = by_name(pipeline_, "sound");
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sound.get(), "src"));
    const auto drop = +[](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_DROP; };
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, drop, nullptr, nullptr);
}

void TestStream::count_frame() const {
    const std::lock_guard lock(mutex_);
    ++frames_;
    rendered_.notify_all();
}

bool TestStream::renders(std::size_t more) const {
    std::unique_lock lock(mutex_);
    const std::size_t wanted = frames_ + more;
    return rendered_.wait_for(lock, std::chrono::seconds(30), [&] { return frames_ >= wanted; });
}

void TestStream::resize(int width, int height) const {
    const auto filter = by_name(pipeline_, "size");
    gst_util_set_object_arg(G_OBJECT(filter.get()), "caps", size_caps(width, height).c_str());
}

} // namespace masthead::test
