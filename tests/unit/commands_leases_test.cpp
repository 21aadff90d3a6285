// Who holds a lease, and how it goes from hand to hand.
#include "server/commands/leases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace masthead::commands {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Utc kNow{1'800'000'000'000'000};
const LeaseKey kKestrel{"kestrel", Part::vehicle};
const Person kOlga{"olga", "session-olga"};
const Person kPaul{"paul", "session-paul"};
const Person kSue{"sue", "session-sue", true};

class LeaseRules : public testing::Test {
  protected:
    LeaseRules() {
        for (const Person& person : {kOlga, kPaul, kSue}) {
            EXPECT_THAT(leases_.arrived(person.session), IsEmpty());
        }
    }
    Result<Lease> act(LeaseAction action, const Person& person, const std::string& to = "",
                      const std::string& reason = "") {
        return leases_.act({kKestrel, action, to, reason}, person, kNow);
    }
    [[nodiscard]] std::string holder() const { return leases_.get(kKestrel).user; }

    Leases leases_;
};

TEST_F(LeaseRules, IsTakenByOneAndRefusedToTheNextByName) {
    EXPECT_THAT(leases_.check(kKestrel, kOlga).error().message, HasSubstr("nobody holds"));
    ASSERT_TRUE(act(LeaseAction::take, kOlga));
    EXPECT_TRUE(leases_.check(kKestrel, kOlga));
    EXPECT_TRUE(act(LeaseAction::take, kOlga)) << "again is no harm";
    const auto refused = act(LeaseAction::take, kPaul);
    EXPECT_EQ(refused.error().code, Code::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("'olga'"));
    EXPECT_THAT(leases_.check(kKestrel, kPaul).error().message, HasSubstr("'olga'"));
    EXPECT_FALSE(leases_.check({"kestrel", Part::payload}, kOlga)) << "the payload has one of its own";
    EXPECT_FALSE(leases_.check({"merlin", Part::vehicle}, kOlga));
}

TEST_F(LeaseRules, IsOfOneSessionAndMovesWithThePerson) {
    ASSERT_TRUE(act(LeaseAction::take, kOlga));
    const Person elsewhere{"olga", "session-other"};
    EXPECT_THAT(leases_.check(kKestrel, elsewhere).error().message, HasSubstr("another place"));
    ASSERT_TRUE(act(LeaseAction::take, elsewhere));
    EXPECT_TRUE(leases_.check(kKestrel, elsewhere));
    EXPECT_FALSE(leases_.check(kKestrel, kOlga));
}

TEST_F(LeaseRules, IsAskedForAndGrantedOrRefusedByTheHolderAlone) {
    EXPECT_FALSE(act(LeaseAction::request, kPaul)) << "it is free";
    ASSERT_TRUE(act(LeaseAction::take, kOlga));
    ASSERT_TRUE(act(LeaseAction::request, kPaul));
    ASSERT_TRUE(act(LeaseAction::request, kPaul));
    EXPECT_THAT(leases_.get(kKestrel).askers, SizeIs(1));
    EXPECT_FALSE(act(LeaseAction::grant, kPaul, "paul"));
    EXPECT_FALSE(act(LeaseAction::grant, kOlga, "sue")) << "she did not ask";
    ASSERT_TRUE(act(LeaseAction::refuse, kOlga, "paul"));
    EXPECT_FALSE(act(LeaseAction::grant, kOlga, "paul"));
    ASSERT_TRUE(act(LeaseAction::request, kPaul));
    ASSERT_TRUE(act(LeaseAction::grant, kOlga, "paul"));
    EXPECT_TRUE(leases_.check(kKestrel, kPaul));
    EXPECT_THAT(leases_.get(kKestrel).askers, IsEmpty());
}

TEST_F(LeaseRules, IsHandedOverToWhomTheHolderNamesWhenTheyTakeIt) {
    ASSERT_TRUE(act(LeaseAction::take, kOlga));
    EXPECT_FALSE(act(LeaseAction::hand_over, kPaul, "paul"));
    EXPECT_FALSE(act(LeaseAction::hand_over, kOlga));
    ASSERT_TRUE(act(LeaseAction::hand_over, kOlga, "paul"));
    EXPECT_EQ(holder(), "olga") << "until it is taken somebody must have it";
    EXPECT_FALSE(act(LeaseAction::take, {"eve", "session-eve"}));
    ASSERT_TRUE(act(LeaseAction::take, kPaul));
    EXPECT_EQ(holder(), "paul");
}

TEST_F(LeaseRules, IsTakenByForceByASupervisorWithAReasonAlone) {
    ASSERT_TRUE(act(LeaseAction::take, kOlga));
    EXPECT_EQ(act(LeaseAction::force, kPaul, "", "now").error().code, Code::forbidden);
    EXPECT_EQ(act(LeaseAction::force, kSue).error().code, Code::invalid_argument);
    ASSERT_TRUE(act(LeaseAction::force, kSue, "", "olga does not answer"));
    EXPECT_EQ(leases_.get(kKestrel).reason, "olga does not answer");
    EXPECT_FALSE(leases_.check(kKestrel, kOlga));
    EXPECT_FALSE(act(LeaseAction::release, kOlga));
    ASSERT_TRUE(act(LeaseAction::release, kSue));
    EXPECT_EQ(holder(), "");
}

TEST_F(LeaseRules, IsFreeWhenTheSessionStaysAwayForItsGrace) {
    ASSERT_TRUE(act(LeaseAction::take, kOlga));
    static_cast<void>(leases_.arrived(kOlga.session)); // a second window
    EXPECT_THAT(leases_.left(kOlga.session, kNow), IsEmpty());
    EXPECT_THAT(leases_.left(kOlga.session, kNow), SizeIs(1));
    EXPECT_EQ(leases_.next_tick(), kNow + Leases::kGrace);
    EXPECT_TRUE(leases_.check(kKestrel, kOlga)) << "a reload must not cost it";
    EXPECT_THAT(leases_.arrived(kOlga.session), SizeIs(1));
    EXPECT_THAT(leases_.tick(kNow + 60s), IsEmpty());
    EXPECT_THAT(leases_.left(kOlga.session, kNow + 60s), SizeIs(1));
    EXPECT_THAT(leases_.tick(kNow + 60s + Leases::kGrace), SizeIs(1));
    EXPECT_EQ(holder(), "");
    EXPECT_FALSE(leases_.next_tick());
}

TEST_F(LeaseRules, OfWhoNeverConnectsLastsAsLongAsTheyAct) {
    const Person script{"otto", "session-script"};
    ASSERT_TRUE(act(LeaseAction::take, script));
    EXPECT_THAT(leases_.touch(script.session, kNow + 10s), SizeIs(1));
    EXPECT_THAT(leases_.tick(kNow + 24s), IsEmpty());
    EXPECT_THAT(leases_.tick(kNow + 25s), SizeIs(1));
}

TEST_F(LeaseRules, EndsWithTheSessionThatIsSignedOut) {
    ASSERT_TRUE(act(LeaseAction::take, kOlga));
    ASSERT_TRUE(act(LeaseAction::request, kPaul));
    EXPECT_THAT(leases_.ended(kPaul.session), SizeIs(1));
    EXPECT_THAT(leases_.get(kKestrel).askers, IsEmpty());
    EXPECT_THAT(leases_.ended(kOlga.session), SizeIs(1));
    EXPECT_EQ(holder(), "");
}

/// Whatever comes, at most one session may command, and only by a way that allows it.
TEST_F(LeaseRules, GoThroughTenThousandRandomInterleavingsWithOneHolder) {
    for (unsigned seed = 0; seed < 10'000; ++seed) {
        std::minstd_rand random(seed + 1);
        Leases leases;
        Utc now = kNow;
        const Person persons[] = {kOlga, kPaul, kSue};
        for (int step = 0; step < 30; ++step) {
            now = now + std::chrono::milliseconds(random() % 9000);
            const Person& person = persons[random() % 3];
            const Lease before = leases.get(kKestrel);
            const auto action = static_cast<LeaseAction>(random() % 7);
            const std::string to = persons[random() % 3].user;
            switch (random() % 6) {
            case 0: static_cast<void>(leases.arrived(person.session)); break;
            case 1: static_cast<void>(leases.left(person.session, now)); break;
            case 2: static_cast<void>(leases.tick(now)); break;
            default: {
                const auto done =
                    leases.act({kKestrel, action, to, random() % 2 == 0 ? "why" : ""}, person, now);
                const Lease after = leases.get(kKestrel);
                const bool taken = !before.user.empty() && after.user != before.user && !after.user.empty();
                const bool allowed = before.user == person.user ||
                                     (action == LeaseAction::force && person.supervisor) ||
                                     (action == LeaseAction::take && before.offered_to == person.user);
                ASSERT_TRUE(!taken || allowed) << seed << ": taken from who held it";
                ASSERT_TRUE(done || after.user == before.user) << seed << ": a refusal changed the holder";
            }
            }
            int commanders = 0;
            for (const Person& each : persons) {
                commanders += leases.check(kKestrel, each) ? 1 : 0;
            }
            ASSERT_LE(commanders, 1) << seed;
        }
    }
}

} // namespace
} // namespace masthead::commands
