#include "plugins/elements/meta/frame_meta.hpp"
#include "plugins/recording/file_names.hpp"
#include "plugins/recording/index_repair.hpp"
#include "tests/unit/elements_harness.hpp"
#include "tests/unit/recording_scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>

using namespace masthead;
using namespace masthead::test;
using masthead::recording::TemporaryFolder;

namespace {

constexpr Utc kInstant{1'700'000'000'000'000};
constexpr int kFrames = 60;

GstPadProbeReturn add_metadata(GstPad*, GstPadProbeInfo* info, gpointer count) {
    GstBuffer* frame = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = frame;
    const int number = (*static_cast<int*>(count))++;
    const Utc time = kInstant + std::chrono::microseconds(number * 33'333);
    MastheadFrameMeta* meta = masthead_buffer_add_frame_meta(frame);
    meta->utc_us = static_cast<guint64>(time.us);
    meta->time_method = MASTHEAD_TIME_METHOD_RTCP;
    const Bytes packet = packet_at(time);
    meta->klv = number % 4 == 3 ? nullptr : g_bytes_new(packet.data(), packet.size());
    return GST_PAD_PROBE_OK;
}

/// Runs to its end; what was said as `recording` messages, "state detail".
std::vector<std::string> record(const std::string& encoder, const std::filesystem::path& folder) {
    const std::string launch = "videotestsrc num-buffers=" + std::to_string(kFrames) +
                               " ! video/x-raw,width=320,height=240,framerate=30/1 ! " + encoder +
                               " config-interval=-1 ! recordsink name=record location=" + folder.string();
    GError* raw = nullptr;
    const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(launch.c_str(), &raw));
    EXPECT_TRUE(pipeline) << Owned<GError>(raw)->message;
    const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "record"));
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink.get(), "sink"));
    int count = 0;
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, add_metadata, &count, nullptr);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
    std::vector<std::string> said;
    for (bool over = false; !over;) {
        const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop(bus.get(), 30 * GST_SECOND));
        over = !message || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS;
        EXPECT_TRUE(message && GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ERROR);
        if (message && gst_message_has_name(message.get(), "recording")) {
            const GstStructure* structure = gst_message_get_structure(message.get());
            said.push_back(std::string(gst_structure_get_string(structure, "state")) + " " +
                           gst_structure_get_string(structure, "detail"));
        }
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return said;
}

std::vector<std::string> lines_of(const std::string& command) {
    std::vector<std::string> lines;
    const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
    char line[512];
    while (output && std::fgets(line, sizeof line, output.get())) {
        lines.emplace_back(line);
        lines.back().pop_back();
    }
    return lines;
}

std::vector<std::string> probed(const std::filesystem::path& file, const std::string& select,
                                const std::string& entries) {
    return lines_of("ffprobe -v error -select_streams " + select + " -show_entries " + entries +
                    " -of default=nw=1:nk=1 " + file.string());
}

} // namespace

TEST(RecordSink, WritesAFileThatOthersReadWithKlvOnItsFrames) {
    const TemporaryFolder folder;
    const auto said =
        record("x264enc key-int-max=15 bframes=0 option-string=scenecut=0 ! h264parse", folder.path());
    EXPECT_EQ(said.front(), "recording ");
    const auto files = recording::recordings_under(folder.path());
    ASSERT_EQ(files.size(), 1U);
    EXPECT_THAT(probed(files[0], "v", "stream=codec_name,width"), testing::Contains("h264"));
    EXPECT_THAT(probed(files[0], "d", "stream=codec_name"), testing::Contains("klv"));
    const auto video = probed(files[0], "v", "packet=pts");
    const auto klv = probed(files[0], "d", "packet=pts");
    ASSERT_EQ(video.size(), std::size_t{kFrames});
    ASSERT_EQ(klv.size(), std::size_t{kFrames * 3 / 4});
    const std::set<std::string> frames(video.begin(), video.end());
    for (const std::string& pts : klv) {
        EXPECT_TRUE(frames.contains(pts)) << pts;
    }
    EXPECT_TRUE(lines_of("ffmpeg -v error -i " + files[0].string() + " -f null - 2>&1").empty());
    const auto index = recording::load_index(files[0]);
    ASSERT_TRUE(index) << index.error().message;
    EXPECT_EQ(index->gops.size(), 4U);
    EXPECT_EQ(index->gops[0].time, kInstant);
    EXPECT_EQ(index->gops[0].ticks, 45'000U);
    EXPECT_EQ(index->track.size(), 2U);
}

TEST(RecordSink, KeepsTheKlvOfReorderedFramesInTheirGop) {
    const TemporaryFolder folder;
    record("x264enc key-int-max=15 bframes=2 b-adapt=false option-string=scenecut=0 ! h264parse",
           folder.path());
    const auto files = recording::recordings_under(folder.path());
    ASSERT_EQ(files.size(), 1U);
    const auto index = recording::load_index(files[0]);
    ASSERT_TRUE(index);
    unsigned frames = 0;
    unsigned with_klv = 0;
    for (const recording::Gop& gop : index->gops) {
        frames += gop.frames;
        with_klv += gop.with_klv;
        EXPECT_NEAR(static_cast<double>(gop.ticks), gop.frames * 3000.0, 6000.0);
    }
    EXPECT_EQ(frames, unsigned{kFrames});
    EXPECT_EQ(with_klv, unsigned{kFrames * 3 / 4});
    EXPECT_TRUE(lines_of("ffmpeg -v error -i " + files[0].string() + " -f null - 2>&1").empty());
}

TEST(RecordSink, RecordsH265) {
    const TemporaryFolder folder;
    record("x265enc key-int-max=15 speed-preset=ultrafast ! h265parse", folder.path());
    const auto files = recording::recordings_under(folder.path());
    ASSERT_EQ(files.size(), 1U);
    EXPECT_THAT(probed(files[0], "v", "stream=codec_name"), testing::Contains("hevc"));
    EXPECT_EQ(recording::load_index(files[0])->codec, recording::Codec::h265);
}

TEST(RecordSink, GoesOnWhenNothingCanBeWrittenAndSaysWhy) {
    const TemporaryFolder folder;
    const auto place = folder.path() / "file";
    std::ofstream(place) << "in the way";
    const auto said = record("x264enc key-int-max=15 ! h264parse", place);
    ASSERT_FALSE(said.empty());
    EXPECT_THAT(said.front(),
                testing::AllOf(testing::StartsWith("failing "), testing::HasSubstr("Not a directory")));
    EXPECT_EQ(said.size(), 1U) << "the same reason is said once";
}

TEST(RecordSink, PutsInOrderWhatACrashLeft) {
    const TemporaryFolder folder;
    record("x264enc key-int-max=15 ! h264parse", folder.path());
    const auto old = recording::recordings_under(folder.path()).front();
    std::filesystem::resize_file(old, std::filesystem::file_size(old) - 1000);
    record("x264enc key-int-max=15 ! h264parse", folder.path());
    const auto index = recording::load_index(old);
    ASSERT_TRUE(index);
    EXPECT_EQ(index->gops.back().offset + index->gops.back().bytes, std::filesystem::file_size(old));
}
