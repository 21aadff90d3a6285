// The life of commands: when one is sent, and what ends it.
#include "server/commands/desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace masthead::commands {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Utc kNow{1'800'000'000'000'000};

Command command_of(const std::string& id, const char* name = "arm", const std::string& vehicle = "kestrel",
                   Utc now = kNow, std::chrono::milliseconds deadline = 5000ms) {
    return make_command({.id = id, .vehicle = vehicle, .row = row(name), .deadline = deadline}, "{}", "olga",
                        now);
}

/// Asks and writes down; true when it is sent at once.
bool sent_at_once(Desk& desk, const Command& command) {
    EXPECT_TRUE(desk.ask(command));
    return desk.written(command.id, command.created).send.size() == 1;
}

State state_of(const Desk& desk, const std::string& id) { return desk.find(id)->state; }

TEST(CommandRequest, IsReadWithItsOptionsAndRefusedNamingTheMember) {
    const auto read =
        parse_request(R"({"type":"command","id":"11111111-a","vehicle":"kestrel","command":"goto",)"
                      R"("parameters":{"latitude_deg":1},"deadline_ms":900,"idempotency_key":"key-00001"})");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->row->name, "goto");
    EXPECT_EQ(read->deadline, 900ms);
    EXPECT_EQ(read->key, "key-00001");
    for (const auto& [members, word] :
         {std::pair(R"("command":"explode")", "explode"),
          std::pair(R"("command":"hold","force":true)", "'force'"),
          std::pair(R"("command":"hold","deadline_ms":99)", "'deadline_ms'"),
          std::pair(R"("command":"hold","idempotency_key":"a b")", "'idempotency_key'"),
          std::pair(R"("command":"hold","reason":"")", "'reason'"),
          std::pair(R"("command":"arm")", "'reason' is missing")}) {
        const auto refused =
            parse_request(R"({"id":"11111111-a","vehicle":"kestrel",)" + std::string(members) + "}");
        ASSERT_FALSE(refused) << members;
        EXPECT_THAT(refused.error().message, HasSubstr(word));
    }
}

TEST(CommandSteps, AreTheSameAfterTheDatabase) {
    const std::vector<Step> steps = {{State::queued, "", kNow},
                                     {State::accepted, "MAV \"x\"", kNow + 1s, true}};
    const auto again = steps_from_json(to_json(steps));
    ASSERT_THAT(again, SizeIs(2));
    EXPECT_EQ(again[1].detail, "MAV \"x\"");
    EXPECT_TRUE(again[1].late);
    EXPECT_THAT(steps_from_json("nonsense"), IsEmpty());
}

TEST(CommandDesk, SendsNothingThatIsNotWrittenDown) {
    Desk desk;
    ASSERT_TRUE(desk.ask(command_of("command-1")));
    EXPECT_THAT(desk.tick(kNow + 1s).send, IsEmpty());
    EXPECT_THAT(desk.written("command-1", kNow + 1s).send, SizeIs(1));
    EXPECT_THAT(desk.written("command-1", kNow + 1s).send, IsEmpty());
    ASSERT_TRUE(desk.ask(command_of("command-2", "goto")));
    desk.forget("command-2");
    EXPECT_THAT(desk.written("command-2", kNow).send, IsEmpty());
}

TEST(CommandDesk, GoesForwardAndNeverBack) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1")));
    for (const State state : {State::sent, State::accepted, State::in_progress, State::completed}) {
        EXPECT_THAT(desk.reported({.id = "command-1", .state = state}, kNow).changed, SizeIs(1));
        EXPECT_THAT(desk.reported({.id = "command-1", .state = state}, kNow).changed, IsEmpty());
        EXPECT_THAT(desk.reported({.id = "command-1", .state = State::sent}, kNow).changed, IsEmpty());
    }
    for (const State state : {State::failed, State::denied, State::expired, State::accepted}) {
        EXPECT_THAT(desk.reported({.id = "command-1", .state = state}, kNow).changed, IsEmpty());
    }
    EXPECT_EQ(state_of(desk, "command-1"), State::completed);
    EXPECT_THAT(desk.find("command-1")->steps, SizeIs(5));
}

TEST(CommandDesk, ShowsEachSendingByTheProtocolsRule) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1", "hold")));
    static_cast<void>(
        desk.reported({.id = "command-1", .state = State::sent, .target = "system 1, component 1"}, kNow));
    const auto again =
        desk.reported({.id = "command-1", .state = State::sent, .detail = "sent again", .resends = 1}, kNow);
    ASSERT_THAT(again.changed, SizeIs(1));
    EXPECT_THAT(again.send, IsEmpty());
    EXPECT_EQ(again.changed[0].resends, 1);
    EXPECT_EQ(again.changed[0].target, "system 1, component 1");
    EXPECT_THAT(again.changed[0].steps, SizeIs(3));
}

TEST(CommandDesk, HasOneInFlightForAVehicleAndLane) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1", "arm")));
    EXPECT_FALSE(sent_at_once(desk, command_of("command-2", "disarm")));
    EXPECT_TRUE(sent_at_once(desk, command_of("command-3", "disarm", "merlin")));
    EXPECT_TRUE(sent_at_once(desk, command_of("command-4", "goto")));
    EXPECT_EQ(desk.ask(command_of("command-5", "arm")).error().code, Code::conflict) << "one waits already";
    const auto next = desk.reported({.id = "command-1", .state = State::denied}, kNow + 1s);
    ASSERT_THAT(next.send, SizeIs(1));
    EXPECT_EQ(next.send[0].id, "command-2");
}

TEST(CommandDesk, HoldsALaneBackAfterASilenceUntilNoLateAnswerMayCome) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1", "arm")));
    static_cast<void>(desk.reported({.id = "command-1", .state = State::sent}, kNow + 1ms));
    EXPECT_THAT(desk.tick(kNow + 4000ms).changed, IsEmpty());
    EXPECT_THAT(desk.tick(kNow + 4001ms).changed, SizeIs(1));
    EXPECT_EQ(state_of(desk, "command-1"), State::expired);
    EXPECT_FALSE(sent_at_once(desk, command_of("command-2", "arm", "kestrel", kNow + 4500ms)));
    EXPECT_EQ(desk.next_tick(), kNow + 6001ms);
    EXPECT_THAT(desk.tick(kNow + 6000ms).send, IsEmpty());
    EXPECT_THAT(desk.tick(kNow + 6001ms).send, SizeIs(1));
}

TEST(CommandDesk, NotesALateAnswerAndChangesNothing) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1", "arm")));
    static_cast<void>(desk.reported({.id = "command-1", .state = State::expired}, kNow + 3s));
    const auto late = desk.reported(
        {.id = "command-1", .state = State::accepted, .detail = "after all", .late = true}, kNow + 4s);
    ASSERT_THAT(late.changed, SizeIs(1));
    EXPECT_EQ(late.changed[0].state, State::expired);
    EXPECT_TRUE(late.changed[0].steps.back().late);
    EXPECT_EQ(late.changed[0].steps.back().state, State::accepted);
}

TEST(CommandDesk, LetsNoOtherCommandHoldUpAnEmergency) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1", "set_mode")));
    EXPECT_FALSE(sent_at_once(desk, command_of("command-2", "set_mode")));
    EXPECT_TRUE(sent_at_once(desk, command_of("command-3", "hold")));
    EXPECT_FALSE(sent_at_once(desk, command_of("command-4", "hold"))) << "but one hold at a time";
}

TEST(CommandDesk, ExpiresWhatWaitedPastItsDeadline) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1", "arm")));
    static_cast<void>(desk.reported({.id = "command-1", .state = State::in_progress}, kNow));
    EXPECT_FALSE(sent_at_once(desk, command_of("command-2", "arm")));
    EXPECT_THAT(desk.tick(kNow + 5s).changed, SizeIs(1));
    EXPECT_EQ(state_of(desk, "command-2"), State::expired);
    EXPECT_THAT(desk.reported({.id = "command-1", .state = State::accepted}, kNow + 6s).send, IsEmpty());
}

TEST(CommandDesk, CancelsWhatWaitsAndNothingThatLeft) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1", "arm")));
    EXPECT_FALSE(sent_at_once(desk, command_of("command-2", "arm")));
    ASSERT_TRUE(desk.cancel("command-2", "olga", kNow));
    EXPECT_EQ(state_of(desk, "command-2"), State::cancelled);
    EXPECT_EQ(desk.cancel("command-1", "olga", kNow).error().code, Code::conflict);
    EXPECT_EQ(desk.cancel("command-2", "olga", kNow).error().code, Code::conflict);
    EXPECT_EQ(desk.cancel("command-9", "olga", kNow).error().code, Code::not_found);
    EXPECT_THAT(desk.reported({.id = "command-1", .state = State::accepted}, kNow).send, IsEmpty());
}

TEST(CommandDesk, KnowsACommandAgainByItsIdAndByItsKey) {
    Desk desk;
    Command first = command_of("command-1", "arm");
    first.key = "key-00001";
    ASSERT_TRUE(desk.ask(first));
    EXPECT_TRUE(desk.known(first).value());
    Command other = command_of("command-2", "arm");
    EXPECT_FALSE(desk.known(other).value());
    other.key = first.key;
    EXPECT_EQ(desk.known(other).value()->id, "command-1");
    other.user = "eve";
    EXPECT_FALSE(desk.known(other).value()) << "keys are each user's own";
    for (const auto& change :
         {+[](Command& c) { c.vehicle = "merlin"; }, +[](Command& c) { c.command = "disarm"; },
          +[](Command& c) { c.parameters = R"({"x":1})"; }, +[](Command& c) { c.user = "eve"; }}) {
        Command changed = first;
        change(changed);
        EXPECT_EQ(desk.known(changed).error().code, Code::conflict);
    }
}

TEST(CommandDesk, FailsWhatAWorkersEndLeavesOpen) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("command-1", "arm")));
    ASSERT_TRUE(sent_at_once(desk, command_of("command-2", "arm", "merlin")));
    ASSERT_TRUE(desk.ask(command_of("command-3", "goto")));
    EXPECT_THAT(desk.worker_ended({"kestrel"}, kNow).changed, SizeIs(1));
    EXPECT_EQ(state_of(desk, "command-1"), State::failed);
    EXPECT_EQ(state_of(desk, "command-2"), State::queued);
    EXPECT_EQ(state_of(desk, "command-3"), State::queued) << "it had not been handed to the worker";
    EXPECT_FALSE(sent_at_once(desk, command_of("command-4", "arm")));
}

TEST(CommandDesk, ForgetsTheOldestFinishedOnesButNoOpenOne) {
    Desk desk;
    ASSERT_TRUE(sent_at_once(desk, command_of("11111111-a")));
    for (std::size_t i = 0; i < Desk::kMaxFinished + 10; ++i) {
        const std::string id = "finished-" + std::to_string(i);
        const Utc now = kNow + std::chrono::milliseconds(i);
        ASSERT_TRUE(sent_at_once(desk, command_of(id, "photo", "kestrel", now)));
        static_cast<void>(desk.reported({.id = id, .state = State::completed}, now));
    }
    EXPECT_NE(desk.find("11111111-a"), nullptr);
    EXPECT_EQ(desk.find("finished-0"), nullptr);
    EXPECT_NE(desk.find("finished-1009"), nullptr);
}

/// Everything that may happen, in any order. What must hold whatever comes.
class Interleaving {
  public:
    explicit Interleaving(unsigned seed) : random_(seed + 1) {}

    void run() {
        for (int step = 0; step < 60 && !testing::Test::HasFatalFailure(); ++step) {
            now_ = now_ + std::chrono::milliseconds(pick(900));
            switch (pick(8)) {
            case 0:
            case 1: ask(step); break;
            case 2: write(); break;
            case 3:
            case 4:
            case 5: report(); break;
            case 6: cancel(); break;
            default: take(pick(6) == 0 ? desk_.worker_ended({vehicle()}, now_) : desk_.tick(now_)); break;
            }
            take(desk_.tick(now_));
            ASSERT_TRUE(!desk_.next_tick() || *desk_.next_tick() > now_) << "it would spin";
        }
        take(desk_.tick(now_ + 1200s));
        for (const auto& [id, command] : asked_) {
            if (const Command* left = desk_.find(id)) {
                ASSERT_TRUE(is_final(left->state) || left->state == State::accepted) << "it is open for ever";
            }
        }
    }

  private:
    unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
    std::string vehicle() { return std::array{"kestrel", "merlin", "tern"}[pick(3)]; }
    std::string any_id() {
        if (asked_.empty()) {
            return "nobody";
        }
        return std::next(asked_.begin(), pick(static_cast<unsigned>(asked_.size())))->first;
    }

    void ask(int step) {
        Command command = command_of("command-" + std::to_string(pick(4) == 0 ? pick(60) : step),
                                     std::array{"arm", "disarm", "hold", "set_mode"}[pick(4)], vehicle(),
                                     now_, std::chrono::milliseconds(100 + pick(4000)));
        command.key = pick(5) == 0 ? "key-0000" + std::to_string(pick(4)) : "";
        const auto known = desk_.known(command);
        if (known && !*known && desk_.ask(command)) {
            ASSERT_TRUE(asked_.emplace(command.id, command).second) << "an id is taken twice";
            if (pick(3) != 0) {
                take(desk_.written(command.id, now_));
            }
        }
    }
    void write() { take(desk_.written(any_id(), now_)); }
    void report() {
        const State state = static_cast<State>(1 + pick(8));
        take(desk_.reported(
            {.id = any_id(), .state = state, .resends = static_cast<int>(pick(2)), .late = pick(3) == 0},
            now_));
    }
    void cancel() {
        const std::string id = any_id();
        if (auto changes = desk_.cancel(id, "olga", now_)) {
            ASSERT_FALSE(sent_.contains(id)) << "what was sent cannot be called back";
            take(*changes);
        }
    }

    void take(const Changes& changes) {
        for (const Command& command : changes.changed) {
            const auto ended = ended_.find(command.id);
            ASSERT_TRUE(ended == ended_.end() || ended->second == command.state) << "an end is not the end";
            ASSERT_LE(command.steps.size(), Desk::kMaxSteps);
            if (is_final(command.state) && ended == ended_.end()) {
                ended_.emplace(command.id, command.state);
                if (command.state == State::expired && sent_.contains(command.id)) {
                    held_[{command.vehicle, std::string(row(command.command)->lane)}] = {command.command,
                                                                                         now_ + 1900ms};
                }
            }
        }
        for (const Command& command : changes.send) {
            check_sending(command);
        }
    }

    void check_sending(const Command& command) {
        const Command& asked = asked_.at(command.id);
        ASSERT_TRUE(sent_.insert(command.id).second) << "sent twice";
        ASSERT_LT(now_, asked.deadline) << "sent after its deadline";
        ASSERT_EQ(command.vehicle, asked.vehicle) << "sent to another";
        ASSERT_EQ(command.command, asked.command);
        ASSERT_FALSE(ended_.contains(command.id)) << "sent after its end";
        const Row& own = *row(command.command);
        for (const std::string& id : sent_) {
            const Command* other = desk_.find(id);
            const bool same_lane = other && id != command.id && other->vehicle == command.vehicle &&
                                   row(other->command)->lane == own.lane && is_open(other->state);
            ASSERT_FALSE(same_lane && (!own.emergency || other->command == command.command))
                << "two in flight";
        }
        const auto held = held_.find({command.vehicle, std::string(own.lane)});
        if (held != held_.end() && (!own.emergency || held->second.first == command.command)) {
            ASSERT_GE(now_, held->second.second) << "sent while a late answer might have come";
        }
    }

    std::minstd_rand random_;
    Utc now_ = kNow;
    Desk desk_;
    std::map<std::string, Command> asked_;
    std::set<std::string> sent_;
    std::map<std::string, State> ended_;
    std::map<std::pair<std::string, std::string>, std::pair<std::string, Utc>> held_;
};

TEST(CommandDesk, KeepsItsRulesInTenThousandRandomInterleavings) {
    for (unsigned seed = 0; seed < 10'000; ++seed) {
        Interleaving(seed).run();
        ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
    }
}

} // namespace
} // namespace masthead::commands
