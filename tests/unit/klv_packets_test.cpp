#include "plugins/klv/access_unit.hpp"
#include "plugins/klv/local_set.hpp"
#include "plugins/klv/packets.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace masthead;
using namespace masthead::klv;

namespace {

Bytes packet(std::uint64_t us, std::size_t padding = 0) {
    LocalSet set;
    set.set_time({us});
    if (padding > 0) {
        set.set_raw(48, Bytes(padding, std::byte{0x55}));
    }
    return *encode(set);
}

Bytes joined(const std::vector<Bytes>& parts) {
    Bytes all;
    for (const Bytes& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

struct Split {
    std::vector<Bytes> packets;
    std::uint64_t skipped = 0;
    std::uint64_t resyncs = 0;
    std::size_t pending = 0;
    friend bool operator==(const Split&, const Split&) = default;
};

/// Feeds `bytes` in chunks of up to `largest` bytes.
Split split(const Bytes& bytes, std::size_t largest) {
    PacketSplitter splitter;
    Split result;
    std::mt19937 random(7);
    for (ByteSpan rest = bytes; !rest.empty();) {
        const std::size_t size = std::min<std::size_t>(1 + random() % largest, rest.size());
        splitter.feed(rest.first(size), [&](ByteSpan p) { result.packets.emplace_back(p.begin(), p.end()); });
        EXPECT_LE(splitter.pending(), kMaxPacketSize);
        rest = rest.subspan(size);
    }
    result.skipped = splitter.skipped_bytes();
    result.resyncs = splitter.resyncs();
    result.pending = splitter.pending();
    return result;
}

const Bytes kNoise = *from_hex("0011060e2b060e2b33ff");

} // namespace

TEST(PacketSplitter, YieldsWholePacketsHoweverTheStreamIsCut) {
    const std::vector<Bytes> packets{packet(1), packet(2, 300), packet(3), packet(4, 60'000)};
    for (const std::size_t largest : {1U, 3U, 17U, 1000U, 200'000U}) {
        const Split result = split(joined(packets), largest);
        EXPECT_EQ(result.packets, packets) << largest;
        EXPECT_EQ(result.skipped, 0U);
        EXPECT_EQ(result.pending, 0U);
    }
}

TEST(PacketSplitter, SkipsWhatIsNoKeyAndCountsIt) {
    const Bytes stream = joined({kNoise, packet(1), kNoise, kNoise, packet(2), kNoise});
    const Split result = split(stream, 5);
    EXPECT_EQ(result.packets, (std::vector<Bytes>{packet(1), packet(2)}));
    EXPECT_EQ(result.skipped, 4 * kNoise.size());
    EXPECT_EQ(result.resyncs, 3U);
}

TEST(PacketSplitter, TakesTheNextPacketWhenOneLostItsEnd) {
    Bytes cut = packet(1, 5000);
    cut.resize(100);
    const Bytes stream = joined({cut, packet(2), packet(3)});
    for (const std::size_t largest : {1U, 50U, 10'000U}) {
        const Split result = split(stream, largest);
        EXPECT_EQ(result.packets, (std::vector<Bytes>{packet(2), packet(3)})) << largest;
        EXPECT_EQ(result.skipped, 100U);
        EXPECT_EQ(result.resyncs, 1U);
    }
}

TEST(PacketSplitter, GetsOverLengthsThatCannotBe) {
    const Bytes hostile = *from_hex("060e2b34020b01010e01030101000000"
                                    "88ffffffffffffffff"
                                    "060e2b34020b01010e01030101000000"
                                    "80"
                                    "060e2b34020b01010e01030101000000"
                                    "83010000");
    const Split result = split(joined({hostile, packet(1)}), 4);
    EXPECT_EQ(result.packets, (std::vector<Bytes>{packet(1)}));
    EXPECT_EQ(result.skipped, hostile.size());
}

TEST(PacketSplitter, TakesTheRealKeyThatFollowsTheBeginningOfOne) {
    for (const std::size_t kept : {4U, 5U, 8U, 12U, 15U}) {
        Bytes cut = packet(1);
        cut.resize(kept);
        for (const std::size_t largest : {1U, 18U, 20U, 10'000U}) {
            const Split result = split(joined({cut, packet(2), packet(3)}), largest);
            EXPECT_EQ(result.packets, (std::vector<Bytes>{packet(2), packet(3)})) << kept << ' ' << largest;
            EXPECT_EQ(result.skipped, kept);
            EXPECT_EQ(result.resyncs, 1U);
        }
    }
}

TEST(PacketSplitter, TakesAnySmpteKeyForAPacket) {
    const Bytes core_id = *from_hex("060e2b34010101010e01040503000000"
                                    "020160");
    EXPECT_EQ(split(joined({core_id, packet(1)}), 3).packets, (std::vector<Bytes>{core_id, packet(1)}));
}

TEST(PacketSplitter, GivesTheSameForAnyCutOfABrokenStream) {
    std::mt19937 random(11);
    for (int round = 0; round < 50; ++round) {
        Bytes stream = joined({packet(1, 200), packet(2), packet(3, 90), packet(4), packet(5, 500)});
        for (int i = 0; i < 6; ++i) {
            stream[random() % stream.size()] = static_cast<std::byte>(random());
        }
        stream.erase(stream.begin() + static_cast<std::ptrdiff_t>(random() % 300),
                     stream.begin() + static_cast<std::ptrdiff_t>(300 + random() % 300));
        const Split whole = split(stream, 1'000'000);
        EXPECT_EQ(whole, split(stream, 1)) << round;
        EXPECT_EQ(whole, split(stream, 40)) << round;
    }
}

TEST(PacketSplitter, ForgetsAnUnfinishedPacketOnReset) {
    PacketSplitter splitter;
    int yielded = 0;
    splitter.feed(ByteSpan(packet(1)).first(20), [&](ByteSpan) { ++yielded; });
    splitter.reset();
    EXPECT_EQ(splitter.pending(), 0U);
    EXPECT_EQ(splitter.skipped_bytes(), 20U);
    splitter.feed(packet(2), [&](ByteSpan p) {
        ++yielded;
        EXPECT_EQ(to_hex(p), to_hex(packet(2)));
    });
    EXPECT_EQ(yielded, 1);
    EXPECT_EQ(splitter.packets(), 1U);
}

TEST(AccessUnit, StripsCellHeadersAndLeavesRawKlvAlone) {
    const Bytes klv = packet(1);
    EXPECT_EQ(klv_parts(klv).size(), 1U);
    EXPECT_EQ(to_hex(klv_parts(klv).front()), to_hex(klv));

    const Bytes other = packet(2);
    const Bytes cells =
        joined({*encode_au_cell_header(3, klv.size()), klv, *encode_au_cell_header(4, other.size()), other});
    EXPECT_EQ(to_hex(ByteSpan(cells).first(5)), "0003df00" + to_hex(Bytes{std::byte(klv.size())}));
    const auto parts = klv_parts(cells);
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(to_hex(parts[0]), to_hex(klv));
    EXPECT_EQ(to_hex(parts[1]), to_hex(other));
}

TEST(AccessUnit, KeepsTheBeginningOfACellThatWasCut) {
    const Bytes klv = packet(1);
    Bytes cell = joined({*encode_au_cell_header(0, klv.size()), klv});
    cell.resize(20);
    const auto parts = klv_parts(cell);
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(to_hex(parts.front()), to_hex(ByteSpan(klv).first(15)));
}

TEST(AccessUnit, GivesBackWhatIsNoChainOfCells) {
    const Bytes rest_of_a_packet = *from_hex("0d045595b66d0e045b5360c4");
    EXPECT_EQ(to_hex(klv_parts(rest_of_a_packet).front()), to_hex(rest_of_a_packet));
    EXPECT_TRUE(klv_parts({}).empty());
    EXPECT_EQ(encode_au_cell_header(0, 70'000).error().code, Code::too_large);
}

TEST(AccessUnit, LetsTheSplitterJoinFragments) {
    const Bytes klv = packet(9, 100);
    const Bytes first =
        joined({*from_hex("00019f"), *from_hex("0032"), Bytes(klv.begin(), klv.begin() + 50)});
    Bytes last = *from_hex("00025f");
    last.push_back(std::byte{0});
    last.push_back(static_cast<std::byte>(klv.size() - 50));
    last.insert(last.end(), klv.begin() + 50, klv.end());
    PacketSplitter splitter;
    std::vector<Bytes> packets;
    for (const Bytes& payload : {first, last}) {
        for (const ByteSpan part : klv_parts(payload)) {
            splitter.feed(part, [&](ByteSpan p) { packets.emplace_back(p.begin(), p.end()); });
        }
    }
    EXPECT_EQ(packets, std::vector<Bytes>{klv});
}
