// Transport streams as bytes: what the filter makes of them, read by a reader of the test's own.
#include "plugins/klv/local_set.hpp"
#include "plugins/ts/klv_filter.hpp"
#include "tests/unit/ts_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::test;
using testing::ElementsAre;

namespace {

Bytes packet(int number) {
    klv::LocalSet set;
    set.set_time(klv::to_misp(Utc{1'795'350'896'000'000 + number * 40'000}, klv::TimeSystem::posix));
    constexpr std::array<klv::Tag, 4> kTexts{3, 4, 10, 11}; // packets of 1 to 2 transport packets
    for (const klv::Tag tag : std::span(kTexts).first(static_cast<std::size_t>(number % 5))) {
        EXPECT_TRUE(set.set_text(tag, std::string(50, 'k')));
    }
    return klv::encode(set).value();
}

/// What is in the filter's answer: PMT entries, and the KLV of each PID. Strict: anything odd fails the test.
struct Answer {
    struct Klv {
        std::uint16_t pid;
        std::optional<std::uint64_t> pts;
        Bytes bytes;
        bool operator==(const Klv&) const = default;
    };
    std::vector<std::pair<unsigned, unsigned>> streams; // type, PID; of the newest PMT
    std::vector<Klv> klv;
    Bytes video;            // packets as they are
    std::size_t clocks = 0; // packets with PCR in KLV PIDs

    explicit Answer(ByteSpan bytes) {
        EXPECT_EQ(bytes.size() % 188, 0U);
        for (std::size_t at = 0; at + 188 <= bytes.size(); at += 188) {
            take(bytes.subspan(at, 188));
        }
        EXPECT_TRUE(open.empty());
    }

  private:
    static unsigned u(ByteSpan bytes, std::size_t at) { return std::to_integer<unsigned>(bytes[at]); }

    void take(ByteSpan bytes) {
        ASSERT_EQ(u(bytes, 0), 0x47U);
        const unsigned pid = (u(bytes, 1) & 0x1F) << 8 | u(bytes, 2);
        if (pid == kVideoPid) {
            video.insert(video.end(), bytes.begin(), bytes.end());
            return;
        }
        if (pid != kPmtPid && (pid < kKlvPid || pid > kKlvPid + 0x10)) {
            return;
        }
        std::size_t start = 4;
        if ((u(bytes, 3) & 0x20) != 0) {
            start = 5 + u(bytes, 4);
            clocks += u(bytes, 4) > 0 && (u(bytes, 5) & 0x10) != 0 ? 1 : 0;
        }
        if ((u(bytes, 3) & 0x10) == 0) {
            return;
        }
        if (const auto last = counters.find(pid); last != counters.end()) {
            EXPECT_EQ(u(bytes, 3) & 0x0F, (last->second + 1) & 0x0F) << "PID " << pid;
        }
        counters[pid] = u(bytes, 3) & 0x0F;
        if (pid == kPmtPid) {
            take_pmt(bytes.subspan(start));
        } else {
            take_pes(static_cast<std::uint16_t>(pid), (u(bytes, 1) & 0x40) != 0, bytes.subspan(start));
        }
    }

    void take_pmt(ByteSpan payload) {
        const std::size_t size = 3 + ((u(payload, 2) & 0x0F) << 8 | u(payload, 3));
        const ByteSpan section = payload.subspan(1, size);
        EXPECT_EQ(mpeg_crc(section), 0U);
        streams.clear();
        for (std::size_t at = 12; at + 4 < size;) {
            streams.emplace_back(u(section, at), (u(section, at + 1) & 0x1F) << 8 | u(section, at + 2));
            at += 5 + ((u(section, at + 3) & 0x0F) << 8 | u(section, at + 4));
        }
    }

    void take_pes(std::uint16_t pid, bool starts, ByteSpan payload) {
        Bytes& pes = open[pid];
        EXPECT_EQ(starts, pes.empty());
        pes.insert(pes.end(), payload.begin(), payload.end());
        const std::size_t size = 6 + (u(pes, 4) << 8 | u(pes, 5));
        ASSERT_LE(pes.size(), size);
        if (pes.size() < size) {
            return;
        }
        EXPECT_EQ(u(pes, 3), 0xBDU);
        std::optional<std::uint64_t> pts;
        if ((u(pes, 7) & 0x80) != 0) {
            pts = std::uint64_t{u(pes, 9) >> 1 & 7} << 30 | u(pes, 10) << 22 | (u(pes, 11) >> 1) << 15 |
                  u(pes, 12) << 7 | u(pes, 13) >> 1;
        }
        const auto begin = pes.begin() + 9 + static_cast<std::ptrdiff_t>(u(pes, 8));
        klv.push_back({pid, pts, {begin, pes.end()}});
        open.erase(pid);
    }

    std::map<unsigned, unsigned> counters;
    std::map<std::uint16_t, Bytes> open;
};

Bytes filtered(ts::KlvFilter& filter, ByteSpan bytes) {
    Bytes out;
    filter.feed(bytes, out);
    return out;
}
Answer answer_to(ByteSpan bytes) {
    ts::KlvFilter filter;
    Bytes out = filtered(filter, bytes);
    filter.finish(out);
    return Answer(out);
}

constexpr std::uint64_t kStart = 900'000;
std::uint64_t pts_of(int number) { return kStart + static_cast<std::uint64_t>(number) * kFrameTicks; }

void add_video(TsWriter& out, int number) {
    out.pes(kVideoPid, Bytes(300, std::byte(number)),
            {.pts = pts_of(number), .pcr = pts_of(number) - 9000, .sized = false});
}

} // namespace

TEST(TsKlvFilter, MakesSynchronousKlvAsynchronousAndLeavesVideoAsItIs) {
    TsWriter in;
    TsWriter video_only;
    in.tables({h264_stream(), synchronous_klv()});
    for (int i = 0; i < 40; ++i) {
        add_video(in, i);
        add_video(video_only, i);
        in.pes(kKlvPid, cell(packet(i), 3, static_cast<std::uint8_t>(i)),
               {.stream_id = 0xFC, .pts = pts_of(i)});
    }
    const Answer out = answer_to(in.bytes());
    EXPECT_THAT(out.streams, ElementsAre(std::pair(0x1B, kVideoPid), std::pair(0x06, kKlvPid)));
    ASSERT_EQ(out.klv.size(), 40U);
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(out.klv[static_cast<std::size_t>(i)], (Answer::Klv{kKlvPid, pts_of(i), packet(i)})) << i;
    }
    EXPECT_EQ(out.video, video_only.take());
}

TEST(TsKlvFilter, JoinsFragmentsSeveralCellsAndRawPacketsCutUp) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv()});
    const Bytes one = packet(4);
    const ByteSpan whole = one;
    in.pes(kKlvPid, cell(whole.first(30), 2), {.stream_id = 0xFC, .pts = 1000});
    in.pes(kKlvPid, cell(whole.subspan(30, 40), 0), {.stream_id = 0xFC, .pts = 2000});
    in.pes(kKlvPid, cell(whole.subspan(70), 1), {.stream_id = 0xFC});
    Bytes two = cell(packet(1));
    const Bytes second = cell(packet(2));
    two.insert(two.end(), second.begin(), second.end());
    in.pes(kKlvPid, two, {.stream_id = 0xFC, .pts = 3000});
    in.pes(kKlvPid, whole.first(50), {.stream_id = 0xBD, .pts = 4000, .sized = false});
    in.pes(kKlvPid, whole.subspan(50), {.stream_id = 0xFC});
    const Answer out = answer_to(in.bytes());
    EXPECT_THAT(out.klv, ElementsAre(Answer::Klv{kKlvPid, 1000, one}, Answer::Klv{kKlvPid, 3000, packet(1)},
                                     Answer::Klv{kKlvPid, 3000, packet(2)}, Answer::Klv{kKlvPid, 4000, one}));
}

TEST(TsKlvFilter, BringsAllPidsIntoTheFirst) {
    TsWriter in;
    in.tables(
        {h264_stream(), asynchronous_klv(), synchronous_klv(kKlvPid + 1), synchronous_klv(kKlvPid + 2)});
    in.pes(kKlvPid + 1, cell(ByteSpan(packet(3)).first(40), 2), {.stream_id = 0xFC, .pts = 100});
    in.pes(kKlvPid, packet(1), {.stream_id = 0xBD, .pts = 200});
    in.pes(kKlvPid + 1, cell(ByteSpan(packet(3)).subspan(40), 1), {.stream_id = 0xFC, .pts = 300});
    ts::KlvFilter filter;
    const Answer out(filtered(filter, in.bytes()));
    EXPECT_THAT(out.streams, ElementsAre(std::pair(0x1B, kVideoPid), std::pair(0x06, kKlvPid)));
    EXPECT_THAT(out.klv,
                ElementsAre(Answer::Klv{kKlvPid, 200, packet(1)}, Answer::Klv{kKlvPid, 100, packet(3)}));
    const auto seen = filter.streams();
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].carriage, ts::KlvCarriage::asynchronous);
    EXPECT_EQ(seen[0].packets, 1U);
    EXPECT_EQ(seen[1].carriage, ts::KlvCarriage::synchronous);
    EXPECT_EQ(seen[1].packets, 1U);
    EXPECT_EQ(seen[2].packets, 0U);
}

TEST(TsKlvFilter, LetsNoPacketOvertakeAnotherThatWaitsForItsFrame) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv()});
    add_video(in, 0);
    for (const int number : {3, 0, 1}) {
        in.pes(kKlvPid, cell(packet(number)), {.stream_id = 0xFC, .pts = pts_of(number)});
    }
    add_video(in, 3);
    EXPECT_THAT(answer_to(in.bytes()).klv, ElementsAre(Answer::Klv{kKlvPid, pts_of(3), packet(3)},
                                                       Answer::Klv{kKlvPid, pts_of(0), packet(0)},
                                                       Answer::Klv{kKlvPid, pts_of(1), packet(1)}));
}

TEST(TsKlvFilter, PutsKlvWithoutPtsBetweenItsFrames) {
    TsWriter in;
    in.tables({h264_stream(), asynchronous_klv()});
    in.pes(kKlvPid, packet(0), {.stream_id = 0xBD}); // nothing is known yet
    add_video(in, 0);
    add_video(in, 1);
    in.pes(kKlvPid, packet(1), {.stream_id = 0xBD});
    add_video(in, 2);
    in.pes(kKlvPid, packet(2), {.stream_id = 0xBD});
    ts::KlvFilter filter;
    Bytes bytes = filtered(filter, in.bytes());
    filter.finish(bytes);
    const Answer out(bytes);
    EXPECT_THAT(out.klv, ElementsAre(Answer::Klv{kKlvPid, pts_of(1) + kFrameTicks / 2, packet(1)},
                                     Answer::Klv{kKlvPid, pts_of(2) + kFrameTicks / 2, packet(2)}));
    EXPECT_EQ(filter.streams().front().without_pts, 3U);
}

TEST(TsKlvFilter, LeavesTheTablesOfOthersAlone) {
    for (const TsStream& other : {TsStream{0x15, kKlvPid, hex("260dffff49443320ff49443320000f")},
                                  TsStream{0x06, kKlvPid, {}}, TsStream{0x0F, kKlvPid, {}}}) {
        TsWriter in;
        in.tables({h264_stream(), other});
        in.pes(kKlvPid, Bytes(100, std::byte{1}), {.stream_id = 0xBD, .pts = 7});
        ts::KlvFilter filter;
        EXPECT_EQ(filtered(filter, in.bytes()).size(), in.bytes().size());
        EXPECT_TRUE(filter.streams().empty());
        EXPECT_THAT(Answer(filtered(filter, in.bytes())).streams,
                    ElementsAre(std::pair(0x1B, kVideoPid), std::pair(other.type, kKlvPid)));
    }
}

TEST(TsKlvFilter, KeepsTheClockThatStoodInAKlvPacket) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv(), asynchronous_klv(kKlvPid + 1)}, kKlvPid);
    for (int i = 0; i < 20; ++i) {
        in.pes(kKlvPid, cell(packet(i)), {.stream_id = 0xFC, .pts = pts_of(i), .pcr = pts_of(i)});
        in.pes(kKlvPid + 1, packet(i), {.stream_id = 0xBD, .pts = pts_of(i), .pcr = pts_of(i)});
    }
    const Answer out = answer_to(in.bytes());
    EXPECT_EQ(out.clocks, 40U);
    EXPECT_EQ(out.klv.size(), 40U);
}

TEST(TsKlvFilter, LosesOnlyThePacketsThatWereHit) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv()});
    for (int i = 0; i < 9; ++i) {
        in.pes(kKlvPid, cell(packet(4)), {.stream_id = 0xFC, .pts = pts_of(i)});
        if (i % 3 == 1) { // the second packet of two
            in.lose(kKlvPid);
        }
    }
    Bytes bytes = in.take();
    const std::size_t each = 2 * std::size_t{188};
    bytes.erase(bytes.begin() + 2 * 188 + 4 * each + 188,
                bytes.begin() + 2 * 188 + 5 * each); // and one in truth
    ts::KlvFilter filter;
    const Answer out(filtered(filter, bytes));
    EXPECT_EQ(out.klv.size(), 8U);
    EXPECT_EQ(filter.streams().front().losses, 3U);
}

TEST(TsKlvFilter, TakesWhatIsSentTwiceOnce) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv()});
    in.pes(kKlvPid, cell(packet(0)), {.stream_id = 0xFC, .pts = 5});
    Bytes bytes = in.take();
    const Bytes again(bytes.end() - 188, bytes.end());
    bytes.insert(bytes.end(), again.begin(), again.end());
    EXPECT_EQ(answer_to(bytes).klv.size(), 1U);
}

TEST(TsKlvFilter, FollowsTablesThatChange) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv()});
    in.pes(kKlvPid, cell(packet(0)), {.stream_id = 0xFC, .pts = 5});
    in.tables({h264_stream(), synchronous_klv(kKlvPid + 1)}, kVideoPid, 1);
    in.pes(kKlvPid + 1, cell(packet(1)), {.stream_id = 0xFC, .pts = 6});
    const Answer out = answer_to(in.bytes());
    EXPECT_THAT(out.streams, ElementsAre(std::pair(0x1B, kVideoPid), std::pair(0x06, kKlvPid + 1)));
    EXPECT_EQ(out.klv.size(), 2U);
}

TEST(TsKlvFilter, GivesTheSameHoweverTheBytesAreCut) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv()});
    for (int i = 0; i < 5; ++i) {
        add_video(in, i);
        in.pes(kKlvPid, cell(packet(i)), {.stream_id = 0xFC, .pts = pts_of(i)});
    }
    ts::KlvFilter at_once;
    const Bytes whole = filtered(at_once, in.bytes());
    for (const std::size_t size : {std::size_t{1}, std::size_t{47}, std::size_t{189}, std::size_t{1316}}) {
        ts::KlvFilter filter;
        Bytes out;
        for (std::size_t at = 0; at < in.bytes().size(); at += size) {
            filter.feed(ByteSpan(in.bytes()).subspan(at, std::min(size, in.bytes().size() - at)), out);
        }
        filter.finish(out);
        EXPECT_EQ(out, whole) << size;
    }
}

TEST(TsKlvFilter, PassesOnWhatIsNoTransportStream) {
    Bytes noise;
    for (unsigned i = 0; i < 5000; ++i) {
        noise.push_back(std::byte((i * 2654435761U) >> 24));
    }
    ts::KlvFilter filter;
    Bytes out = filtered(filter, noise);
    filter.finish(out);
    EXPECT_EQ(out, noise);

    TsWriter in; // in step again behind it
    in.tables({h264_stream(), synchronous_klv()});
    in.pes(kKlvPid, cell(packet(0)), {.stream_id = 0xFC, .pts = 5});
    Bytes after = filtered(filter, in.bytes());
    EXPECT_EQ(Answer(after).klv.size(), 1U);
}

TEST(TsKlvFilter, BelievesNoTableOfWrongCrc) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv()});
    Bytes bytes = in.take();
    bytes[188 + 20] ^= std::byte{1};
    ts::KlvFilter filter;
    (void)filtered(filter, bytes);
    EXPECT_TRUE(filter.streams().empty());
}

TEST(TsStartGate, HoldsOffWhatHasNoTimeUntilTheClockIsKnown) {
    TsWriter in;
    in.tables({h264_stream(), synchronous_klv()});
    const auto frame = [&](std::optional<std::uint64_t> pts,
                           std::optional<std::uint64_t> pcr = std::nullopt) {
        in.pes(kVideoPid, Bytes(100), {.pts = pts, .pcr = pcr, .sized = false});
    };
    frame(std::nullopt);          // held off
    frame(900'000);               // goes on, but by no clock yet
    frame(std::nullopt);          // held off
    frame(std::nullopt, 900'000); // held off, but for its clock
    frame(3'000'000);             // too far from the clock
    frame(std::nullopt);          // held off
    frame(901'000);               // open from here
    frame(std::nullopt);          // goes on
    EXPECT_EQ(answer_to(in.bytes()).video.size(), 5 * std::size_t{188});
}

TEST(TsPes, ReadsTimesUpToTheWrap) {
    for (const std::uint64_t pts :
         {std::uint64_t{0}, (std::uint64_t{1} << 33) - 1, std::uint64_t{0x123456789}}) {
        const Bytes ours = ts::write_pes(ts::kPrivateStream1, pts, std::nullopt, packet(0));
        const auto header = ts::parse_pes_header(ours);
        ASSERT_TRUE(header);
        EXPECT_EQ(header->pts, pts);
        EXPECT_EQ(header->payload_size, packet(0).size());
    }
}
