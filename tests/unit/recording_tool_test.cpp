// masthead-recording's pure parts: items by name, tracks for maps, text in pictures, clips by time.
#include "plugins/glib/json.hpp"
#include "plugins/recording/frame_unpacker.hpp"
#include "recording_scene.hpp"
#include "server/recording/clip.hpp"
#include "server/recording/klv_items.hpp"
#include "server/recording/mp4_files.hpp"
#include "server/recording/package.hpp"
#include "server/recording/png_text.hpp"
#include "server/recording/track_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace masthead::recording_tool {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(FrameUnpacker, GivesBackWhatFrameWriterWrote) {
    recording::FrameWriter writer(recording::Codec::h264);
    recording::Scene wrote(7, 3);
    recording::Scene expected(7, 3);
    Bytes bytes;
    for (int i = 0; i < 30; ++i) {
        writer.write(wrote.next(), bytes);
    }
    recording::FrameUnpacker unpacker;
    unsigned frames = 0;
    const auto compare = [&](const recording::Frame& frame) {
        const recording::Frame original = expected.next();
        ++frames;
        EXPECT_EQ(frame.pts, original.pts);
        EXPECT_EQ(frame.key, original.key);
        EXPECT_EQ(frame.header.utc_us, original.header.utc_us);
        EXPECT_TRUE(std::ranges::equal(frame.klv, original.klv));
        const ByteSpan unit =
            frame.access_unit.last(std::min(frame.access_unit.size(), original.access_unit.size()));
        EXPECT_TRUE(std::ranges::equal(unit, original.access_unit)); // behind a delimiter that was put in
    };
    for (std::size_t at = 0; at < bytes.size(); at += 1000) {
        unpacker.feed(ByteSpan(bytes).subspan(at, std::min<std::size_t>(1000, bytes.size() - at)), compare);
    }
    unpacker.finish(compare);
    EXPECT_EQ(frames, 30U);
}

TEST(FrameUnpacker, LeavesOutAFrameThatLostAPacket) {
    recording::FrameWriter writer(recording::Codec::h264);
    recording::Scene scene(10, 3);
    Bytes bytes;
    writer.write(scene.next(), bytes);
    const std::size_t second = bytes.size();
    writer.write(scene.next(), bytes);
    bytes.erase(bytes.begin() + 188 * 20, bytes.begin() + 188 * 21);
    ASSERT_GT(second, 188U * 22);
    recording::FrameUnpacker unpacker;
    std::vector<bool> keys;
    const auto note = [&](const recording::Frame& frame) { keys.push_back(frame.key); };
    unpacker.feed(bytes, note);
    unpacker.finish(note);
    EXPECT_EQ(keys, std::vector<bool>{false});
}

TEST(Items, AreNamedAndInTheirUnits) {
    klv::LocalSet set;
    set.set_time({1'795'000'000'000'000});
    ASSERT_TRUE(set.set_number(13, 54.3));
    ASSERT_TRUE(set.set_text(10, "Tern \"2\""));
    set.set_raw(6, Bytes{std::byte{0x80}, std::byte{0}});
    set.set_raw(14, {});
    set.set_raw(140, Bytes{std::byte{1}});
    set.append_raw(102, Bytes{std::byte{0xAB}});
    set.append_raw(102, Bytes{std::byte{0xCD}});
    const auto json = json::Value::parse(items_json(set));
    ASSERT_TRUE(json) << items_json(set);
    EXPECT_EQ(json->integer("precision_time_stamp"), 1'795'000'000'000'000);
    EXPECT_NEAR(*json->number("sensor_latitude"), 54.3, 1e-7);
    EXPECT_EQ(json->string("platform_designation"), "Tern \"2\"");
    EXPECT_EQ(json->string("platform_pitch_angle"), "out_of_range");
    EXPECT_THAT(items_json(set), HasSubstr("\"sensor_longitude\":null"));
    EXPECT_EQ(json->array("sdcc_flp")->items().size(), 2U);
    EXPECT_EQ(title_of(13), "sensor_latitude [deg]");
    EXPECT_EQ(key_of(1000), "item_1000");
}

std::vector<Sample> walk(int seconds, double longitude_deg) {
    std::vector<Sample> points;
    for (int i = 0; i < seconds; ++i) {
        Sample sample{.time = recording::kSceneStart + std::chrono::seconds(i)};
        sample.latitude_deg = 54 + i * 1e-4;
        sample.longitude_deg = longitude_deg + i * 1e-3;
        sample.longitude_deg =
            *sample.longitude_deg > 180 ? *sample.longitude_deg - 360 : *sample.longitude_deg;
        sample.altitude_msl_m = 100;
        points.push_back(sample);
    }
    return points;
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

TEST(Tracks, BeginAnewBehindAGap) {
    auto points = walk(5, 10);
    for (Sample later : walk(5, 10)) {
        later.time = later.time + std::chrono::seconds(60);
        points.push_back(later);
    }
    EXPECT_EQ(count(gpx_of("a/b", points), "<trkseg>"), 2U);
    EXPECT_EQ(count(kml_of("a/b", points), "<gx:Track>"), 2U);
    EXPECT_EQ(count(geojson_of("a/b", points), "LineString"), 2U);
}

TEST(Tracks, AreCutAtTheAntimeridian) {
    const std::string text = geojson_of("a/b", walk(10, 179.995));
    EXPECT_EQ(count(text, "LineString"), 2U);
    EXPECT_THAT(text, HasSubstr("-179.99"));
}

TEST(Tracks, OfOnePointAreAPoint) {
    EXPECT_THAT(geojson_of("a/b", walk(1, 10)), HasSubstr("\"type\":\"Point\""));
    EXPECT_THAT(geojson_of("a/b", {}), HasSubstr("\"features\":[]"));
}

TEST(Tracks, EscapeNames) {
    EXPECT_THAT(gpx_of("<&>", walk(2, 10)), HasSubstr("<name>&lt;&amp;&gt;</name>"));
}

TEST(Footprints, RunCounterclockwiseAndEndWhereTheyBegan) {
    Sample sample{.time = recording::kSceneStart};
    sample.footprint = {GeoPoint{1, 0}, GeoPoint{1, 1}, GeoPoint{0, 1}, GeoPoint{0, 0}};
    EXPECT_THAT(
        geojson_of("a/b", {sample}),
        HasSubstr("[[[0.0000000,0.0000000],[1.0000000,0.0000000],[1.0000000,1.0000000],[0.0000000,1.0000000],"
                  "[0.0000000,0.0000000]]]"));
}

TEST(Footprints, OverTheAntimeridianAreTwoPolygons) {
    Sample sample{.time = recording::kSceneStart};
    sample.footprint = {GeoPoint{1, 179}, GeoPoint{1, -179}, GeoPoint{0, -179}, GeoPoint{0, 179}};
    const std::string text = geojson_of("a/b", {sample});
    EXPECT_THAT(text, HasSubstr("MultiPolygon"));
    EXPECT_THAT(text, HasSubstr("[180.0000000,"));
    EXPECT_THAT(text, HasSubstr("[-180.0000000,"));
    EXPECT_THAT(text, Not(HasSubstr("181")));
}

TEST(ParameterSets, AreFoundAmongOtherUnits) {
    const Bytes unit = *from_hex("0000000109f0000000016742c01e0000000168ce3c8000000165888400");
    EXPECT_EQ(to_hex(parameter_sets_of(unit, recording::Codec::h264)), "6742c01e0068ce3c80");
    EXPECT_TRUE(parameter_sets_of({}, recording::Codec::h264).empty());
}

TEST(PngText, StandsBehindTheHeadWithARightSum) {
    const Bytes png = *from_hex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000049454e44ae426082");
    const auto made = with_text(png, {{"Title", "x"}});
    ASSERT_TRUE(made);
    EXPECT_EQ(to_hex(ByteSpan(*made).subspan(33, 4 + 4 + 11)), "0000000b"
                                                               "69545874"
                                                               "5469746c65"
                                                               "0000000000"
                                                               "78");
    EXPECT_EQ(made->size(), png.size() + 12 + 11);
    EXPECT_FALSE(with_text(Bytes(100), {}));
}

TEST(Sums, AreWhatSha256sumReads) {
    EXPECT_EQ(sha256sums_of({{"a.ts", 1, "00ff"}, {"b", 2, "11"}}), "00ff  a.ts\n11  b\n");
}

class Clips : public testing::Test {
  protected:
    /// Ten frames a GOP.
    void record(unsigned frames) {
        recording::Recorder recorder({.folder = camera_});
        recording::Scene scene(10);
        for (unsigned i = 0; i < frames; ++i) {
            ASSERT_TRUE(recorder.take(scene.next()));
        }
        ASSERT_TRUE(recorder.finish());
        file_ = recorder.file();
    }
    recording::TemporaryFolder folder_;
    std::filesystem::path camera_ = folder_.path() / "tern/mast";
    std::filesystem::path file_;
};

TEST_F(Clips, HoldTheGopsThatATimeTouches) {
    record(50);
    const Utc from = recording::kSceneStart + std::chrono::milliseconds(400);
    const auto clip = find_clip(camera_, from, from + std::chrono::milliseconds(300));
    ASSERT_TRUE(clip);
    EXPECT_EQ(clip->vehicle, "tern");
    EXPECT_EQ(clip->camera, "mast");
    ASSERT_EQ(clip->pieces.size(), 1U);
    EXPECT_EQ(clip->pieces[0].gops.size(), 2U);
    EXPECT_EQ(clip->frames, 20U);
    Bytes read;
    const auto done = read_clip(*clip, {.bytes =
                                            [&](ByteSpan bytes) {
                                                read.insert(read.end(), bytes.begin(), bytes.end());
                                                return Result<void>();
                                            },
                                        .frames = {},
                                        .progress = {}});
    ASSERT_TRUE(done);
    EXPECT_EQ(read.size(), clip->pieces[0].bytes());
    EXPECT_EQ(read.front(), ts::kSyncByte);
}

TEST_F(Clips, SayThatNothingWasRecorded) {
    record(20);
    for (const auto& folder : {camera_, folder_.path() / "tern/bow"}) {
        const auto clip = find_clip(folder, {0}, {1});
        ASSERT_FALSE(clip);
        EXPECT_EQ(clip.error().code, Code::not_found);
    }
}

TEST_F(Clips, SayThatAFileIsMissingBesideItsIndex) {
    record(20);
    std::filesystem::remove(file_);
    const auto clip = find_clip(camera_, {0}, recording::kSceneStart + std::chrono::hours(1));
    ASSERT_FALSE(clip);
    EXPECT_EQ(clip.error().code, Code::unavailable);
    EXPECT_THAT(clip.error().message, HasSubstr("is not there (any more)"));
}

TEST_F(Clips, DoWithoutAnIndex) {
    record(20);
    std::filesystem::remove(recording::index_of(file_));
    const auto clip = find_clip(camera_, {0}, recording::kSceneStart + std::chrono::hours(1));
    ASSERT_TRUE(clip);
    EXPECT_EQ(clip->frames, 20U);
}

} // namespace
} // namespace masthead::recording_tool
