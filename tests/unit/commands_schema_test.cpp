// schema/commands.json against its schema.
#include "server/config/document.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace masthead {
namespace {

std::string text_of(const char* name) {
    std::ifstream file(std::string(MASTHEAD_SOURCE "/schema/") + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Result<void> checked(const std::string& commands) {
    const auto document = config::parse_json(commands, "commands.json");
    return document ? config::check(*document, text_of("commands.schema.json"))
                    : Result<void>(tl::unexpected(document.error()));
}

TEST(CommandsSchema, HoldsForTheTable) {
    const auto done = checked(text_of("commands.json"));
    EXPECT_TRUE(done) << done.error().message;
}

TEST(CommandsSchema, RefusesAWrongWordANumberOutOfRangeAndAnUnknownMember) {
    for (const auto& [right, wrong] :
         {std::pair(R"("danger": "hold")", R"("danger": "none at all")"),
          std::pair(R"("to": "autopilot")", R"("to": "everyone")"),
          std::pair(R"("command": 400)", R"("command": 0)"), std::pair(R"("times": 2)", R"("times": 100)"),
          std::pair(R"("emergency": true)", R"("emergncy": true)")}) {
        std::string table = text_of("commands.json");
        const auto at = table.find(right);
        ASSERT_NE(at, std::string::npos) << right;
        table.replace(at, std::string(right).size(), wrong);
        EXPECT_FALSE(checked(table)) << wrong;
    }
}

} // namespace
} // namespace masthead
