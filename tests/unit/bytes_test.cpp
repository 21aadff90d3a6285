#include "plugins/bytes/bytes.hpp"
#include "plugins/bytes/secrets.hpp"
#include "plugins/bytes/stated_time.hpp"
#include "plugins/bytes/utc.hpp"
#include "plugins/glib/json.hpp"

#include <gtest/gtest.h>

using namespace masthead;

TEST(ByteReader, ReadsBothByteOrders) {
    const Bytes bytes = *from_hex("01020304");
    EXPECT_EQ(*ByteReader(bytes).uint_be(4), 0x01020304U);
    EXPECT_EQ(*ByteReader(bytes).uint_le(4), 0x04030201U);
}

TEST(ByteReader, RefusesToReadPastTheEndAndStaysWhereItWas) {
    const Bytes bytes = *from_hex("0102");
    ByteReader reader(bytes);
    const auto value = reader.uint_be(4);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, Code::truncated);
    EXPECT_EQ(reader.position(), 0U);
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
    ByteWriter writer;
    writer.uint_be(0x0A0B0C, 3);
    writer.uint_le(0x0A0B0C, 3);
    EXPECT_EQ(to_hex(writer.view()), "0a0b0c0c0b0a");
}

TEST(Utc, PrintsInstantsBefore1970) {
    EXPECT_EQ(to_iso8601(Utc{0}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_iso8601(Utc{-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(Json, NamesThePlaceOfASyntaxError) {
    const auto value = json::Value::parse("{\n  \"a\": }");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, Code::malformed);
    EXPECT_NE(value.error().message.find("2:"), std::string::npos) << value.error().message;
}

TEST(Json, RefusesTextThatIsNestedTooDeep) {
    const std::string deep(100'000, '[');
    EXPECT_EQ(json::Value::parse(deep).error().code, Code::malformed);
}

TEST(Json, ReadsBackWhatItWrites) {
    json::Writer writer;
    writer.begin_object()
        .member("text", "a\"b\\c\n\x01")
        .member("number", 0.1)
        .member("missing", std::optional<double>())
        .member("large", std::int64_t{1'700'000'000'000'000})
        .key("list")
        .begin_array()
        .value(1)
        .value(true)
        .null()
        .end_array()
        .end_object();
    const auto value = json::Value::parse(writer.text());
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(*value->string("text"), "a\"b\\c\n\x01");
    EXPECT_DOUBLE_EQ(*value->number("number"), 0.1);
    EXPECT_FALSE(value->find("missing"));
    EXPECT_EQ(*value->integer("large"), 1'700'000'000'000'000);
    EXPECT_EQ(value->array("list")->items().size(), 3U);
    EXPECT_EQ(value->number("text").error().message, "'text': a number is wanted");
}

TEST(Secrets, HidePasswordsWithinUris) {
    EXPECT_EQ(without_password("rtsp://me:secret@cam/1"), "rtsp://me:***@cam/1");
    EXPECT_EQ(without_password("rtsp://me:se@cret@cam/1"), "rtsp://me:***@cam/1");
    EXPECT_EQ(without_password("srt://h:1?passphrase=x&mode=y"), "srt://h:1?passphrase=***&mode=y");
    EXPECT_EQ(without_password("rtsp://cam:554/a@b:c"), "rtsp://cam:554/a@b:c");
    EXPECT_EQ(without_password("plain: text"), "plain: text");
    EXPECT_EQ(without_password("cannot reach rtsp://a:b@c/1 nor mqtt://d:e@f:1883"),
              "cannot reach rtsp://a:***@c/1 nor mqtt://d:***@f:1883");
}

TEST(Utc, IsReadFromTheTextsThatCamerasAndSpreadsheetsWrite) {
    const auto read = [](std::string_view text) {
        const auto time = parse_time(text);
        return time ? to_iso8601(time->utc) + (time->zoned ? "" : " local") : "nothing";
    };
    EXPECT_EQ(read("2026-11-22T07:41:10.123456Z"), "2026-11-22T07:41:10.123456Z");
    EXPECT_EQ(read("2026-11-22 07:41:10,5+02:00"), "2026-11-22T05:41:10.500000Z");
    EXPECT_EQ(read("2026/11/22 07:41:10 -0130"), "2026-11-22T09:11:10.000000Z");
    EXPECT_EQ(read("2026.11.22 07:41"), "2026-11-22T07:41:00.000000Z local");
    EXPECT_EQ(read("2026-11-22 07:41:10,118,697"), "2026-11-22T07:41:10.118697Z local");
    EXPECT_EQ(read("2026-11-22T07:41:10.123456789Z"), "2026-11-22T07:41:10.123456Z");
    for (const auto* wrong : {"", "2026-11-22", "2026-02-30 10:00", "2026-11/22 10:00", "2026-11-22 24:00",
                              "2026-11-22 10:00:", "2026-11-22 10:00 hello", "2026-11-22 10:00+25:00"}) {
        EXPECT_EQ(read(wrong), "nothing") << wrong;
    }
}
