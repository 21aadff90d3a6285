// The table of commands, and arguments checked against it.
#include "plugins/commands/mission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace masthead::commands {
namespace {

using testing::HasSubstr;

Result<Arguments> read(const char* command, Kinds kind, const char* parameters) {
    const auto value = json::Value::parse(parameters);
    if (!value) {
        return tl::unexpected(value.error());
    }
    return read_arguments(*row(command), kind, *value);
}

TEST(CommandTable, HasTheCommandsOfOperatorsAndNoOther) {
    for (const char* name : {"arm",          "disarm",        "takeoff",
                             "land",         "return",        "hold",
                             "goto",         "set_mode",      "set_speed",
                             "set_altitude", "set_heading",   "orbit",
                             "set_home",     "gimbal_angles", "gimbal_location",
                             "track_point",  "photo",         "video_start",
                             "zoom",         "focus",         "set_throttle",
                             "steer",        "station_keep",  "reboot_companion"}) {
        EXPECT_NE(row(name), nullptr) << name;
    }
    EXPECT_EQ(row("explode"), nullptr);
    EXPECT_EQ(row(""), nullptr);
}

TEST(CommandTable, LetsOnlyHoldAndReturnBeSentAgain) {
    for (const Row& each : rows()) {
        EXPECT_EQ(each.resends > 0, each.name == "hold" || each.name == "return") << each.name;
        EXPECT_EQ(each.emergency, each.name == "hold" || each.name == "return") << each.name;
    }
}

TEST(CommandTable, PutsCommandsThatShareAnAcknowledgementIntoOneLane) {
    for (const Row& one : rows()) {
        for (const Row& other : rows()) {
            for (const MavlinkRow& a : one.mavlink) {
                for (const MavlinkRow& b : other.mavlink) {
                    EXPECT_TRUE(a.command != b.command || one.lane == other.lane)
                        << one.name << " and " << other.name;
                }
            }
        }
    }
    EXPECT_EQ(row("arm")->lane, row("disarm")->lane);
    EXPECT_EQ(row("hold")->lane, row("set_mode")->lane);
    EXPECT_NE(row("hold")->lane, row("return")->lane);
}

TEST(CommandArguments, AreReadAndWrittenInTheOrderOfTheTable) {
    const auto read_back =
        read("goto", kDrone, R"({"altitude_m":40,"longitude_deg":24.5,"latitude_deg":-0.25})");
    ASSERT_TRUE(read_back) << read_back.error().message;
    EXPECT_EQ(to_json(*read_back), R"({"latitude_deg":-0.25,"longitude_deg":24.5,"altitude_m":40})");
    EXPECT_EQ(to_json(*read("set_relay", kVessel, R"({"number":3,"on":true})")), R"({"number":3,"on":true})");
    EXPECT_EQ(to_json(*read("set_mode", kDrone, R"({"mode":"GUIDED"})")), R"({"mode":"GUIDED"})");
    EXPECT_EQ(to_json(*read_arguments(*row("hold"), kVessel, std::nullopt)), "{}");
}

TEST(CommandArguments, AreRefusedWithASentenceThatNamesTheParameterAndItsRange) {
    struct Case {
        const char* command;
        Kinds kind;
        const char* parameters;
        const char* sentence;
    };
    constexpr Case kCases[] = {
        {"takeoff", kDrone, "{}", "'altitude_m' of 'takeoff' is missing: a number from 1 to 500 m is wanted"},
        {"takeoff", kDrone, R"({"altitude_m":501})",
         "'altitude_m' of 'takeoff' must be a number from 1 to 500 m"},
        {"takeoff", kDrone, R"({"altitude_m":0.99})", "must be a number from 1 to 500 m"},
        {"takeoff", kDrone, R"({"altitude_m":"20"})", "must be a number"},
        {"takeoff", kDrone, R"({"altitude_m":null})", "is missing"},
        {"takeoff", kDrone, R"({"altitude_m":20,"now":true})", "'takeoff' has no parameter 'now'"},
        {"takeoff", kDrone, "[20]", "'parameters' must be an object"},
        {"takeoff", kVessel, R"({"altitude_m":20})", "'takeoff' is no command for a vessel"},
        {"steer", kDrone, R"({"heading_deg":1,"speed_mps":1})", "'steer' is no command for a drone"},
        {"goto", kVessel, R"({"latitude_deg":1,"longitude_deg":2,"altitude_m":40})",
         "'altitude_m' of 'goto' is not for a vessel"},
        {"goto", kDrone, R"({"latitude_deg":90.1,"longitude_deg":2,"altitude_m":40})", "from -90 to 90 °"},
        {"set_relay", kDrone, R"({"number":1.5,"on":true})", "a whole number from 0 to 15"},
        {"set_relay", kDrone, R"({"number":1,"on":1})", "must be true or false"},
        {"set_mode", kDrone, R"({"mode":""})", "a text of 1 to 32 bytes"},
        {"set_mode", kDrone, R"({"mode":"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456"})", "a text of 1 to 32 bytes"},
        {"hold", kDrone, R"({"force":true})", "'hold' has no parameter 'force'"},
    };
    for (const Case& each : kCases) {
        const auto refused = read(each.command, each.kind, each.parameters);
        ASSERT_FALSE(refused) << each.command << each.parameters;
        EXPECT_EQ(refused.error().code, Code::invalid_argument) << each.parameters;
        EXPECT_THAT(refused.error().message, HasSubstr(each.sentence));
    }
}

TEST(CommandArguments, AreNeverNaNOrInfinite) {
    for (const char* number : {"NaN", "nan", "Infinity", "-Infinity", "1e999", "-1e999"}) {
        EXPECT_FALSE(read("set_speed", kDrone, (R"({"speed_mps":)" + std::string(number) + "}").c_str()))
            << number;
    }
}

TEST(CommandTable, PutsAllTransfersOfMissionsIntoOneLane) {
    for (const char* name : {"mission_upload", "mission_download", "mission_clear"}) {
        EXPECT_NE(row(name)->mission, MissionTask::none);
        EXPECT_EQ(row(name)->lane, "mission_upload");
    }
    EXPECT_EQ(row("hold")->mission, MissionTask::none);
}

TEST(MissionItems, AreReadAndWrittenAlike) {
    const char* const text =
        R"([{"item":"takeoff","frame":"above_home","parameters":{"latitude_deg":1,"longitude_deg":2,"altitude_m":20}},)"
        R"({"item":"waypoint","frame":"global","parameters":{"latitude_deg":1,"longitude_deg":2,"altitude_m":2000,"hold_s":2.5}},)"
        R"({"item":"return","parameters":{}}])";
    const auto items = read_items(*json::Value::parse(text), kDrone);
    ASSERT_TRUE(items) << items.error().message;
    EXPECT_EQ(to_json(*items), text);
    EXPECT_EQ(*read_items(*json::Value::parse(to_json(*items)), kDrone), *items);
    const auto sailed = read_items(
        *json::Value::parse(R"([{"item":"waypoint","parameters":{"latitude_deg":1,"longitude_deg":2}}])"),
        kVessel);
    EXPECT_TRUE(sailed) << sailed.error().message;
}

TEST(MissionItems, AreRefusedByTheirPlaceAndField) {
    const std::string good = R"({"item":"return"})";
    for (const auto& [item, said] :
         {std::pair(R"({"item":"takeoff","parameters":{"latitude_deg":1,"longitude_deg":2}})",
                    "'altitude_m'"),
          std::pair(R"({"item":"waypoint","parameters":{"latitude_deg":91}})", "'latitude_deg'"),
          std::pair(R"({"item":"waypoint","parameters":3})", "'parameters'"),
          std::pair(R"({"item":"foreign","command":16})", "'foreign'"), std::pair("3", "object"),
          std::pair(R"({"item":"photo","frame":"global"})", "'frame'")}) {
        const auto items = read_items(*json::Value::parse("[" + good + "," + item + "]"), kDrone);
        ASSERT_FALSE(items) << item;
        EXPECT_EQ(items.error().code, Code::invalid_argument);
        EXPECT_THAT(items.error().message, testing::StartsWith("items[1]: "));
        EXPECT_THAT(items.error().message, HasSubstr(said));
    }
    std::string many = good;
    for (std::size_t i = 0; i < kMaxMissionItems; ++i) {
        many += "," + good;
    }
    EXPECT_THAT(read_items(*json::Value::parse("[" + many + "]"), kDrone).error().message,
                HasSubstr("1001 items"));
    EXPECT_FALSE(read_items(*json::Value::parse("[]"), kDrone));
    EXPECT_FALSE(read_items(*json::Value::parse("{}"), kDrone));
}

} // namespace
} // namespace masthead::commands
