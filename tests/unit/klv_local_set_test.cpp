#include "plugins/klv/checksum.hpp"
#include "plugins/klv/local_set.hpp"
#include "plugins/klv/st0601_rows.hpp"
#include "plugins/klv/values.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace masthead;
using namespace masthead::klv;

namespace {

constexpr std::string_view kKeyHex = "060e2b34020b01010e01030101000000";
constexpr std::string_view kTimeItem = "02080005d0bb2ad6f400";

/// A packet with these items (hexadecimal) and a right checksum.
Bytes packet_of(const std::string& items) {
    ByteWriter writer;
    writer.append(*from_hex(kKeyHex));
    const std::size_t length = items.size() / 2 + 4;
    writer.u8(0x82);
    writer.uint_be(length, 2);
    writer.append(*from_hex(items));
    writer.uint_be(0x0102, 2);
    writer.uint_be(checksum(writer.view()), 2);
    return writer.release();
}

std::string with_time(std::string_view items) { return std::string(kTimeItem) + std::string(items); }

} // namespace

TEST(LocalSet, ReadsBackWhatItWrites) {
    LocalSet set;
    set.set_time({1'700'000'000'123'456});
    ASSERT_TRUE(set.set_number(13, 60.1768229669783));
    ASSERT_TRUE(set.set_number(5, 159.9744));
    ASSERT_TRUE(set.set_text(59, "KESTREL \xC3\xA9"));
    ASSERT_TRUE(set.set_integer(136, -29));
    const auto bytes = encode(set);
    ASSERT_TRUE(bytes);
    const auto packet = parse(*bytes);
    ASSERT_TRUE(packet) << packet.error().message;
    EXPECT_FALSE(packet->flaws.any());
    EXPECT_EQ(packet->size, bytes->size());
    EXPECT_EQ(packet->set.time()->us, 1'700'000'000'123'456U);
    EXPECT_NEAR(*packet->set.number(13), 60.1768229669783, 1e-12);
    EXPECT_NEAR(*packet->set.number(5), 159.9744, 0.003);
    EXPECT_EQ(*packet->set.text(59), "KESTREL \xC3\xA9");
    EXPECT_EQ(*packet->set.integer(136), -29);
    EXPECT_EQ(*packet->set.integer(65), 17);
    EXPECT_EQ(to_hex(packet->set.find(13)->value), "5595b66d");
    EXPECT_EQ(to_hex(packet->set.find(5)->value), "71c2");
}

TEST(LocalSet, PutsTimeFirstVersionAndChecksumLast) {
    LocalSet set;
    ASSERT_TRUE(set.set_number(5, 90));
    set.set_time({1});
    const auto bytes = encode(set);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(to_hex(*bytes).substr(0, 34 + 20 + 8 + 6 + 4),
              std::string(kKeyHex) + "15" + "02080000000000000001" + "05024000" + "410111" + "0102");
}

TEST(LocalSet, KeepsUnknownAndStructuredItemsByteForByte) {
    const std::string items = with_time("410111300301aabb82050201028fffffff7f0155");
    const auto packet = parse(packet_of(items));
    ASSERT_TRUE(packet);
    EXPECT_FALSE(packet->flaws.any());
    const auto again = encode(packet->set);
    ASSERT_TRUE(again);
    EXPECT_EQ(to_hex(ByteSpan(*again).subspan(17, items.size() / 2)), items);
}

TEST(LocalSet, TakesAZeroLengthItemAsUnknown) {
    const auto packet = parse(packet_of(with_time("05000d003b00")));
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->set.has(5));
    EXPECT_FALSE(packet->set.number(5));
    EXPECT_FALSE(packet->set.number(13));
    EXPECT_FALSE(packet->set.text(59));
}

TEST(LocalSet, SaysWhatIsWrongWithAPacketAndKeepsTheRest) {
    Bytes bytes = packet_of(with_time("05024000"));
    bytes.back() ^= std::byte{1};
    EXPECT_TRUE(parse(bytes)->flaws.checksum_wrong);
    EXPECT_TRUE(parse(packet_of(std::string("05024000") + std::string(kTimeItem)))->flaws.time_not_first);

    const auto repeated = parse(packet_of(with_time("0502400005028000")));
    EXPECT_TRUE(repeated->flaws.repeated_item);
    EXPECT_EQ(to_hex(repeated->set.find(5)->value), "8000");
    EXPECT_EQ(repeated->set.items().size(), 2U);

    const auto may_repeat = parse(packet_of(with_time("640101640102")));
    EXPECT_FALSE(may_repeat->flaws.any());
    EXPECT_EQ(may_repeat->set.items().size(), 3U);

    const auto cut = parse(packet_of(with_time("05024000"
                                               "0d7f0102")));
    EXPECT_TRUE(cut->flaws.cut_short);
    EXPECT_FALSE(cut->flaws.checksum_wrong);
    EXPECT_FALSE(cut->flaws.checksum_missing);
    EXPECT_NEAR(*cut->set.number(5), 90, 0.01);
}

TEST(LocalSet, FindsAMissingChecksumAndOneThatIsNotLast) {
    const auto missing = parse(*from_hex(std::string(kKeyHex) + "0a" + std::string(kTimeItem)));
    ASSERT_TRUE(missing);
    EXPECT_TRUE(missing->flaws.checksum_missing);
    ByteWriter writer;
    writer.append(*from_hex(std::string(kKeyHex) + "12" + std::string(kTimeItem) + "0102"));
    writer.uint_be(checksum(writer.view()), 2);
    writer.append(*from_hex("05024000"));
    const auto not_last = parse(writer.view());
    ASSERT_TRUE(not_last) << not_last.error().message;
    EXPECT_TRUE(not_last->flaws.checksum_not_last);
    EXPECT_FALSE(not_last->flaws.checksum_wrong);
}

TEST(LocalSet, TellsTruncatedFromMalformedFromTooLarge) {
    const Bytes bytes = packet_of(with_time("05024000"));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(parse(ByteSpan(bytes).first(size)).error().code, Code::truncated) << size;
    }
    EXPECT_EQ(parse(*from_hex("00")).error().code, Code::malformed);
    EXPECT_EQ(parse(*from_hex(std::string(kKeyHex) + "80")).error().code, Code::malformed);
    EXPECT_EQ(parse(*from_hex(std::string(kKeyHex) + "ff")).error().code, Code::malformed);
    EXPECT_EQ(parse(*from_hex(std::string(kKeyHex) + "83010000")).error().code, Code::too_large);
    EXPECT_EQ(parse(*from_hex(std::string(kKeyHex) + "88ffffffffffffffff")).error().code, Code::too_large);
    EXPECT_EQ(parse(*from_hex("060e2b34020b01010e0103010200000000")).error().code, Code::malformed);
}
