// Commands that make no sense for a vehicle as it is.
#include "server/commands/situation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace masthead::commands {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Utc kNow{1'800'000'000'000'000};

Situation situation(std::optional<bool> armed, std::optional<double> height_m) {
    Situation now{.heard = kNow, .armed = {}, .height_m = {}, .place = Fact<Place>{{59.5, 24.75}, kNow}};
    if (armed) {
        now.armed = Fact<bool>{*armed, kNow};
    }
    if (height_m) {
        now.height_m = Fact<double>{*height_m, kNow};
    }
    return now;
}

std::string refusal(const char* command, const Situation& situation, Utc now = kNow,
                    const char* parameters = nullptr) {
    const auto value = parameters ? std::optional(*json::Value::parse(parameters)) : std::nullopt;
    const auto arguments = parameters ? read_arguments(*row(command), kDrone, value).value() : Arguments();
    const auto sense = makes_sense(*row(command), arguments, situation, now);
    return sense ? "" : sense.error().message;
}

TEST(CommandSituation, RefusesWithTheReason) {
    const Situation flying = situation(true, 30);
    const Situation standing = situation(false, 0);
    EXPECT_THAT(refusal("takeoff", flying), HasSubstr("flies, at 30 m"));
    EXPECT_THAT(refusal("disarm", flying), HasSubstr("flies"));
    EXPECT_THAT(refusal("arm", flying), HasSubstr("armed already"));
    EXPECT_THAT(refusal("land", standing), HasSubstr("on the ground"));
    EXPECT_THAT(refusal("goto", standing), HasSubstr("not armed"));
    for (const char* good : {"takeoff", "arm", "disarm"}) {
        EXPECT_EQ(refusal(good, standing), "") << good;
    }
    EXPECT_EQ(refusal("takeoff", situation(true, 0.3)), "") << "armed on the ground";
    EXPECT_EQ(refusal("land", flying), "");
}

TEST(CommandSituation, KnowsNothingOfASilentVehicleButNeverHoldsUpAnEmergency) {
    EXPECT_THAT(refusal("land", Situation{}), HasSubstr("nothing has been heard of the vehicle yet"));
    EXPECT_THAT(refusal("land", situation(true, 30), kNow + 61s), HasSubstr("for 61 s"));
    for (const char* emergency : {"hold", "return"}) {
        EXPECT_EQ(refusal(emergency, Situation{}), "") << emergency;
        EXPECT_EQ(refusal(emergency, situation(false, 0)), "") << emergency;
    }
}

TEST(CommandSituation, IsNotInTheWayWhereTheVehicleDoesNotSay) {
    for (const char* command : {"arm", "disarm", "takeoff", "land", "set_heading", "set_speed"}) {
        EXPECT_EQ(refusal(command, situation({}, {})), "") << command;
    }
}

TEST(CommandSituation, RefusesAPlaceOutOfRangeAlsoAcrossTheAntimeridian) {
    Situation there = situation(true, 30);
    EXPECT_EQ(refusal("goto", there, kNow, R"({"latitude_deg":59.6,"longitude_deg":24.75,"altitude_m":40})"),
              "");
    EXPECT_THAT(
        refusal("goto", there, kNow, R"({"latitude_deg":60.5,"longitude_deg":24.75,"altitude_m":40})"),
        HasSubstr("111 km away"));
    const char* const items =
        R"([{"item":"return"},{"item":"waypoint","parameters":{"latitude_deg":60.5,"longitude_deg":24.75,"altitude_m":40}}])";
    const auto mission = read_items(*json::Value::parse(items), kDrone);
    EXPECT_THAT(in_range(*mission, there, kNow).error().message, HasSubstr("items[1] is 111 km away"));
    EXPECT_TRUE(in_range(*mission, Situation{}, kNow)) << "nobody knows where it is";
    there.place = Fact<Place>{{0, 179.99}, kNow};
    EXPECT_EQ(refusal("goto", there, kNow, R"({"latitude_deg":0,"longitude_deg":-179.99,"altitude_m":40})"),
              "");
}

/// 2 km round where the vehicle is, up to 120 m above ground.
fences::Fence bay() {
    return {.id = "1",
            .name = "Bay",
            .rule = fences::Rule::keep_in,
            .vehicle = "",
            .enabled = true,
            .shape = fences::Circle{{59.5, 24.75}, 2000},
            .altitude = fences::AltitudeBand{fences::Datum::agl, std::nullopt, 120}};
}

std::string fence_refusal(const char* command, const char* parameters, const Situation& situation,
                          const std::vector<fences::Fence>& fences) {
    const auto arguments = read_arguments(*row(command), kDrone, *json::Value::parse(parameters));
    const auto within = within_fences(*row(command), arguments.value(), situation, fences, "kestrel", kNow);
    return within ? "" : within.error().message;
}

TEST(CommandSituation, RefusesAPlaceBeyondAFenceByItsName) {
    const Situation there = situation(true, 30);
    fences::Fence in = bay();
    fences::Fence out{.id = "2",
                      .name = "Mast",
                      .rule = fences::Rule::keep_out,
                      .vehicle = "kestrel",
                      .enabled = true,
                      .shape = fences::Circle{{59.505, 24.75}, 100},
                      .altitude = {}};
    const char* near = R"({"latitude_deg":59.51,"longitude_deg":24.75,"altitude_m":40})";
    EXPECT_EQ(fence_refusal("goto", near, there, {in, out}), "");
    EXPECT_EQ(
        fence_refusal("goto", R"({"latitude_deg":59.6,"longitude_deg":24.75,"altitude_m":40})", there, {in}),
        "'goto' is refused: it leads out of the keep-in fence 'Bay'");
    EXPECT_THAT(fence_refusal("goto", R"({"latitude_deg":59.51,"longitude_deg":24.75,"altitude_m":130})",
                              there, {in}),
                HasSubstr("'Bay'"));
    EXPECT_EQ(fence_refusal("goto", R"({"latitude_deg":59.505,"longitude_deg":24.75,"altitude_m":40})", there,
                            {in, out}),
              "'goto' is refused: it leads into the keep-out fence 'Mast'");
    const char* round = R"({"latitude_deg":59.507,"longitude_deg":24.75,"altitude_m":40,"radius_m":200})";
    EXPECT_THAT(fence_refusal("orbit", round, there, {in, out}), HasSubstr("'Mast'"));
    EXPECT_THAT(fence_refusal("set_home", R"({"latitude_deg":59.6,"longitude_deg":24.75,"altitude_msl_m":4})",
                              there, {in}),
                HasSubstr("'Bay'"));
    EXPECT_EQ(fence_refusal("gimbal_location",
                            R"({"latitude_deg":59.6,"longitude_deg":24.75,"altitude_msl_m":4})", there, {in}),
              "");
    out.vehicle = "merlin";
    EXPECT_EQ(fence_refusal("goto", R"({"latitude_deg":59.505,"longitude_deg":24.75,"altitude_m":40})", there,
                            {out}),
              "")
        << "a fence of another vehicle";
    in.enabled = false;
    EXPECT_EQ(
        fence_refusal("goto", R"({"latitude_deg":59.6,"longitude_deg":24.75,"altitude_m":40})", there, {in}),
        "");
}

TEST(CommandSituation, DoesNotHoldAVehicleBeyondAFenceAtItsAltitude) {
    const fences::Fence in = bay();
    Situation there = situation(true, 30);
    EXPECT_THAT(fence_refusal("set_altitude", R"({"altitude_m":150})", there, {in}), HasSubstr("'Bay'"));
    EXPECT_EQ(fence_refusal("set_altitude", R"({"altitude_m":100})", there, {in}), "");
    there.place = Fact<Place>{{59.6, 24.75}, kNow};
    EXPECT_EQ(fence_refusal("set_altitude", R"({"altitude_m":150})", there, {in}), "");
}

} // namespace
} // namespace masthead::commands
