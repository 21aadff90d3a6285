// What a line of the log looks like, whatever the fields hold.
#include "plugins/glib/log.hpp"

#include <gmock/gmock.h>

using namespace masthead;
using testing::EndsWith;

namespace {

std::string logged(const std::string& message, const std::string& value) {
    testing::internal::CaptureStderr();
    log(LogLevel::info, message, {{"name", value}});
    return testing::internal::GetCapturedStderr();
}

} // namespace

TEST(Log, LeavesUtf8Readable) {
    EXPECT_THAT(logged("Schiff für Ærø", "Ærø"), EndsWith(" INFO Schiff für Ærø name=Ærø\n"));
    EXPECT_THAT(logged("m", "海 鷗"), EndsWith("name=\"海 鷗\"\n"));
}

TEST(Log, EscapesQuotesBackslashesAndControlCharacters) {
    EXPECT_THAT(logged("m", "say \"hi\""), EndsWith("name=\"say \\\"hi\\\"\"\n"));
    EXPECT_THAT(logged("m", "C:\\x"), EndsWith("name=\"C:\\\\x\"\n"));
    EXPECT_THAT(logged("m", "a\nb\x1b[2J"), EndsWith("name=\"a\\nb\\x1b[2J\"\n"));
    EXPECT_THAT(logged("m", ""), EndsWith("name=\"\"\n"));
}

TEST(Log, LetsNeitherBrokenUtf8NorHiddenControlCharactersThrough) {
    EXPECT_THAT(logged("m", "\xff\xc3"), EndsWith("name=\"\\xff\\xc3\"\n"));
    EXPECT_THAT(logged("m", "\xc2\x9b"
                            "2J"),
                EndsWith("name=\"\\xc2\\x9b2J\"\n"));
    EXPECT_THAT(logged("a\nb\xff", "x"), EndsWith(" INFO a b  name=x\n"));
}

TEST(Log, HidesPasswordsWithinUris) {
    EXPECT_THAT(logged("no rtsp://me:secret@cam/1", "mqtt://me:secret@broker:1883"),
                EndsWith(" INFO no rtsp://me:***@cam/1 name=mqtt://me:***@broker:1883\n"));
}
