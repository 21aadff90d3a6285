// The file of alert rules.
#include "server/config/alert_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace masthead {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(AlertRules, AreThoseBuiltInWhereTheFileSaysNothing) {
    const auto rules = load_alert_rules(MASTHEAD_SOURCE "/deploy/alerts.example.yaml");
    ASSERT_TRUE(rules) << rules.error().message;
    const VehicleAlertRules built_in;
    const VehicleAlertRules& read = rules->of("kestrel");
    EXPECT_EQ(read.geofence.margin_m, built_in.geofence.margin_m);
    EXPECT_EQ(read.battery.warning_percent, built_in.battery.warning_percent);
    EXPECT_EQ(read.approach.caution_s, built_in.approach.caution_s);
    const auto same = [](const AlertRule& a, const AlertRule& b) {
        return a.enabled == b.enabled && a.raise_after == b.raise_after && a.clear_after == b.clear_after;
    };
    EXPECT_TRUE(same(read.geofence, built_in.geofence));
    EXPECT_TRUE(same(read.battery, built_in.battery));
    EXPECT_TRUE(same(read.link, built_in.link));
    EXPECT_TRUE(same(read.stream, built_in.stream));
    EXPECT_TRUE(same(read.telemetry, built_in.telemetry));
    EXPECT_TRUE(same(read.recording, built_in.recording));
    EXPECT_TRUE(same(read.command, built_in.command));
    EXPECT_TRUE(same(read.approach, built_in.approach));
}

TEST(AlertRules, OfAVehicleStandOverThoseOfTheFleet) {
    const auto rules =
        parse_alert_rules("battery: {caution_percent: 40}\n"
                          "vehicles:\n"
                          "  kestrel: {battery: {warning_percent: 25}, stream: {enabled: false}}\n",
                          "alerts.yaml");
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_EQ(rules->of("merlin").battery.caution_percent, 40);
    EXPECT_EQ(rules->of("merlin").battery.warning_percent, 15);
    EXPECT_EQ(rules->of("kestrel").battery.caution_percent, 40);
    EXPECT_EQ(rules->of("kestrel").battery.warning_percent, 25);
    EXPECT_FALSE(rules->of("kestrel").stream.enabled);
    EXPECT_EQ(rules->of("kestrel").link.raise_after, 3s);
}

TEST(AlertRules, ThatAreWrongAreRefusedWithTheirPlace) {
    const auto refusal = [](const char* text) {
        const auto rules = parse_alert_rules(text, "alerts.yaml");
        return rules ? "" : rules.error().message;
    };
    EXPECT_THAT(refusal("link: {}\nbatery: {}\n"), HasSubstr("alerts.yaml:2"));
    EXPECT_THAT(refusal("battery:\n  caution_percent: 130\n"), HasSubstr("alerts.yaml:2"));
    EXPECT_THAT(refusal("battery:\n  caution_percent: 10\n"),
                HasSubstr("'warning_percent' must not be above"));
    EXPECT_THAT(refusal("vehicles:\n  kestrel:\n    approach: {warning_m: 900}\n"),
                HasSubstr("alerts.yaml:3"));
    EXPECT_THAT(refusal("link: [\n"), HasSubstr("alerts.yaml:"));
}

} // namespace
} // namespace masthead
