// Recorded GOPs as fragmented MP4: boxes, samples, and the KLV of each frame.
#include "plugins/recording/fragment.hpp"
#include "tests/unit/recording_scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::recording;

namespace {

struct Box {
    std::string type;
    ByteSpan content;
};

std::vector<Box> boxes_in(ByteSpan bytes) {
    std::vector<Box> boxes;
    ByteReader reader(bytes);
    while (!reader.done()) {
        const std::size_t size = *reader.uint_be(4);
        const std::string type(as_text(*reader.take(4)));
        boxes.push_back({type, *reader.take(size - 8)});
    }
    return boxes;
}

/// The content of a box in boxes: {"moof", "traf", "trun"}.
ByteSpan inside(ByteSpan bytes, const std::vector<std::string>& path) {
    for (const std::string& type : path) {
        const auto boxes = boxes_in(bytes);
        const auto found = std::ranges::find(boxes, type, &Box::type);
        EXPECT_NE(found, boxes.end()) << type;
        bytes = found == boxes.end() ? ByteSpan() : found->content;
    }
    return bytes;
}

std::vector<WholeFrame> gop(int frames) {
    FrameWriter writer(Codec::h264);
    Scene scene(static_cast<unsigned>(frames));
    Bytes bytes;
    for (int i = 0; i < frames; ++i) {
        writer.write(scene.next(), bytes);
    }
    return frames_in(bytes);
}

Bytes unit_of(const std::string& hex) { return *from_hex("00000001" + hex); }

Bytes joined(const std::vector<Bytes>& units) {
    Bytes all;
    for (const Bytes& unit : units) {
        all.insert(all.end(), unit.begin(), unit.end());
    }
    return all;
}

} // namespace

TEST(MediaSegment, HasTheFramesWithTheirTimesAndSizes) {
    const auto frames = gop(10);
    const Bytes segment = media_segment(frames, Codec::h264, 10 * kFrameTicks + 7);
    ByteReader time(inside(segment, {"moof", "traf", "tfdt"}));
    ASSERT_TRUE(time.skip(4));
    EXPECT_EQ(*time.uint_be(8), frames.front().pts);
    ByteReader run(inside(segment, {"moof", "traf", "trun"}));
    ASSERT_TRUE(run.skip(4));
    ASSERT_EQ(*run.uint_be(4), 10U);
    std::size_t at = *run.uint_be(4);
    const auto boxes = boxes_in(segment);
    const ByteSpan from_moof = ByteSpan(segment).subspan(
        static_cast<std::size_t>(inside(segment, {"moof"}).data() - segment.data()) - 8);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(*run.uint_be(4), kFrameTicks + (i == 9 ? 7 : 0));
        const std::size_t size = *run.uint_be(4);
        EXPECT_EQ(*run.uint_be(4), i == 0 ? 0x02000000U : 0x01010000U);
        EXPECT_EQ(*run.uint_be(4), 0U);
        // One NAL unit, with its length; the delimiter is left out.
        ByteReader sample(from_moof.subspan(at, size));
        EXPECT_EQ(*sample.uint_be(4), size - 4);
        const auto units = nal_units(frames[static_cast<std::size_t>(i)].access_unit);
        ASSERT_EQ(units.size(), 2U);
        EXPECT_TRUE(std::ranges::equal(sample.rest(), units[1]));
        at += size;
    }
    EXPECT_EQ(at, from_moof.size());
}

TEST(MediaSegment, CarriesTheKlvOfEachFrameAtItsOwnTime) {
    const auto frames = gop(10);
    const Bytes segment = media_segment(frames, Codec::h264, 10 * kFrameTicks);
    std::vector<std::pair<ts::Ticks, std::string>> events;
    for (const Box& box : boxes_in(segment)) {
        if (box.type != "emsg") {
            continue;
        }
        ByteReader fields(box.content);
        EXPECT_EQ(*fields.uint_be(4), 0x01000000U);
        EXPECT_EQ(*fields.uint_be(4), 90'000U);
        const ts::Ticks pts = *fields.uint_be(8);
        ASSERT_TRUE(fields.skip(8));
        EXPECT_EQ(as_text(*fields.take(kKlvScheme.size())), kKlvScheme);
        EXPECT_EQ(*fields.uint_be(2), 0U);
        events.emplace_back(pts, to_hex(fields.rest()));
    }
    std::vector<std::pair<ts::Ticks, std::string>> written;
    for (const WholeFrame& frame : frames) {
        if (!frame.klv.empty()) {
            written.emplace_back(frame.pts, to_hex(frame.klv));
        }
    }
    EXPECT_EQ(written.size(), 8U);
    EXPECT_EQ(events, written);
}

TEST(MediaSegment, ShowsFramesAfterTheirDecodingWhereTheOrderDiffers) {
    auto frames = gop(3);
    const ts::Ticks first = frames[0].pts;
    frames[0].dts = first - kFrameTicks;
    frames[1].pts = first + 2 * kFrameTicks;
    frames[1].dts = first;
    frames[2].pts = first + kFrameTicks;
    const Bytes segment = media_segment(frames, Codec::h264, 3 * kFrameTicks);
    ByteReader run(inside(segment, {"moof", "traf", "trun"}));
    ASSERT_TRUE(run.skip(12));
    std::vector<std::pair<std::uint64_t, std::uint64_t>> times; // lasts, shown after
    for (int i = 0; i < 3; ++i) {
        const auto lasts = *run.uint_be(4);
        ASSERT_TRUE(run.skip(8));
        times.emplace_back(lasts, *run.uint_be(4));
    }
    EXPECT_EQ(times, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{
                         {kFrameTicks, kFrameTicks}, {kFrameTicks, 2 * kFrameTicks}, {kFrameTicks, 0}}));
}

TEST(StreamFormat, IsReadOutOfTheParameterSetsOfH264) {
    // x264 wrote these: baseline, and high with a cropped height.
    const auto baseline = stream_format(joined({unit_of("6742c01ed900a02ff970110000030001000003003c0f162e48"),
                                                unit_of("68cb83cb20"), unit_of("6588840000")}),
                                        Codec::h264);
    ASSERT_TRUE(baseline) << baseline.error().message;
    EXPECT_EQ(baseline->width, 640U);
    EXPECT_EQ(baseline->height, 360U);
    EXPECT_EQ(to_hex(baseline->configuration),
              "0142c01effe100196742c01ed900a02ff970110000030001000003003c0f162e4801000568cb83cb20");
    const auto high = stream_format(joined({unit_of("6764001facd9405005bfac0440000003004000000f03c60c6580"),
                                            unit_of("68ebe3cb22c0"), unit_of("6588840000")}),
                                    Codec::h264);
    ASSERT_TRUE(high) << high.error().message;
    EXPECT_EQ(high->width, 1280U);
    EXPECT_EQ(high->height, 718U);
    EXPECT_TRUE(to_hex(high->configuration).ends_with("fdf8f800"));
}

TEST(StreamFormat, IsReadOutOfTheParameterSetsOfH265) {
    // x265 wrote these.
    const auto format = stream_format(joined({unit_of("40010c01ffff01600000030090000003000003003f959809"),
                                              unit_of("42010101600000030090000003000003003fa005120171f26595"
                                                      "9a4932bc05a020000003002000000303c1"),
                                              unit_of("4401c172b46240"), unit_of("2801af08")}),
                                      Codec::h265);
    ASSERT_TRUE(format) << format.error().message;
    EXPECT_EQ(format->width, 648U);
    EXPECT_EQ(format->height, 362U);
    EXPECT_TRUE(to_hex(format->configuration).starts_with("0101600000009000000000003f"));
}

TEST(StreamFormat, RefusesAKeyFrameThatHasNoneOrABrokenOne) {
    EXPECT_FALSE(stream_format(unit_of("6588840000"), Codec::h264));
    EXPECT_FALSE(stream_format(joined({unit_of("67420000"), unit_of("68ce3c80")}), Codec::h264));
    EXPECT_FALSE(stream_format({}, Codec::h265));
}
