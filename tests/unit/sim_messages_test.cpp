// What the vehicles say and obey, without sockets.
#include "plugins/links/mavlink/messages.hpp"
#include "simulator/mavlink_messages.hpp"
#include "simulator/mavlink_orders.hpp"
#include "simulator/mqtt_side.hpp"
#include "simulator/nmea_side.hpp"
#include "simulator/options.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace masthead::sim {
namespace {

constexpr Utc kNow{1'795'336'061'000'000};

MavlinkOrder order(std::uint16_t command, double param1 = 0, double param2 = 0) {
    return order_of({.command = command, .params = {param1, param2}});
}

Mode mode_of(const std::optional<Order>& order) { return std::get<Mode>(order.value()); }

TEST(SimMavlink, ObeysReturnHoldAndGoOnAndRefusesWhatItDoesNotKnow) {
    EXPECT_EQ(mode_of(order(20).order), Mode::returning);
    EXPECT_EQ(mode_of(order(193, 0).order), Mode::hold);
    EXPECT_EQ(mode_of(order(193, 1).order), Mode::mission);
    EXPECT_EQ(mode_of(order(176, 1, 17).order), Mode::hold);
    EXPECT_EQ(mode_of(order(176, 1, 6).order), Mode::returning);
    EXPECT_EQ(order(193, 5).result, 2);      // MAV_RESULT_DENIED
    EXPECT_EQ(order(176, 1, 99).result, 3);  // MAV_RESULT_UNSUPPORTED
    EXPECT_EQ(order(31010, 1, 0).result, 3); // somebody's own command
    EXPECT_FALSE(order(176, std::nan(""), 17).order);
}

TEST(SimMavlink, SaysWhereTheDroneIs) {
    const Vehicle drone(drone_shape(16.0 / 9), Place{}, drone_mission(Figure::lanes), limits_of(Kind::drone));
    const Truth truth = drone.at(kNow);
    bool seen = false;
    for (const MavlinkRow& row : mavlink_rows()) {
        const auto message = row.make({truth, 5000});
        if (message.id == mavlink::global_position_int::kId) {
            seen = true;
            EXPECT_NEAR(message.get(mavlink::global_position_int::lat) * 1e-7, *truth.sample.latitude_deg,
                        1e-7);
            EXPECT_EQ(message.get(mavlink::global_position_int::time_boot_ms), 5000u);
        }
    }
    EXPECT_TRUE(seen);
}

TEST(SimMqtt, AnswersCommandsAndDeniesLateAndUnknownOnes) {
    const auto hold = answer_to_json(R"({"id":"a","command":"hold","deadline":1795336061000001})", kNow);
    ASSERT_TRUE(hold);
    EXPECT_EQ(mode_of(hold->order), Mode::hold);
    const auto late = answer_to_json(R"({"id":"a","command":"hold","deadline":1795336060999999})", kNow);
    ASSERT_TRUE(late);
    EXPECT_FALSE(late->order);
    EXPECT_NE(late->ack.find("denied"), std::string::npos);
    EXPECT_FALSE(answer_to_json(R"({"id":"a","command":"dance","deadline":1795336061000001})", kNow)->order);
    EXPECT_FALSE(answer_to_json("no json", kNow));
}

TEST(SimNmea, SaysSentencesWithinNmeasLengthWithRightChecksums) {
    const auto vessel =
        std::make_shared<Vehicle>(vessel_shape(16.0 / 9), Place{}, vessel_mission(), limits_of(Kind::vessel));
    NmeaTalker talker(vessel, 276'999'001, kNow);
    std::string all;
    for (int tenth = 0; tenth < 400; ++tenth) {
        all += talker.take(kNow + std::chrono::milliseconds(100 * tenth));
    }
    std::istringstream lines(all);
    std::string line;
    int count = 0;
    while (std::getline(lines, line)) {
        ASSERT_TRUE(line.ends_with('\r') && line.size() + 1 <= 82) << line;
        const std::size_t star = line.rfind('*');
        unsigned sum = 0;
        for (std::size_t i = 1; i < star; ++i) {
            sum ^= static_cast<unsigned char>(line[i]);
        }
        EXPECT_EQ(std::stoul(line.substr(star + 1, 2), nullptr, 16), sum) << line;
        ++count;
    }
    EXPECT_GT(count, 1000);
    EXPECT_NE(all.find("!AIVDO,1,1"), std::string::npos);
    EXPECT_NE(all.find("!AIVDM,2,2"), std::string::npos);
}

TEST(SimOptions, NameTheOptionThatIsWrong) {
    const std::vector<std::string> bad = {"--rate", "ten"};
    EXPECT_NE(parse_drone(bad).error().message.find("--rate"), std::string::npos);
    const std::vector<std::string> fast = {"--speed", "5"};
    EXPECT_FALSE(parse_drone(fast));
    const std::vector<std::string> good = {"--speed=5", "--no-video"};
    EXPECT_TRUE(parse_drone(good));
}

} // namespace
} // namespace masthead::sim
