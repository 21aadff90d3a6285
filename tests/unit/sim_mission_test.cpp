// The drone's memory for a mission, and how it flies one.
#include "plugins/links/mavlink/messages.hpp"
#include "plugins/links/mavlink/mission_transfer.hpp"
#include "simulator/mission_run.hpp"
#include "simulator/mission_store.hpp"

#include <gtest/gtest.h>

#include <cmath>

using namespace masthead;
using namespace masthead::sim;
using namespace std::chrono_literals;

namespace {

constexpr Utc kStart{1'800'000'000'000'000};
const GeoPoint kHome{59.44, 24.75};

mavlink::PlanItem at(double north_m, double east_m, float height_m, std::uint16_t command = 16) {
    const GeoPoint place = moved(kHome, north_m, east_m);
    return {.command = command,
            .frame = 3,
            .x = static_cast<std::int32_t>(place.latitude_deg * 1e7),
            .y = static_cast<std::int32_t>(place.longitude_deg * 1e7),
            .z = height_m};
}

/// Both ends of the protocol, until the transfer is over.
mavlink::MissionTransfer::Outcome talk(mavlink::MissionTransfer& transfer, MissionStore& store) {
    auto step = transfer.begin(kStart, kStart + 5s);
    while (!step.outcome) {
        std::vector<mavlink::Message> answers;
        for (mavlink::Message message : step.send) {
            message.system = 255;
            message.component = 190;
            const auto said = store.receive(message, kStart);
            for (mavlink::Message answer : *said) {
                answer.system = 2;
                answer.component = 1;
                answers.push_back(answer);
            }
        }
        step = {};
        for (const auto& answer : answers) {
            step = transfer.receive(answer, kStart);
        }
        if (answers.empty()) {
            ADD_FAILURE() << "the drone says nothing";
            return {};
        }
    }
    return *step.outcome;
}

Vehicle drone() {
    return {drone_shape(16.0 / 9), Place{.home = kHome}, drone_mission(Figure::lanes),
            limits_of(Kind::drone)};
}

/// Flies until the mission is over; the items it reached.
std::vector<int> fly(MissionRun& run, Vehicle& vehicle, Utc& now, int most_s = 1200) {
    std::vector<int> reached;
    for (const Utc end = now + std::chrono::seconds(most_s); now < end; now = now + 100ms) {
        const auto step = run.tick(vehicle.at(now), kHome, now);
        for (const Order& order : step.orders) {
            EXPECT_TRUE(vehicle.obey_mission(order, now));
        }
        if (step.reached) {
            reached.push_back(*step.reached);
        }
        if (step.reached == run.count()) {
            break;
        }
    }
    return reached;
}

} // namespace

TEST(SimMission, IsKeptWithHomeFirstAndGivenBack) {
    MissionStore store(2, at(0, 0, 0));
    const mavlink::PlanTarget to{.system = 2, .component = 1, .home_first = true};
    auto upload = mavlink::MissionTransfer::upload(to, {at(10, 20, 30), at(20, 30, 40)});
    EXPECT_EQ(talk(upload, store).state, CommandState::completed);
    EXPECT_EQ(store.items().size(), 3u);
    EXPECT_EQ(store.items()[0], at(0, 0, 0));
    EXPECT_EQ(store.version(), 1);
    auto part =
        mavlink::MissionTransfer::upload(to, {at(10, 20, 30), at(20, 30, 50)}, mavlink::PlanPart{1, 1});
    EXPECT_EQ(talk(part, store).state, CommandState::completed);
    EXPECT_EQ(store.items()[2].z, 50);
    auto clear = mavlink::MissionTransfer::clear(to);
    EXPECT_EQ(talk(clear, store).state, CommandState::completed);

    auto odd = mavlink::MissionTransfer::upload(to, {at(10, 20, 30, 82)});
    EXPECT_EQ(talk(odd, store).state, CommandState::failed);
    auto many = mavlink::MissionTransfer::upload(to, std::vector(MissionStore::kMaxItems, at(1, 1, 1)));
    EXPECT_EQ(talk(many, store).state, CommandState::failed);
    mavlink::PlanTarget fence = to;
    fence.type = mavlink::PlanType::fence;
    auto fences = mavlink::MissionTransfer::upload(fence, {at(10, 20, 30)});
    EXPECT_EQ(talk(fences, store).state, CommandState::failed);
    EXPECT_EQ(store.items().size(), 1u);
}

TEST(SimMission, AsksAgainAndGivesUpAndHearsOnlyWhatIsForIt) {
    MissionStore store(2, at(0, 0, 0));
    mavlink::Message count{.id = mavlink::mission_count::kId, .system = 255, .component = 190};
    count.set(mavlink::mission_count::count, 2);
    count.set(mavlink::mission_count::target_system, 3);
    EXPECT_TRUE(store.receive(count, kStart)->empty());
    count.set(mavlink::mission_count::target_system, 0); // everyone's is nobody's
    EXPECT_TRUE(store.receive(count, kStart)->empty());
    count.set(mavlink::mission_count::target_system, 2);
    EXPECT_EQ(store.receive(count, kStart)->size(), 1u);
    EXPECT_TRUE(store.due(kStart + 500ms).empty());
    EXPECT_EQ(store.due(kStart + 1s).at(0).id, mavlink::mission_request_int::kId);
    EXPECT_EQ(store.due(kStart + 9s).at(0).get(mavlink::mission_ack::type), 15);
    EXPECT_TRUE(store.due(kStart + 20s).empty());
    EXPECT_EQ(store.receive({.id = mavlink::heartbeat::kId}, kStart), std::nullopt);
}

TEST(SimMission, IsFlownItemByItemInModeAutoAndGoneOnWithAfterAHold) {
    Vehicle vehicle = drone();
    MissionRun run;
    mavlink::PlanItem wait = at(60, 0, 60, 19);
    wait.params[0] = 20;
    mavlink::PlanItem round = at(60, 60, 60, 18);
    round.params = {1, 0, 20, 0};
    run.load({at(0, 0, 0),
              at(30, 0, 70),
              {.command = 178, .params = {1, 5, -1, 0}},
              wait,
              round,
              {.command = 20, .frame = 2}});
    EXPECT_EQ(run.count(), 5);
    EXPECT_EQ(run.current(), 1);
    Utc now = kStart;
    EXPECT_TRUE(run.tick(vehicle.at(now), kHome, now).orders.empty()) << "it waits until it is told";
    run.start();
    ASSERT_TRUE(vehicle.obey_mission(Acknowledge{}, now));
    EXPECT_EQ(fly(run, vehicle, now, 20), std::vector<int>());
    EXPECT_EQ(vehicle.at(now).mode, Mode::mission);

    ASSERT_TRUE(vehicle.obey(Mode::hold, now));
    run.stop();
    EXPECT_EQ(vehicle.at(now + 1s).mode, Mode::hold);
    EXPECT_EQ(fly(run, vehicle, now, 60), std::vector<int>());

    run.start();
    ASSERT_TRUE(vehicle.obey_mission(Acknowledge{}, now));
    const Utc again = now;
    EXPECT_EQ(fly(run, vehicle, now), (std::vector{1, 3, 4, 5}));
    EXPECT_GT(static_cast<double>((now - again).count()) / 1e6, 20 + 2 * 3.14 * 20 / 5)
        << "it waits, and goes round";
    const Truth truth = vehicle.at(now);
    EXPECT_LT(std::hypot(truth.at.north_m, truth.at.east_m), 3) << "at home";
    EXPECT_EQ(truth.mode, Mode::mission);
}

TEST(SimMission, BeginsWithATakeOffFromTheGroundAndEndsWithALanding) {
    Vehicle vehicle = drone();
    Utc now = kStart;
    ASSERT_TRUE(vehicle.obey(Land{}, now));
    now = now + 120s;
    ASSERT_EQ(vehicle.at(now).sample.armed, false);
    MissionRun run;
    run.load({at(0, 0, 0), at(0, 0, 20, 22), at(40, 0, 30), at(50, 0, 0, 21)});
    EXPECT_TRUE(run.begins_with_takeoff());
    ASSERT_TRUE(vehicle.obey(Arm{true}, now));
    run.start();
    EXPECT_EQ(fly(run, vehicle, now), (std::vector{1, 2, 3}));
    EXPECT_EQ(vehicle.at(now).sample.armed, false);
    EXPECT_NEAR(vehicle.at(now).at.north_m, 50, 3);
}
