#include "plugins/klv/ber.hpp"
#include "plugins/klv/checksum.hpp"
#include "plugins/klv/frame_message.hpp"
#include "plugins/klv/imapb.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::klv;

namespace {

std::string oid(std::uint32_t number) {
    ByteWriter writer;
    write_ber_oid(writer, number);
    return to_hex(writer.view());
}

std::string length(std::uint64_t value) {
    ByteWriter writer;
    write_ber_length(writer, value);
    return to_hex(writer.view());
}

template <typename T>
Result<T> read(Result<T> (*reader)(ByteReader&), const std::string& hex) {
    const Bytes bytes = *from_hex(hex);
    ByteReader bytes_reader(bytes);
    return reader(bytes_reader);
}

} // namespace

TEST(Ber, WritesTagsAsTheStandardShows) {
    EXPECT_EQ(oid(0), "00");
    EXPECT_EQ(oid(127), "7f");
    EXPECT_EQ(oid(128), "8100");
    EXPECT_EQ(oid(143), "810f");
    EXPECT_EQ(oid(16384), "818000");
    EXPECT_EQ(oid(0xFFFFFFFF), "8fffffff7f");
}

TEST(Ber, ReadsEveryTagItWrites) {
    for (std::uint64_t number = 1; number <= 0xFFFFFFFF; number = number * 3 + 1) {
        EXPECT_EQ(*read(read_ber_oid, oid(static_cast<std::uint32_t>(number))), number);
    }
}

TEST(Ber, RefusesTagsThatAreNotOnes) {
    EXPECT_EQ(read(read_ber_oid, "8001").error().code, Code::malformed);
    EXPECT_EQ(read(read_ber_oid, "8fffffffff7f").error().code, Code::malformed);
    EXPECT_EQ(read(read_ber_oid, "9fffffff7f").error().code, Code::malformed);
    EXPECT_EQ(read(read_ber_oid, "81").error().code, Code::truncated);
    EXPECT_EQ(read(read_ber_oid, "").error().code, Code::truncated);
}

TEST(Ber, WritesTheShortestLength) {
    EXPECT_EQ(length(0), "00");
    EXPECT_EQ(length(127), "7f");
    EXPECT_EQ(length(128), "8180");
    EXPECT_EQ(length(255), "81ff");
    EXPECT_EQ(length(256), "820100");
    EXPECT_EQ(length(0xFFFFFFFFFFFFFFFF), "88ffffffffffffffff");
}

TEST(Ber, ReadsLongFormsThatAreNotMinimal) {
    EXPECT_EQ(*read(read_ber_length, "8105"), 5U);
    EXPECT_EQ(*read(read_ber_length, "880000000000000005"), 5U);
}

TEST(Ber, RefusesLengthsThatAreNotOnes) {
    EXPECT_EQ(read(read_ber_length, "80").error().code, Code::malformed);
    EXPECT_EQ(read(read_ber_length, "89010101010101010101").error().code, Code::malformed);
    EXPECT_EQ(read(read_ber_length, "ff").error().code, Code::malformed);
    EXPECT_EQ(read(read_ber_length, "8201").error().code, Code::truncated);
}

TEST(Checksum, CountsEvenOffsetsAsHighBytes) {
    EXPECT_EQ(checksum(*from_hex("")), 0);
    EXPECT_EQ(checksum(*from_hex("0102")), 0x0102);
    EXPECT_EQ(checksum(*from_hex("010203")), 0x0402);
    EXPECT_EQ(checksum(*from_hex("ffffffff")), 0xFFFE);
}

TEST(Imapb, PutsZeroOnACodeExactly) {
    for (std::size_t size = 1; size <= 6; ++size) {
        const Imapb map{-900, 40000, size};
        EXPECT_EQ(imapb_decode(map, imapb_encode(map, 0)).number, 0.0) << size;
    }
    const Imapb uneven{-0.1, 0.3, 3};
    EXPECT_NEAR(*imapb_decode(uneven, imapb_encode(uneven, 0)).number, 0.0, 1e-16);
}

TEST(Imapb, NeverErrsByMoreThanAStep) {
    for (const Imapb map :
         {Imapb{0, 360, 2}, Imapb{-900, 40000, 3}, Imapb{-1000, 1000, 4}, Imapb{0, 1.5e6, 3}}) {
        for (int i = 0; i <= 1000; ++i) {
            const double value = map.min + (map.max - map.min) * i / 1000;
            const auto back = imapb_decode(map, imapb_encode(map, value));
            ASSERT_TRUE(back.number);
            EXPECT_NEAR(*back.number, value, imapb_resolution(map));
        }
    }
}

TEST(Imapb, TakesTheTopCodeWhenTheRangeIsAPowerOfTwo) {
    const Imapb map{0, 128, 1};
    EXPECT_EQ(imapb_encode(map, 128), 0x80U);
    EXPECT_EQ(imapb_decode(map, 0x80).number, 128.0);
}

TEST(Imapb, HasCodesForBelowAndAbove) {
    const Imapb map{0, 360, 2};
    EXPECT_EQ(imapb_encode(map, -1), 0xE000U);
    EXPECT_EQ(imapb_encode(map, 361), 0xE100U);
    EXPECT_EQ(imapb_decode(map, 0xE000).special, ImapbSpecial::below_minimum);
    EXPECT_EQ(imapb_decode(map, 0xE100).special, ImapbSpecial::above_maximum);
    // 0..360 is padded to 512: codes past the maximum are no values, but for the one a rounding away.
    EXPECT_EQ(imapb_decode(map, 360 * 64 + 1).number, 360.0);
    EXPECT_EQ(imapb_decode(map, 360 * 64 + 2).special, ImapbSpecial::other);
}

TEST(FrameMessage, ReadsBackWhatItWrites) {
    FrameMessageHeader header;
    header.time_method = FrameTimeMethod::rtcp;
    header.value_method = FrameValueMethod::interpolated;
    header.flags = kFrameKeyFrame | kFrameClockUnlocked;
    header.rtp_timestamp = 0xFEDCBA98;
    header.seq = 7;
    header.utc_us = 1'700'000'000'123'456;
    header.position_error_m = 1.5F;
    header.klv_bytes = 2;
    Bytes bytes = encode_header(header);
    ASSERT_EQ(bytes.size(), kFrameMessageHeaderSize);
    EXPECT_EQ(to_hex(bytes).substr(0, 40), "01020203fedcba980000000700060a2418202240");
    EXPECT_EQ(decode_header(bytes).error().code, Code::truncated);
    bytes.resize(bytes.size() + 2);
    const auto back = decode_header(bytes);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->time_method, FrameTimeMethod::rtcp);
    EXPECT_EQ(back->value_method, FrameValueMethod::interpolated);
    EXPECT_EQ(back->rtp_timestamp, 0xFEDCBA98U);
    EXPECT_EQ(back->utc_us, 1'700'000'000'123'456U);
    EXPECT_EQ(back->position_error_m, 1.5F);
    EXPECT_EQ(back->klv_bytes, 2U);
}

TEST(FrameMessage, RefusesWhatItDoesNotKnow) {
    const Bytes sound = encode_header({});
    for (const std::size_t position : {0U, 1U, 2U}) {
        Bytes bytes = sound;
        bytes[position] = std::byte{9};
        EXPECT_EQ(decode_header(bytes).error().code, Code::malformed) << position;
    }
    EXPECT_EQ(decode_header(ByteSpan(sound).first(47)).error().code, Code::truncated);
}
