// MAVLink commands: what is said to whom, and the book of what waits for its acknowledgement.
#include "plugins/links/mavlink/command_message.hpp"
#include "plugins/links/mavlink/commands.hpp"
#include "plugins/links/mavlink/messages.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

using namespace masthead;
using namespace masthead::mavlink;

namespace {

using namespace std::chrono_literals;

constexpr Utc kStart{1'800'000'000'000'000};
constexpr Addressee kMode{1, 1, 176};

const commands::Row& row(const char* name) { return *commands::row(name); }

Message heartbeat_of(std::uint8_t component, std::uint8_t type, std::uint8_t autopilot) {
    Message message{.id = heartbeat::kId, .system = 1, .component = component};
    message.set(heartbeat::type, type);
    message.set(heartbeat::autopilot, autopilot);
    message.set(heartbeat::base_mode, 1);
    return message;
}

Vehicle vehicle_of(std::uint8_t autopilot, std::uint8_t type = 2) {
    Vehicle vehicle;
    static_cast<void>(vehicle.receive(heartbeat_of(1, type, autopilot), kStart));
    Message position{.id = global_position_int::kId, .system = 1, .component = 1};
    position.set(global_position_int::alt, 130'000);
    position.set(global_position_int::relative_alt, 30'000);
    static_cast<void>(vehicle.receive(position, kStart));
    return vehicle;
}

Result<CommandMessage> made(const char* name, const char* parameters, const Vehicle& vehicle) {
    const auto kind = (row(name).kinds & commands::kDrone) != 0 ? commands::kDrone : commands::kVessel;
    const auto arguments = commands::read_arguments(row(name), kind, *json::Value::parse(parameters));
    return command_message(row(name), arguments.value(), 7, vehicle, 5);
}

} // namespace

TEST(CommandMessage, SaysAPlaceAsTheAutopilotWantsItsHeight) {
    const char* const place = R"({"latitude_deg":59.5,"longitude_deg":-24.25,"altitude_m":40})";
    struct Case {
        std::uint8_t autopilot;
        std::uint8_t frame;
        float z;
    };
    for (const auto& [autopilot, frame, z] : {Case{3, 3, 40}, Case{12, 0, 140}}) { // PX4: above sea level
        const auto said = made("goto", place, vehicle_of(autopilot));
        ASSERT_TRUE(said) << said.error().message;
        EXPECT_EQ(said->to, (Addressee{7, 1, 192}));
        const Message& message = said->message;
        ASSERT_EQ(message.id, command_int::kId);
        EXPECT_EQ(message.get(command_int::target_system), 7);
        EXPECT_EQ(message.get(command_int::target_component), 1);
        EXPECT_EQ(message.get(command_int::frame), frame);
        EXPECT_EQ(message.get(command_int::x), 595'000'000);
        EXPECT_EQ(message.get(command_int::y), -242'500'000);
        EXPECT_EQ(message.get(command_int::z), z);
        EXPECT_EQ(message.get(command_int::param1), -1); // no speed of its own
        EXPECT_TRUE(std::isnan(message.get(command_int::param4)));
    }
}

TEST(CommandMessage, WantsTheHomeAltitudeWhereItIsNeeded) {
    Vehicle silent;
    static_cast<void>(silent.receive(heartbeat_of(1, 2, 12), kStart));
    EXPECT_EQ(made("takeoff", R"({"altitude_m":20})", silent).error().code, Code::unavailable);
    const auto said = made("takeoff", R"({"altitude_m":20})", vehicle_of(12));
    EXPECT_EQ(said->message.get(command_long::param7), 120);
    EXPECT_EQ(made("takeoff", R"({"altitude_m":20})", vehicle_of(3))->message.get(command_long::param7), 20);
}

TEST(CommandMessage, FindsModesByTheAutopilotsOwnWords) {
    struct Case {
        std::uint8_t autopilot, type;
        const char* mode;
        float main, sub;
    };
    for (const auto& [autopilot, type, mode, main, sub] :
         {Case{3, 2, R"({"mode":"GUIDED"})", 4, 0}, Case{3, 11, R"({"mode":"GUIDED"})", 15, 0},
          Case{12, 2, R"({"mode":"AUTO.RTL"})", 4, 5}, Case{12, 2, R"({"mode":"POSCTL"})", 3, 0}}) {
        const auto said = made("set_mode", mode, vehicle_of(autopilot, type));
        ASSERT_TRUE(said) << mode;
        EXPECT_EQ(said->message.get(command_long::param1), 1);
        EXPECT_EQ(said->message.get(command_long::param2), main) << mode;
        EXPECT_EQ(said->message.get(command_long::param3), sub) << mode;
    }
    EXPECT_EQ(made("set_mode", R"({"mode":"GUIDE"})", vehicle_of(3)).error().code, Code::invalid_argument);
    EXPECT_EQ(made("set_mode", R"({"mode":"GUIDED"})", vehicle_of(0)).error().code, Code::invalid_argument);
    EXPECT_EQ(made("station_keep", "{}", vehicle_of(0)).error().code, Code::unsupported);
}

TEST(CommandMessage, GoesToThePartOfTheVehicleThatItIsFor) {
    Vehicle vehicle = vehicle_of(3);
    EXPECT_EQ(made("gimbal_angles", R"({"pitch_deg":-30,"yaw_deg":10})", vehicle)->to.component, 1);
    EXPECT_EQ(made("photo", "{}", vehicle)->to.component, 1);
    EXPECT_EQ(made("reboot_companion", "{}", vehicle).error().code, Code::unavailable);

    static_cast<void>(vehicle.receive(heartbeat_of(100, 30, 8), kStart));
    static_cast<void>(vehicle.receive(heartbeat_of(101, 30, 8), kStart));
    static_cast<void>(vehicle.receive(heartbeat_of(191, 18, 8), kStart));
    static_cast<void>(vehicle.receive(heartbeat_of(0, 30, 8), kStart));
    static_cast<void>(
        vehicle.receive({.id = gimbal_manager_status::kId, .system = 1, .component = 154}, kStart));
    EXPECT_EQ(made("gimbal_angles", R"({"pitch_deg":-30,"yaw_deg":10})", vehicle)->to,
              (Addressee{7, 154, 1000}));
    EXPECT_EQ(made("photo", "{}", vehicle)->to, (Addressee{7, 100, 2000}));
    EXPECT_EQ(made("photo", "{}", vehicle)->message.get(command_long::param4), 5); // it counts
    EXPECT_EQ(made("reboot_companion", "{}", vehicle)->to, (Addressee{7, 191, 246}));
    EXPECT_EQ(made("hold", "{}", vehicle)->to.component, 1);
}

TEST(MavlinkCommands, SayWhatEachResultMeans) {
    struct Case {
        std::uint8_t result;
        CommandState state;
        const char* detail;
    };
    constexpr Case kCases[] = {
        {0, CommandState::accepted, "MAV_RESULT_ACCEPTED"},
        {1, CommandState::denied, "MAV_RESULT_TEMPORARILY_REJECTED"},
        {2, CommandState::denied, "MAV_RESULT_DENIED"},
        {3, CommandState::failed, "MAV_RESULT_UNSUPPORTED"},
        {4, CommandState::failed, "MAV_RESULT_FAILED"},
        {6, CommandState::cancelled, "MAV_RESULT_CANCELLED"},
        {200, CommandState::failed, "MAV_RESULT 200"},
    };
    CommandBook book;
    for (const Case& each : kCases) {
        ASSERT_TRUE(book.begin("c", row("set_mode"), kMode, kStart + 5s, kStart));
        EXPECT_FALSE(book.acknowledge({2, 1, 176}, each.result, 255, kStart)) << "another system's";
        EXPECT_FALSE(book.acknowledge({1, 2, 176}, each.result, 255, kStart)) << "another component's";
        EXPECT_FALSE(book.acknowledge({1, 1, 20}, each.result, 255, kStart)) << "another command's";
        const auto update = book.acknowledge(kMode, each.result, 255, kStart);
        ASSERT_TRUE(update);
        EXPECT_EQ(update->state, each.state);
        EXPECT_EQ(update->detail, each.detail);
        EXPECT_FALSE(update->late);
        EXPECT_FALSE(book.acknowledge(kMode, each.result, 255, kStart)) << "answered already";
    }
}

TEST(MavlinkCommands, WaitLongerForACommandInProgress) {
    CommandBook book;
    ASSERT_TRUE(book.begin("c", row("set_mode"), kMode, kStart + 1s, kStart));
    EXPECT_TRUE(book.due(kStart + 2s).expired.empty());
    ASSERT_TRUE(book.acknowledge(kMode, 5, 10, kStart + 2s));
    EXPECT_TRUE(book.due(kStart + 30s).expired.empty());
    EXPECT_EQ(book.due(kStart + 33s).expired.size(), 1U);
    EXPECT_TRUE(book.due(kStart + 36s).expired.empty());
    EXPECT_FALSE(book.next_due());
}

TEST(MavlinkCommands, AreCompletedByTheAcknowledgementThatFollowsProgress) {
    CommandBook book;
    ASSERT_TRUE(book.begin("c", row("land"), {1, 1, 21}, kStart + 1s, kStart));
    EXPECT_EQ(book.acknowledge({1, 1, 21}, 5, 10, kStart + 1s)->state, CommandState::in_progress);
    EXPECT_EQ(book.acknowledge({1, 1, 21}, 0, 0, kStart + 9s)->state, CommandState::completed);
}

TEST(MavlinkCommands, HoldTheSameBackUntilNoLateAcknowledgementMayCome) {
    CommandBook book;
    ASSERT_TRUE(book.begin("first", row("arm"), {1, 1, 400}, kStart + 1s, kStart));
    EXPECT_FALSE(book.begin("second", row("disarm"), {1, 1, 400}, kStart + 9s, kStart + 1s));
    EXPECT_TRUE(book.begin("other", row("disarm"), {2, 1, 400}, kStart + 9s, kStart + 1s))
        << "another system";
    ASSERT_EQ(book.due(kStart + 3s).expired.size(), 1U);
    EXPECT_EQ(book.begin("second", row("disarm"), {1, 1, 400}, kStart + 9s, kStart + 4s).error().code,
              Code::conflict);
    static_cast<void>(book.due(kStart + 5s));
    EXPECT_TRUE(book.begin("second", row("disarm"), {1, 1, 400}, kStart + 9s, kStart + 5s));
}

TEST(MavlinkCommands, TellALateAcknowledgementAsSuch) {
    CommandBook book;
    ASSERT_TRUE(book.begin("first", row("arm"), {1, 1, 400}, kStart + 1s, kStart));
    static_cast<void>(book.due(kStart + 3s));
    const auto late = book.acknowledge({1, 1, 400}, 0, 255, kStart + 4s);
    ASSERT_TRUE(late);
    EXPECT_TRUE(late->late);
    EXPECT_EQ(late->id, "first");
    EXPECT_TRUE(book.begin("second", row("arm"), {1, 1, 400}, kStart + 9s, kStart + 4s));
}

TEST(MavlinkCommands, SendHoldAgainTwiceAndNothingAfterItsDeadline) {
    CommandBook book;
    ASSERT_TRUE(book.begin("h", row("hold"), kMode, kStart + 1s, kStart));
    EXPECT_EQ(book.next_due(), kStart + 700ms);
    EXPECT_TRUE(book.due(kStart + 699ms).resend.empty());
    EXPECT_EQ(book.due(kStart + 700ms).resend.size(), 1U);
    EXPECT_TRUE(book.due(kStart + 1400ms).resend.empty()) << "the deadline has passed";
    // Two sendings, two acknowledgements: the second one belongs to nothing that follows.
    ASSERT_TRUE(book.acknowledge(kMode, 0, 255, kStart + 1500ms));
    EXPECT_FALSE(book.begin("m", row("set_mode"), kMode, kStart + 9s, kStart + 1600ms));
    EXPECT_FALSE(book.acknowledge(kMode, 0, 255, kStart + 1700ms));
    EXPECT_TRUE(book.begin("m", row("set_mode"), kMode, kStart + 9s, kStart + 1800ms));
}

TEST(MavlinkCommands, LetAnEmergencyOvertakeAndNeverTakeTheOtherAcknowledgementForItsOwn) {
    CommandBook book;
    ASSERT_TRUE(book.begin("m", row("set_mode"), kMode, kStart + 9s, kStart));
    ASSERT_TRUE(book.begin("h", row("hold"), kMode, kStart + 9s, kStart + 100ms));
    const auto due = book.due(kStart + 100ms);
    ASSERT_EQ(due.expired.size(), 1U);
    EXPECT_EQ(due.expired[0].id, "m");
    const auto first = book.acknowledge(kMode, 0, 255, kStart + 200ms);
    EXPECT_EQ(first->id, "m");
    EXPECT_TRUE(first->late);
    const auto second = book.acknowledge(kMode, 0, 255, kStart + 300ms);
    EXPECT_EQ(second->id, "h");
    EXPECT_FALSE(second->late);
}

/// Random commands, acknowledgements and time for three systems. What must hold whatever comes.
TEST(MavlinkCommands, KeepTheRulesInTenThousandRandomInterleavings) {
    struct Sent {
        Addressee to;
        Utc deadline;
        const commands::Row* row;
        int times = 1;
        int answers = 0;
        bool expired = false;
    };
    for (unsigned seed = 0; seed < 10'000; ++seed) {
        std::minstd_rand random(seed + 1);
        const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
        CommandBook book;
        std::map<std::string, Sent> sent;
        Utc now = kStart;
        for (int step = 0; step < 40; ++step) {
            now = now + std::chrono::milliseconds(pick(1200));
            const std::uint8_t system = static_cast<std::uint8_t>(1 + pick(3));
            if (pick(3) == 0) {
                const commands::Row& which = row(std::array{"hold", "set_mode", "arm"}[pick(3)]);
                const Addressee to{system, 1, which.mavlink[0].command};
                const std::string id = std::to_string(step);
                const Utc deadline = now + std::chrono::milliseconds(pick(3000)) - 500ms;
                if (book.begin(id, which, to, deadline, now)) {
                    ASSERT_LE(now, deadline) << seed;
                    sent[id] = {to, deadline, &which};
                }
            } else if (pick(2) == 0) {
                const Addressee from{system, 1, std::array<std::uint16_t, 2>{176, 400}[pick(2)]};
                const std::uint8_t result = std::array<std::uint8_t, 4>{0, 2, 5, 4}[pick(4)];
                if (const auto update = book.acknowledge(from, result, 255, now)) {
                    Sent& command = sent.at(update->id);
                    ASSERT_EQ(command.to, from) << seed << ": an answer of another";
                    ASSERT_EQ(update->late, command.expired) << seed;
                    command.answers += result == 5 ? 0 : 1;
                    ASSERT_LE(command.answers, 1) << seed << ": answered twice";
                }
            }
            const CommandBook::Due due = book.due(now);
            for (const auto& [id, times] : due.resend) {
                Sent& command = sent.at(id);
                ASSERT_LE(now, command.deadline) << seed << ": sent after its deadline";
                ASSERT_LE(++command.times, 1 + command.row->resends) << seed << ": sent too often";
                ASSERT_EQ(times, command.times - 1) << seed;
                ASSERT_EQ(command.answers, 0) << seed << ": sent although it was answered";
                ASSERT_FALSE(command.expired) << seed;
            }
            ASSERT_TRUE(!book.next_due() || *book.next_due() > now) << seed << ": it would spin";
            for (const CommandUpdate& update : due.expired) {
                ASSERT_FALSE(std::exchange(sent.at(update.id).expired, true)) << seed << ": expired twice";
            }
        }
        static_cast<void>(book.due(now + 600s));
        static_cast<void>(book.due(now + 1200s));
        EXPECT_FALSE(book.next_due()) << "nothing waits for ever";
    }
}
