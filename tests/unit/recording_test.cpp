// Recordings on disk: what is written is what is read again, whatever happens in between.
#include "plugins/recording/file_names.hpp"
#include "plugins/recording/frame_reader.hpp"
#include "plugins/recording/index_repair.hpp"
#include "plugins/recording/whole_frames.hpp"
#include "recording_scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace masthead::recording {
namespace {

using testing::HasSubstr;

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::filesystem::path record(const TemporaryFolder& folder, unsigned frames, unsigned gop = 10) {
    Recorder recorder({.folder = folder.path()});
    Scene scene(gop);
    for (unsigned i = 0; i < frames; ++i) {
        EXPECT_TRUE(recorder.take(scene.next()));
    }
    EXPECT_TRUE(recorder.finish());
    return recorder.file();
}

TEST(FrameWriter, WritesWhatFrameReaderReads) {
    FrameWriter writer(Codec::h264);
    FrameReader reader;
    Scene wrote(7, 3);
    Scene expected(7, 3);
    Bytes bytes;
    for (int i = 0; i < 50; ++i) {
        writer.write(wrote.next(), bytes);
    }
    EXPECT_EQ(bytes.size() % ts::kPacketSize, 0U);
    unsigned frames = 0;
    reader.feed(bytes, [&](const FrameFacts& frame) {
        const Frame original = expected.next();
        ++frames;
        EXPECT_EQ(frame.pts, original.pts);
        EXPECT_EQ(frame.key, original.key);
        EXPECT_EQ(static_cast<std::uint64_t>(frame.time.value_or(Utc{}).us), original.header.utc_us);
        EXPECT_TRUE(std::ranges::equal(frame.klv, original.klv));
    });
    EXPECT_EQ(frames, 50U);
    EXPECT_EQ(reader.codec(), Codec::h264);
    EXPECT_EQ(reader.whole(), bytes.size());
}

TEST(FrameMark, CarriesTheHeaderOfTheFramesMessage) {
    FrameMessageHeader header;
    header.time_method = FrameTimeMethod::sei;
    header.value_method = FrameValueMethod::interpolated;
    header.utc_us = 1'795'000'000'123'456;
    header.position_error_m = 1.5F;
    header.klv_bytes = 333;
    const Bytes mark = frame_mark(header);
    const auto read = read_frame_mark(mark);
    ASSERT_TRUE(read);
    EXPECT_EQ(encode_header(*read), encode_header(header));
}

TEST(FrameMark, IsFoundBehindOtherPrivateDataAndRefusedWhenCutShort) {
    Bytes data{std::byte{0x02}, std::byte{1}, std::byte{7}};
    const Bytes mark = frame_mark({});
    data.insert(data.end(), mark.begin(), mark.end());
    EXPECT_TRUE(read_frame_mark(data));
    for (std::size_t size = 0; size < data.size(); ++size) {
        EXPECT_FALSE(read_frame_mark(ByteSpan(data).first(size))) << size;
    }
}

TEST(FrameWriter, LeavesOutKlvThatFitsNoPacketAndCountsIt) {
    FrameWriter writer(Codec::h264);
    Scene scene;
    Frame frame = scene.next();
    const Bytes large(60'001, std::byte{6});
    frame.klv = large;
    Bytes bytes;
    writer.write(frame, bytes);
    EXPECT_EQ(writer.klv_left_out(), 1U);
    FrameReader reader;
    reader.feed(bytes, [](const FrameFacts& read) { EXPECT_TRUE(read.klv.empty()); });
}

TEST(FramesIn, GivesBackWhatTheWriterWasGiven) {
    FrameWriter writer(Codec::h264);
    Scene scene;
    Scene again;
    Bytes bytes;
    for (int i = 0; i < 25; ++i) {
        writer.write(scene.next(), bytes);
    }
    const auto frames = frames_in(bytes);
    ASSERT_EQ(frames.size(), 25U);
    for (const WholeFrame& read : frames) {
        const Frame written = again.next();
        EXPECT_EQ(read.pts, written.pts);
        EXPECT_EQ(read.key, written.key);
        ASSERT_TRUE(read.header);
        EXPECT_EQ(read.header->utc_us, written.header.utc_us);
        EXPECT_TRUE(std::ranges::equal(read.klv, written.klv));
        // A delimiter was put before it.
        ASSERT_EQ(read.access_unit.size(), written.access_unit.size() + 6);
        EXPECT_TRUE(std::ranges::equal(ByteSpan(read.access_unit).subspan(6), written.access_unit));
    }
}

TEST(FramesIn, LeavesOutFramesThatAreDamagedAndNoOthers) {
    FrameWriter writer(Codec::h264);
    Scene scene;
    Bytes bytes;
    std::vector<std::size_t> begins;
    for (int i = 0; i < 4; ++i) {
        begins.push_back(bytes.size());
        writer.write(scene.next(), bytes);
    }
    const auto cut = ByteSpan(bytes).first(bytes.size() - ts::kPacketSize); // the last frame's end
    EXPECT_EQ(frames_in(cut).size(), 3U);
    Bytes holed = bytes; // within the key frame
    const auto hole = holed.begin() + static_cast<std::ptrdiff_t>(begins[1] - 3 * ts::kPacketSize);
    holed.erase(hole, hole + ts::kPacketSize);
    const auto frames = frames_in(holed);
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_FALSE(frames.front().key);
    EXPECT_TRUE(frames_in({}).empty());
}

TEST(Recorder, LeavesAnIndexEqualToOneMadeFromTheBytes) {
    const TemporaryFolder folder;
    const auto file = record(folder, 105);
    const auto scanned = scan(file);
    ASSERT_TRUE(scanned) << scanned.error().message;
    EXPECT_EQ(text_of(index_of(file)), *scanned);
    const auto index = load_index(file);
    ASSERT_TRUE(index);
    ASSERT_EQ(index->gops.size(), 11U);
    EXPECT_EQ(index->gops[0].frames, 10U);
    EXPECT_EQ(index->gops[0].with_klv, 8U);
    EXPECT_EQ(index->gops[0].ticks, 10 * kFrameTicks);
    EXPECT_EQ(index->gops[10].frames, 5U);
    EXPECT_EQ(index->gops[1].time, kSceneStart + std::chrono::microseconds(333'670));
    EXPECT_EQ(index->gops[10].offset + index->gops[10].bytes, std::filesystem::file_size(file));
    ASSERT_EQ(index->track.size(), 4U); // one a second
    EXPECT_NEAR(index->track[0].position->latitude_deg, 54.3, 1e-6);
    EXPECT_NEAR(*index->track[0].heading_deg, 71.5, 0.01);
}

TEST(Recorder, BeginsANewFileAtTheFirstKeyFramePastTheLimit) {
    const TemporaryFolder folder;
    Recorder recorder({.folder = folder.path(), .longest = 25 * kFrameTicks});
    Scene scene;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(recorder.take(scene.next()));
    }
    ASSERT_TRUE(recorder.finish());
    const auto files = recordings_under(folder.path());
    ASSERT_EQ(files.size(), 4U);
    EXPECT_EQ(load_index(files[0])->gops.size(), 3U);
    const Gop last = load_index(files[0])->gops.back();
    EXPECT_EQ(load_index(files[1])->gops.front().pts, last.pts + last.ticks); // time goes on
    EXPECT_EQ(files[0].filename(), "11-06-40.000Z.ts");
    EXPECT_EQ(files[0].parent_path().filename(), "2026-11-18");
}

TEST(Recorder, NamesFilesOfOneInstantApart) {
    const TemporaryFolder folder;
    const auto first = record(folder, 10);
    const auto second = record(folder, 10);
    EXPECT_EQ(second.filename(), "11-06-40.000Z-2.ts");
    EXPECT_EQ(text_of(first), text_of(second));
}

TEST(Recorder, SaysWhatCannotBeWrittenAndBeginsAgainWhenItCan) {
    const TemporaryFolder folder;
    const auto place = folder.path() / "camera";
    std::ofstream(place) << "in the way";
    Recorder recorder({.folder = place});
    Scene scene;
    const auto refused = recorder.take(scene.next());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                HasSubstr("camera/2026-11-18/11-06-40.000Z.ts cannot be made: Not a directory"));
    std::filesystem::remove(place);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(recorder.take(scene.next()));
    }
    ASSERT_TRUE(recorder.finish());
    EXPECT_EQ(load_index(recorder.file())->gops.size(), 2U); // from the next key frame on
}

TEST(Recorder, LeavesNothingOfAFileThatCannotHaveItsIndex) {
    const TemporaryFolder folder;
    Recorder recorder({.folder = folder.path(), .longest = 5 * kFrameTicks});
    Scene scene;
    const auto second = folder.path() / "2026-11-18/11-06-40.333Z.ts";
    std::filesystem::create_directories(index_of(second)); // a folder is in its way
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(recorder.take(scene.next()));
    }
    ASSERT_FALSE(recorder.take(scene.next()));
    EXPECT_FALSE(std::filesystem::exists(second));
    EXPECT_EQ(recordings_under(folder.path()).size(), 1U);
}

/// Cut anywhere, as a crash does it; what was whole before the last GOP is there again.
TEST(Repair, KeepsEverythingBeforeTheLastGopWhereverTheFileWasCut) {
    const TemporaryFolder folder;
    const auto original = record(folder, 45);
    const std::string bytes = text_of(original);
    const auto full = *load_index(original);
    std::mt19937 random(7);
    for (int round = 0; round < 60; ++round) {
        const std::size_t size = std::uniform_int_distribution<std::size_t>(1, bytes.size())(random);
        const auto file = folder.path() / "cut.ts";
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes.substr(0, size);
        // The index knows some GOPs, and a line of it may be cut as well.
        std::string known = text_of(index_of(original));
        known.resize(std::uniform_int_distribution<std::size_t>(0, known.size())(random));
        std::ofstream(index_of(file), std::ios::binary | std::ios::trunc) << known;
        const auto repaired = repair(file);
        if (!repaired) {
            EXPECT_EQ(repaired.error().code, Code::malformed) << size;
            EXPECT_LT(size, full.gops[0].bytes);
            continue;
        }
        const auto index = load_index(file);
        ASSERT_TRUE(index) << index.error().message;
        EXPECT_EQ(text_of(index_of(file)), *scan(file));
        EXPECT_EQ(*repair(file), Repair::not_needed);
        for (std::size_t i = 0; i < full.gops.size() && full.gops[i].offset + full.gops[i].bytes < size;
             ++i) {
            ASSERT_LT(i, index->gops.size());
            EXPECT_EQ(index->gops[i], full.gops[i]);
        }
        const Gop& last = index->gops.back();
        EXPECT_EQ(last.offset + last.bytes, std::filesystem::file_size(file));
    }
}

TEST(Repair, LeavesAFileAloneThatIsBeingWritten) {
    const TemporaryFolder folder;
    Recorder recorder({.folder = folder.path()});
    Scene scene;
    for (int i = 0; i < 15; ++i) {
        ASSERT_TRUE(recorder.take(scene.next()));
    }
    EXPECT_EQ(*repair(recorder.file()), Repair::busy);
}

TEST(Repair, KeepsAFileWithoutVideoAndSaysSo) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "letter.ts";
    std::ofstream(file) << "Dear archivist, this is no video.";
    const auto repaired = repair(file);
    ASSERT_FALSE(repaired);
    EXPECT_THAT(repaired.error().message, HasSubstr("letter.ts has no video that can be played"));
    EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(FrameReader, SurvivesAnyByteThatIsWrong) {
    const TemporaryFolder folder;
    const std::string bytes = text_of(record(folder, 40));
    std::mt19937 random(11);
    for (int round = 0; round < 40; ++round) {
        std::string damaged = bytes;
        for (int i = 0; i < 20; ++i) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        FrameReader reader;
        GopTally tally;
        std::string lines;
        unsigned frames = 0;
        reader.feed(as_bytes(damaged), [&](const FrameFacts& frame) {
            ++frames;
            tally.take(frame, lines);
        });
        tally.finish(reader.whole(), lines);
        EXPECT_GE(frames, 15U);
        EXPECT_LE(reader.whole(), damaged.size());
        Index index;
        EXPECT_TRUE(lines.empty() || parse_lines(lines.substr(0), index) || index.gops.empty());
    }
}

TEST(Index, SaysInWhichLineItIsWrong) {
    const std::string head = "masthead-index 1 h264\n";
    for (const auto& [text, wrong] : std::initializer_list<std::pair<std::string, std::string>>{
             {"index 1 h264\n", "line 1: this is no index"},
             {"masthead-index 2 h264\n", "line 1: an index of another version"},
             {"masthead-index 1 vp8\n", "line 1: h264 or h265"},
             {head + "G 0 376 900000 3003 1 1 1\nG 0 376 900000 3003 1 1 1\n",
              "line 3: a GOP does not follow"},
             {head + "G 0 376 900000 3003 1 1\n", "line 2: cannot be read"},
             {head + "G 0 376 900000 3003 1 1 1 1\n", "line 2: cannot be read"},
             {head + "G 0 -376 900000 3003 1 1 1\n", "line 2: cannot be read"},
             {head + "T 1 95.0,10.0 - - -\n", "line 2: cannot be read"},
             {head + "X\n", "line 2: cannot be read"}}) {
        const auto index = parse_index(text);
        ASSERT_FALSE(index) << text;
        EXPECT_THAT(index.error().message, HasSubstr(wrong));
    }
    EXPECT_EQ(parse_index(head + "G 0 376 900000 3003 1 1 1\nG 376 18")->gops.size(), 1U); // is being written
}

} // namespace
} // namespace masthead::recording
