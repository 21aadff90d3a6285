// Which part of a file a request gets (RFC 9110, 14).
#include "server/http/message.hpp"

#include <gtest/gtest.h>

using namespace masthead::http;

namespace {

Response answer(const std::string& range, const std::string& if_range = "",
                const std::string& if_none_match = "") {
    Request request;
    request.range = range;
    request.if_range = if_range;
    request.if_none_match = if_none_match;
    return file_response(request, "/file", 1000, "video/mp2t", "\"tag\"");
}

std::string header_of(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) {
            return value;
        }
    }
    return "";
}

} // namespace

TEST(FileResponse, GivesTheRangeThatIsAskedFor) {
    for (const auto& [range, offset, bytes] :
         std::initializer_list<std::tuple<const char*, unsigned, unsigned>>{{"bytes=0-99", 0, 100},
                                                                            {"bytes=900-", 900, 100},
                                                                            {"bytes=-100", 900, 100},
                                                                            {"bytes=-5000", 0, 1000},
                                                                            {"bytes=990-5000", 990, 10},
                                                                            {"bytes=999-999", 999, 1}}) {
        const Response response = answer(range);
        EXPECT_EQ(response.status, 206) << range;
        ASSERT_TRUE(response.file) << range;
        EXPECT_EQ(response.file->offset, offset) << range;
        EXPECT_EQ(response.file->bytes, bytes) << range;
    }
    EXPECT_EQ(header_of(answer("bytes=0-99"), "Content-Range"), "bytes 0-99/1000");
}

TEST(FileResponse, GivesAllForARangeItDoesNotUnderstand) {
    for (const char* range : {"", "bytes=", "bytes=a-b", "bytes=5-1", "bytes=0-1,5-6", "lines=1-2",
                              "bytes=1-2x", "bytes=99999999999999999999-"}) {
        EXPECT_EQ(answer(range).status, 200) << range;
        EXPECT_EQ(answer(range).file->bytes, 1000U) << range;
    }
}

TEST(FileResponse, RefusesARangeBeyondTheFile) {
    for (const char* range : {"bytes=1000-", "bytes=1000-2000", "bytes=-0"}) {
        EXPECT_EQ(answer(range).status, 416) << range;
        EXPECT_EQ(header_of(answer(range), "Content-Range"), "bytes */1000");
        EXPECT_FALSE(answer(range).file);
    }
}

TEST(FileResponse, HeedsTheTagOfAnEarlierAnswer) {
    EXPECT_EQ(answer("", "", "\"tag\"").status, 304);
    EXPECT_EQ(answer("", "", "\"other\"").status, 200);
    EXPECT_EQ(answer("bytes=0-9", "\"tag\"").status, 206);
    EXPECT_EQ(answer("bytes=0-9", "\"other\"").status, 200);
}
