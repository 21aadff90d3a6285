// The mission protocol: items as MAVLink says them, and transfers with a vehicle that loses, repeats,
// shuffles and withholds messages.
#include "plugins/links/mavlink/messages.hpp"
#include "plugins/links/mavlink/mission_transfer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <limits>
#include <random>

using namespace masthead;
using namespace masthead::mavlink;

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Utc kStart{1'800'000'000'000'000};

std::vector<commands::MissionItem> items_of(const char* json, commands::Kinds kind = commands::kDrone) {
    const auto items = commands::read_items(*json::Value::parse(json), kind);
    EXPECT_TRUE(items) << items.error().message;
    return items ? *items : std::vector<commands::MissionItem>();
}

std::vector<PlanItem> plan_of(int count) {
    std::vector<PlanItem> plan;
    for (int i = 0; i < count; ++i) {
        plan.push_back({.command = 16,
                        .frame = 3,
                        .params = {0, 0, 0, std::numeric_limits<float>::quiet_NaN()},
                        .x = 595'000'000 + i,
                        .y = -242'500'000,
                        .z = 40});
    }
    return plan;
}

const PlanTarget kTo{.system = 7, .component = 1};

/// The vehicle's side, simply: what it is given it asks for one after the other, and again when nothing
/// comes.
struct FakeVehicle {
    std::uint8_t system = 7;
    std::uint8_t component = 1;
    PlanType type = PlanType::mission;
    bool home_first = false; // and is its own
    bool old = false;        // asks with MISSION_REQUEST
    std::uint8_t answer = 0; // MAV_MISSION_RESULT, to a whole upload or a clearing
    std::vector<PlanItem> stored = {};
    std::vector<PlanItem> coming = {};
    std::optional<std::uint16_t> wanted = {};
    std::uint16_t last = 0;
    int uploads = 0;

    Message signed_by(Message message) const {
        message.system = system;
        message.component = component;
        return message;
    }
    Message ack(std::uint8_t result) const {
        Message message{.id = mission_ack::kId};
        message.set(mission_ack::type, result);
        message.set(mission_ack::mission_type, static_cast<std::uint8_t>(type));
        return signed_by(message);
    }
    Message ask() const {
        if (old) {
            Message message{.id = mission_request::kId};
            message.set(mission_request::seq, *wanted);
            return signed_by(message);
        }
        Message message{.id = mission_request_int::kId};
        message.set(mission_request_int::seq, *wanted);
        message.set(mission_request_int::mission_type, static_cast<std::uint8_t>(type));
        return signed_by(message);
    }
    std::vector<Message> receive(const Message& message) {
        switch (message.id) {
        case mission_count::kId:
            EXPECT_EQ(message.get(mission_count::target_system), system);
            EXPECT_EQ(message.get(mission_count::target_component), component);
            ++uploads;
            coming.assign(message.get(mission_count::count), {});
            wanted = 0;
            last = static_cast<std::uint16_t>(coming.size() - 1);
            return {ask()};
        case mission_write_partial_list::kId:
            coming = stored;
            wanted = static_cast<std::uint16_t>(message.get(mission_write_partial_list::start_index));
            last = static_cast<std::uint16_t>(message.get(mission_write_partial_list::end_index));
            return {ask()};
        case mission_item_int::kId: return take(message);
        case mission_request_list::kId: {
            Message count{.id = mission_count::kId};
            count.set(mission_count::count, static_cast<std::uint16_t>(stored.size()));
            count.set(mission_count::mission_type, static_cast<std::uint8_t>(type));
            return {signed_by(count)};
        }
        case mission_request_int::kId: {
            const auto seq = message.get(mission_request_int::seq);
            return seq < stored.size() ? std::vector{signed_by(item_message(stored[seq], seq, type))}
                                       : std::vector<Message>();
        }
        case mission_clear_all::kId: stored.clear(); return {ack(answer)};
        default: return {};
        }
    }
    std::vector<Message> take(const Message& message) {
        const auto seq = message.get(mission_item_int::seq);
        if (wanted != seq) {
            return {};
        }
        coming[seq] = plan_item(message);
        if (seq < last) {
            wanted = static_cast<std::uint16_t>(seq + 1);
            return {ask()};
        }
        wanted.reset();
        if (answer == 0) {
            stored = coming;
            if (home_first) {
                stored[0] = {.command = 16, .x = 1, .y = 2, .z = 3};
            }
        }
        return {ack(answer)};
    }
    /// It waited in vain.
    std::vector<Message> remind() const { return wanted ? std::vector{ask()} : std::vector<Message>(); }
};

using Way = std::function<std::vector<Message>(const Message&)>; // what of a message arrives

const Way kGood = [](const Message& message) { return std::vector{message}; };

/// Both to the end, on a clock of their own; the vehicle reminds after 500 ms of silence.
MissionTransfer::Outcome run(MissionTransfer& transfer, FakeVehicle& vehicle, const Way& up = kGood,
                             const Way& down = kGood, int* sent = nullptr) {
    Utc now = kStart;
    MissionTransfer::Step step = transfer.begin(now, kStart + 5s);
    for (int rounds = 0; rounds < 20'000; ++rounds) {
        std::deque<Message> answers;
        for (const Message& message : step.send) {
            (sent ? *sent : rounds) += sent ? 1 : 0;
            for (const Message& arrived : up(message)) {
                for (const Message& answer : vehicle.receive(arrived)) {
                    std::ranges::copy(down(answer), std::back_inserter(answers));
                }
            }
        }
        if (step.outcome) {
            return *step.outcome;
        }
        step = {};
        while (!answers.empty() && step.send.empty() && !step.outcome) {
            now = now + 10ms;
            step = transfer.receive(answers.front(), now);
            answers.pop_front();
        }
        if (!step.send.empty() || step.outcome) {
            // Those that had arrived as well come after what they are answered with.
            for (const Message& late : answers) {
                const auto more = transfer.receive(late, now);
                std::ranges::copy(more.send, std::back_inserter(step.send));
                step.outcome = step.outcome ? step.outcome : more.outcome;
            }
            continue;
        }
        now = std::min(now + 500ms, std::max(now, transfer.next_due()));
        step = transfer.due(now);
        for (const Message& reminder : step.send.empty() ? vehicle.remind() : std::vector<Message>()) {
            for (const Message& arrived : down(reminder)) {
                step = transfer.receive(arrived, now);
            }
        }
    }
    ADD_FAILURE() << "it does not end";
    return {};
}

/// Loses, repeats and replaces messages by chance.
Way bad_way(std::mt19937& random, double loss) {
    return [&random, loss](const Message& message) -> std::vector<Message> {
        const double luck = std::uniform_real_distribution(0.0, 1.0)(random);
        if (luck < loss) {
            return {};
        }
        return luck > 0.9 ? std::vector{message, message} : std::vector{message};
    };
}

} // namespace

TEST(MissionItems, AreSaidAsTheFieldSaysThem) {
    const auto items = items_of(R"([
        {"item":"takeoff","parameters":{"latitude_deg":59.5,"longitude_deg":-24.25,"altitude_m":20}},
        {"item":"waypoint","frame":"global","parameters":{"latitude_deg":59.5,"longitude_deg":-24.25,"altitude_m":140,"hold_s":3}},
        {"item":"loiter_turns","parameters":{"latitude_deg":-1.0000001,"longitude_deg":180,"altitude_m":30,"turns":2,"radius_m":-40}},
        {"item":"change_speed","parameters":{"speed_mps":4.5}},
        {"item":"look_at","parameters":{"latitude_deg":1,"longitude_deg":2,"altitude_m":0}},
        {"item":"photo_distance","parameters":{"distance_m":12}},
        {"item":"return"}])");
    ASSERT_EQ(items.size(), 7u);
    const PlanItem takeoff = plan_item(items[0]);
    EXPECT_EQ(takeoff.command, 22);
    EXPECT_EQ(takeoff.frame, 3);
    EXPECT_EQ(takeoff.x, 595'000'000);
    EXPECT_EQ(takeoff.y, -242'500'000);
    EXPECT_EQ(takeoff.z, 20);
    EXPECT_TRUE(std::isnan(takeoff.params[3])); // its heading is the vehicle's to choose
    EXPECT_EQ(plan_item(items[1]).frame, 0);
    EXPECT_EQ(plan_item(items[1]).params[0], 3);
    EXPECT_EQ(plan_item(items[2]).params, (std::array<float, 4>{2, 0, -40, 0}));
    EXPECT_EQ(plan_item(items[2]).x, -10'000'001);
    EXPECT_EQ(plan_item(items[2]).y, 1'800'000'000);
    EXPECT_EQ(plan_item(items[3]).params, (std::array<float, 4>{1, 4.5, -1, 0}));
    EXPECT_EQ(plan_item(items[3]).frame, 2); // it has no place
    EXPECT_EQ(plan_item(items[4]).command, 195);
    EXPECT_EQ(plan_item(items[5]).params, (std::array<float, 4>{12, 0, 1, 0}));
    EXPECT_EQ(plan_item(items[6]).command, 20);
}

TEST(MissionItems, AreTheSameAfterTheWayThroughMavlink) {
    const auto items = items_of(R"([
        {"item":"waypoint","parameters":{"latitude_deg":59.5,"longitude_deg":-24.25,"altitude_m":140}},
        {"item":"land","parameters":{"latitude_deg":59.5,"longitude_deg":-24.25,"altitude_m":0}},
        {"item":"look_ahead"},{"item":"photo"},{"item":"change_speed","parameters":{"speed_mps":4.5}}])");
    std::vector<commands::MissionItem> back;
    for (const auto& item : items) {
        back.push_back(
            mission_item(plan_item(item_message(plan_item(item), 3, PlanType::mission)), commands::kDrone));
    }
    EXPECT_EQ(back, items);
    const auto sailed =
        items_of(R"([{"item":"waypoint","parameters":{"latitude_deg":59.5,"longitude_deg":-24.25}}])",
                 commands::kVessel);
    EXPECT_EQ(mission_item(plan_item(sailed[0]), commands::kVessel), sailed[0]);

    for (const PlanItem& foreign :
         {PlanItem{.command = 82, .frame = 3},                              // a spline: no row
          PlanItem{.command = 16, .frame = 10},                             // above the terrain
          PlanItem{.command = 16, .frame = 3, .params = {0, 0, 25, NAN}},   // passes at a distance
          PlanItem{.command = 178, .frame = 2, .params = {0, 5, -1, 0}}}) { // of the air
        const auto shown = mission_item(foreign, commands::kDrone);
        ASSERT_TRUE(shown.foreign) << foreign.command;
        EXPECT_EQ(shown.foreign->command, foreign.command);
        EXPECT_THAT(commands::to_json({shown}), HasSubstr("foreign"));
    }
}

TEST(MissionItems, DifferOnlyByMoreThanAnAutopilotKeeps) {
    const PlanItem sent = plan_of(1)[0];
    PlanItem held = sent;
    held.x += 1;
    held.z += 0.01F;
    held.frame = 6;      // the old name of the same frame
    held.params[3] = 90; // was left to it
    EXPECT_EQ(difference(sent, held), std::nullopt);
    struct Case {
        void (*change)(PlanItem&);
        const char* said;
    };
    for (const auto& [change, said] :
         {Case{[](PlanItem& item) { item.x += 2; }, "latitude_deg: 59.5000002, sent 59.5"},
          Case{[](PlanItem& item) { item.y += 200; }, "longitude_deg"},
          Case{[](PlanItem& item) { item.z = 41; }, "altitude_m: 41, sent 40"},
          Case{[](PlanItem& item) { item.z = NAN; }, "altitude_m"},
          Case{[](PlanItem& item) { item.params[0] = 5; }, "hold_s: 5, sent 0"},
          Case{[](PlanItem& item) { item.params[2] = 5; }, "param3"},
          Case{[](PlanItem& item) { item.frame = 0; }, "MAV_FRAME: 0, sent 3"},
          Case{[](PlanItem& item) { item.command = 17; }, "MAV_CMD: 17, sent 16"}}) {
        PlanItem other = sent;
        change(other);
        EXPECT_THAT(difference(sent, other).value_or("none"), HasSubstr(said));
    }
}

TEST(MissionTransfer, SendsEachItemOnceAndReadsItBack) {
    FakeVehicle vehicle;
    auto transfer = MissionTransfer::upload(kTo, plan_of(7));
    int sent = 0;
    const auto outcome = run(transfer, vehicle, kGood, kGood, &sent);
    EXPECT_EQ(outcome.state, CommandState::completed);
    EXPECT_EQ(outcome.detail, "read back: 7 items, the same");
    EXPECT_EQ(sent, 1 + 7 + 1 + 7 + 1); // count, items, list, requests, ack
    EXPECT_EQ(vehicle.stored.size(), 7u);
    EXPECT_EQ(transfer.held()->size(), 7u);
}

TEST(MissionTransfer, AnswersAnOldVehicleThatAsksWithMissionRequest) {
    FakeVehicle vehicle{.old = true};
    auto transfer = MissionTransfer::upload(kTo, plan_of(3));
    EXPECT_EQ(run(transfer, vehicle).state, CommandState::completed);
}

TEST(MissionTransfer, PutsHomeFirstWhereTheAutopilotHasItThere) {
    FakeVehicle vehicle{.home_first = true};
    PlanTarget to = kTo;
    to.home_first = true;
    auto transfer = MissionTransfer::upload(to, plan_of(2));
    const auto outcome = run(transfer, vehicle);
    EXPECT_EQ(outcome.state, CommandState::completed) << outcome.detail;
    ASSERT_EQ(vehicle.stored.size(), 3u);
    EXPECT_EQ(vehicle.stored[1].x, plan_of(1)[0].x);
    auto download = MissionTransfer::download(to);
    EXPECT_EQ(run(download, vehicle).detail, "the vehicle holds 2 items");
    EXPECT_EQ(download.held()->front().x, plan_of(1)[0].x);
    auto clear = MissionTransfer::clear(to);
    EXPECT_EQ(run(clear, vehicle).state, CommandState::completed);
}

TEST(MissionTransfer, NamesTheItemAndFieldThatTheVehicleHoldsOtherwise) {
    FakeVehicle vehicle;
    auto transfer = MissionTransfer::upload(kTo, plan_of(5));
    const auto outcome = run(transfer, vehicle, kGood, [](const Message& message) {
        Message changed = message;
        if (message.id == mission_item_int::kId && message.get(mission_item_int::seq) == 3) {
            changed.set(mission_item_int::z, 400);
        }
        return std::vector{changed};
    });
    EXPECT_EQ(outcome.state, CommandState::failed);
    EXPECT_THAT(outcome.detail, HasSubstr("items[3].altitude_m: 400, sent 40"));
    EXPECT_EQ(transfer.held()->at(3).z, 400);

    auto shorter = MissionTransfer::upload(kTo, plan_of(5));
    const auto lost = run(shorter, vehicle, [&](const Message& message) {
        if (message.id == mission_request_list::kId) {
            vehicle.stored.pop_back();
        }
        return std::vector{message};
    });
    EXPECT_EQ(lost.state, CommandState::failed);
    EXPECT_THAT(lost.detail, HasSubstr("holds 4 items instead of 5"));
}

TEST(MissionTransfer, SendsAPartWhereTheRestIsThere) {
    FakeVehicle vehicle{.stored = plan_of(6)};
    auto plan = plan_of(6);
    plan[2].z = 55;
    plan[3].z = 66;
    auto transfer = MissionTransfer::upload(kTo, plan, PlanPart{2, 3});
    EXPECT_EQ(run(transfer, vehicle).state, CommandState::completed);
    EXPECT_EQ(vehicle.uploads, 0);
    EXPECT_EQ(vehicle.stored[3].z, 66);

    plan[0].z = 77; // is not sent, and not there
    auto wrong = MissionTransfer::upload(kTo, plan, PlanPart{2, 3});
    EXPECT_THAT(run(wrong, vehicle).detail, HasSubstr("items[0].altitude_m: 40, sent 77"));
}

TEST(MissionTransfer, ExplainsWhyTheVehicleRefuses) {
    for (std::uint8_t result = 1; result <= 16; ++result) {
        FakeVehicle vehicle{.answer = result};
        auto transfer = MissionTransfer::upload(kTo, plan_of(2));
        const auto outcome = run(transfer, vehicle);
        EXPECT_EQ(outcome.state, result == 14   ? CommandState::denied
                                 : result == 15 ? CommandState::cancelled
                                                : CommandState::failed);
        EXPECT_THAT(outcome.detail, HasSubstr("MAV_MISSION"));
        EXPECT_EQ(transfer.held(), std::nullopt);
    }
    FakeVehicle vehicle{.answer = 4};
    auto clear = MissionTransfer::clear(kTo);
    EXPECT_THAT(run(clear, vehicle).detail, HasSubstr("MAV_MISSION_NO_SPACE: it has no room"));
}

TEST(MissionTransfer, EndsInSilenceWithoutSayingMoreThanTheProtocolAllows) {
    const Way lost = [](const Message&) { return std::vector<Message>(); };
    FakeVehicle vehicle;
    for (auto make :
         {+[] { return MissionTransfer::upload(kTo, plan_of(2)); },
          +[] { return MissionTransfer::download(kTo); }, +[] { return MissionTransfer::clear(kTo); }}) {
        auto transfer = make();
        int sent = 0;
        const auto outcome = run(transfer, vehicle, lost, lost, &sent);
        EXPECT_EQ(outcome.state, CommandState::expired);
        EXPECT_EQ(sent, 4) << "not after its deadline: at 0, 1.5, 3 and 4.5 s";
    }
    // It asks, and then says nothing more.
    auto transfer = MissionTransfer::upload(kTo, plan_of(9));
    static_cast<void>(transfer.begin(kStart, kStart + 5s));
    FakeVehicle silent{.wanted = 0};
    EXPECT_EQ(transfer.receive(silent.ask(), kStart).send.size(), 1u);
    EXPECT_EQ(transfer.progress(), "1 of 9 items sent");
    EXPECT_TRUE(transfer.due(kStart + 8s).send.empty());
    const auto step = transfer.due(transfer.next_due());
    ASSERT_TRUE(step.outcome);
    EXPECT_EQ(step.outcome->state, CommandState::expired);
    EXPECT_THAT(step.outcome->detail, HasSubstr("1 of 9 items sent"));
    ASSERT_EQ(step.send.size(), 1u);
    EXPECT_EQ(step.send[0].get(mission_ack::type), 15); // cancelled, so that it asks no more
    EXPECT_TRUE(transfer.receive(silent.ask(), kStart + 20s).send.empty());
}

TEST(MissionTransfer, BelievesWhatItReadsWhereTheAcknowledgementIsLost) {
    FakeVehicle vehicle;
    auto transfer = MissionTransfer::upload(kTo, plan_of(3));
    const auto outcome = run(transfer, vehicle, kGood, [](const Message& message) {
        return message.id == mission_ack::kId ? std::vector<Message>() : std::vector{message};
    });
    EXPECT_EQ(outcome.state, CommandState::completed);
    EXPECT_THAT(outcome.detail, HasSubstr("acknowledgement did not come"));
}

TEST(MissionTransfer, HearsOnlyItsVehicleItsComponentAndItsPlan) {
    auto transfer = MissionTransfer::upload(kTo, plan_of(3));
    static_cast<void>(transfer.begin(kStart, kStart + 5s));
    for (const FakeVehicle& other :
         {FakeVehicle{.system = 8, .wanted = 0}, FakeVehicle{.component = 2, .wanted = 0},
          FakeVehicle{.type = PlanType::fence, .wanted = 0},
          FakeVehicle{.type = PlanType::rally, .wanted = 0}}) {
        EXPECT_TRUE(transfer.receive(other.ask(), kStart).send.empty());
        EXPECT_FALSE(transfer.receive(other.ack(4), kStart).outcome);
    }
    const FakeVehicle late{.wanted = 2}; // of an earlier transfer: this one has not begun
    EXPECT_TRUE(transfer.receive(late.ask(), kStart).send.empty());
    EXPECT_FALSE(transfer.receive(late.ack(0), kStart).outcome);
    FakeVehicle vehicle{.wanted = 0};
    EXPECT_EQ(transfer.receive(vehicle.ask(), kStart).send.size(), 1u);
}

TEST(MissionTransfer, EndsWithAVehicleThatAsksForWhatIsNotThereOrForEver) {
    auto transfer = MissionTransfer::upload(kTo, plan_of(3));
    static_cast<void>(transfer.begin(kStart, kStart + 5s));
    FakeVehicle vehicle{.wanted = 0};
    static_cast<void>(transfer.receive(vehicle.ask(), kStart));
    auto beyond = transfer;
    vehicle.wanted = 3;
    EXPECT_THAT(beyond.receive(vehicle.ask(), kStart).outcome->detail,
                HasSubstr("item 3, which was not offered"));
    vehicle.wanted = 1;
    int times = 0;
    MissionTransfer::Step step;
    for (; !step.outcome && times < 1000; ++times) {
        step = transfer.receive(vehicle.ask(), kStart);
    }
    EXPECT_LT(times, 30);
    auto early = MissionTransfer::upload(kTo, plan_of(3));
    static_cast<void>(early.begin(kStart, kStart + 5s));
    vehicle.wanted = 0;
    static_cast<void>(early.receive(vehicle.ask(), kStart));
    EXPECT_THAT(early.receive(vehicle.ack(0), kStart).outcome->detail, HasSubstr("1 of 3 items"));
    auto many = MissionTransfer::download(kTo);
    static_cast<void>(many.begin(kStart, kStart + 5s));
    Message count{.id = mission_count::kId, .system = 7, .component = 1};
    count.set(mission_count::count, 60'000);
    EXPECT_THAT(many.receive(count, kStart).outcome->detail, HasSubstr("60000 items"));
}

TEST(MissionTransfer, EndsRightOverABadLinkOrSaysThatItDidNot) {
    std::mt19937 random(4);
    int completed = 0;
    for (int round = 0; round < 500; ++round) {
        FakeVehicle vehicle;
        const double loss = std::uniform_real_distribution(0.0, 0.5)(random);
        const int count = std::uniform_int_distribution(1, 12)(random);
        auto transfer = MissionTransfer::upload(kTo, plan_of(count));
        const auto outcome = run(transfer, vehicle, bad_way(random, loss), bad_way(random, loss));
        if (outcome.state == CommandState::completed) {
            ++completed;
            EXPECT_EQ(vehicle.stored.size(), static_cast<std::size_t>(count));
            for (std::size_t i = 0; i < vehicle.stored.size(); ++i) {
                EXPECT_EQ(difference(plan_of(count)[i], vehicle.stored[i]), std::nullopt);
            }
        } else {
            EXPECT_FALSE(outcome.detail.empty());
        }
    }
    EXPECT_GT(completed, 300);
}

TEST(MissionTransfer, KeepsFencesApartFromMissions) {
    const FencePolygon inside{true, {{1, 2}, {3, 4}, {5, 6}}};
    const FencePolygon outside{false, {{1.5, 2.5}, {3.5, 4.5}, {5.5, 6.5}, {7, 8}}};
    const auto items = fence_items(std::vector{inside, outside});
    ASSERT_EQ(items.size(), 7u);
    EXPECT_EQ(items[0].command, 5001);
    EXPECT_EQ(items[0].params[0], 3); // vertices of its polygon
    EXPECT_EQ(items[3].command, 5002);
    EXPECT_EQ(items[6].x, 70'000'000);
    PlanTarget to = kTo;
    to.type = PlanType::fence;
    FakeVehicle vehicle{.type = PlanType::fence};
    auto transfer = MissionTransfer::upload(to, items);
    EXPECT_EQ(run(transfer, vehicle).state, CommandState::completed);
    EXPECT_EQ(vehicle.stored.size(), 7u);
}
