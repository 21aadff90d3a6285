// When alerts are raised and cleared.
#include "server/alerts/watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace masthead::alerts {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Utc kStart{1'800'000'000'000'000};
const std::string kVehicle = "kestrel";

/// A watch with a clock of its own; follows its ticks as the server does.
struct Scene {
    Watch watch{[this] { return "alert-" + std::to_string(++names); }};
    Utc now = kStart;
    int names = 0;
    std::vector<Alert> told;

    void take(const Watch::Changes& changes) { told.insert(told.end(), changes.begin(), changes.end()); }
    void wait(std::chrono::microseconds time) {
        const Utc until = now + time;
        for (auto due = watch.next_tick(); due && *due <= until; due = watch.next_tick()) {
            now = std::max(now, *due);
            take(watch.tick(now));
        }
        now = until;
    }
    void at(double latitude, double longitude) {
        Sample sample;
        sample.latitude_deg = latitude;
        sample.longitude_deg = longitude;
        take(watch.sample(kVehicle, sample, now));
    }
    void battery(double percent) {
        Sample sample;
        sample.battery_percent = percent;
        take(watch.sample(kVehicle, sample, now));
    }
    [[nodiscard]] std::string open() const {
        std::string text;
        for (const Alert& alert : watch.open()) {
            text += std::string(to_string(alert.severity)) + " " + std::string(to_string(alert.state)) +
                    ": " + alert.message + "\n";
        }
        return text;
    }
};

fences::Fence fence(fences::Rule rule, double radius_m = 1000) {
    return {.id = "f1",
            .name = "Harbour",
            .rule = rule,
            .vehicle = "",
            .enabled = true,
            .shape = fences::Circle{{0, 0}, radius_m},
            .altitude = {}};
}

double degrees(double metres) { return metres / 111'195; }

TEST(Alerts, OfAKeepInFenceAreRaisedBeyondItAndClearedWellWithin) {
    Scene scene;
    scene.take(scene.watch.set_fences({fence(fences::Rule::keep_in)}, scene.now));
    scene.at(0, degrees(990));
    EXPECT_EQ(scene.open(), "");
    scene.at(0, degrees(1003));
    EXPECT_EQ(scene.open(), "") << "not at once";
    scene.wait(500ms);
    EXPECT_EQ(scene.open(), "warning raised: is outside the keep-in fence 'Harbour'\n");
    scene.at(0, degrees(998));
    scene.wait(10s - 1us);
    EXPECT_THAT(scene.open(), HasSubstr("raised")) << "within, but on the line";
    scene.at(0, degrees(990));
    scene.wait(1s);
    EXPECT_THAT(scene.open(), HasSubstr("raised")) << "not for long enough";
    scene.wait(1s);
    EXPECT_EQ(scene.open(), "");
    ASSERT_THAT(scene.told, SizeIs(2));
    EXPECT_EQ(scene.told[1].state, State::cleared);
    EXPECT_EQ(scene.told[1].id, scene.told[0].id);
}

TEST(Alerts, OfAKeepOutFenceAndOfAltitudesSayWhatIsWrong) {
    Scene scene;
    fences::Fence band = fence(fences::Rule::keep_in);
    band.altitude = fences::AltitudeBand{fences::Datum::agl, std::nullopt, 120};
    fences::Fence out = fence(fences::Rule::keep_out, 100);
    out.id = "f2";
    out.name = "Mast";
    scene.take(scene.watch.set_fences({band, out}, scene.now));
    Sample sample;
    sample.latitude_deg = 0;
    sample.longitude_deg = degrees(50);
    sample.altitude_agl_m = 121;
    scene.take(scene.watch.sample(kVehicle, sample, scene.now));
    scene.wait(1s);
    EXPECT_THAT(scene.open(), HasSubstr("above or below the altitudes of the keep-in fence 'Harbour'"));
    EXPECT_THAT(scene.open(), HasSubstr("inside the keep-out fence 'Mast'"));
    scene.take(scene.watch.set_fences({band}, scene.now));
    EXPECT_THAT(scene.open(), Not(HasSubstr("Mast"))) << "its fence is gone";
}

TEST(Alerts, DoNotFlapWhenAVehicleWandersOnTheLine) {
    std::mt19937 random(3);
    for (const auto rule : {fences::Rule::keep_in, fences::Rule::keep_out}) {
        Scene scene;
        scene.take(scene.watch.set_fences({fence(rule)}, scene.now));
        std::uniform_real_distribution<double> off(-4.9, 4.9); // within the margin on either side
        for (int n = 0; n < 5000; ++n) {
            scene.at(0, degrees(1000 + off(random)));
            scene.wait(100ms);
        }
        EXPECT_LE(scene.told.size(), 1U);
    }
}

TEST(Alerts, AreRaisedAndClearedInTurnWhateverHappens) {
    std::mt19937 random(11);
    std::map<Key, std::string> open;
    Scene scene;
    scene.take(scene.watch.set_fences({fence(fences::Rule::keep_in)}, scene.now));
    const auto pick = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
    for (int step = 0; step < 20'000; ++step) {
        scene.told.clear();
        switch (pick(9)) {
        case 0: scene.at(0, degrees(980 + pick(40))); break;
        case 1: scene.battery(pick(100)); break;
        case 2: scene.take(scene.watch.link(kVehicle, pick(2) == 0, "", scene.now)); break;
        case 3: scene.take(scene.watch.stream(kVehicle, "nose", pick(2) == 0, "", scene.now)); break;
        case 4: scene.take(scene.watch.recording(kVehicle, "nose", pick(2) == 0, "", scene.now)); break;
        case 5:
            scene.take(scene.watch.command(
                kVehicle, "goto", pick(2) == 0 ? CommandEnd::failed : CommandEnd::done, "", scene.now));
            break;
        case 6:
            scene.take(scene.watch.approaches(
                {{kVehicle, {{"230000001", "", double(pick(900)), double(pick(900) - 100)}}}}, scene.now));
            break;
        case 7:
            if (const auto alerts = scene.watch.open(); !alerts.empty()) {
                const std::string id = alerts[std::size_t(pick(int(alerts.size())))].id;
                if (pick(2) == 0) {
                    (void)scene.watch.acknowledge(id, "olga", scene.now);
                } else {
                    (void)scene.watch.snooze(id, "olga", scene.now + 1min, scene.now);
                }
            }
            break;
        default: scene.wait(std::chrono::milliseconds(pick(8000)));
        }
        for (const Alert& alert : scene.told) {
            const auto known = open.find(alert.key);
            if (alert.state == State::cleared) {
                ASSERT_TRUE(known != open.end() && known->second == alert.id)
                    << "cleared without being raised";
                open.erase(known);
            } else if (known == open.end()) {
                open[alert.key] = alert.id;
            } else {
                ASSERT_EQ(known->second, alert.id) << "raised twice";
            }
        }
        std::map<Key, std::string> shown;
        for (const Alert& alert : scene.watch.open()) {
            shown[alert.key] = alert.id;
        }
        ASSERT_EQ(shown, open) << "at step " << step;
    }
    // All is well again: nothing stays.
    scene.take(scene.watch.link(kVehicle, true, "", scene.now));
    scene.take(scene.watch.stream(kVehicle, "nose", true, "", scene.now));
    scene.take(scene.watch.recording(kVehicle, "nose", false, "", scene.now));
    scene.take(scene.watch.approaches({}, scene.now));
    for (int second = 0; second < 15 * 60; ++second) {
        scene.at(0, 0);
        scene.battery(90);
        scene.wait(1s);
    }
    EXPECT_EQ(scene.open(), "");
}

TEST(Alerts, OfABatteryBecomeWorseAndAreThenRaisedAnew) {
    Scene scene;
    scene.battery(29);
    scene.wait(5s);
    EXPECT_EQ(scene.open(), "caution raised: the battery is at 29 %\n");
    ASSERT_TRUE(scene.watch.acknowledge("alert-1", "olga", scene.now));
    scene.battery(31);
    scene.wait(20s);
    EXPECT_THAT(scene.open(), HasSubstr("caution acknowledged")) << "within the margin";
    scene.battery(14);
    scene.wait(5s);
    EXPECT_EQ(scene.open(), "warning raised: the battery is at 14 %\n");
    scene.battery(50);
    scene.wait(10s);
    EXPECT_EQ(scene.open(), "");
}

TEST(Alerts, AreOnlyOfWhatWasThereBefore) {
    Scene scene;
    scene.take(scene.watch.link(kVehicle, false, "nothing is heard", scene.now));
    scene.take(scene.watch.stream(kVehicle, "nose", false, "", scene.now));
    scene.wait(1min);
    EXPECT_EQ(scene.open(), "");
    scene.take(scene.watch.link(kVehicle, true, "", scene.now));
    scene.take(scene.watch.stream(kVehicle, "nose", true, "", scene.now));
    scene.take(scene.watch.link(kVehicle, false, "nothing is heard", scene.now));
    scene.take(scene.watch.stream(kVehicle, "nose", false, "", scene.now));
    scene.wait(1min);
    EXPECT_EQ(scene.open(), "warning raised: the link is lost: nothing is heard\n"
                            "caution raised: the video of 'nose' is lost\n");
}

TEST(Alerts, OfAStalePositionComeByThemselvesUnlessTheLinkIsKnownToBeLost) {
    Scene scene;
    scene.at(0, 0);
    scene.wait(9s);
    EXPECT_EQ(scene.open(), "");
    scene.wait(1s);
    EXPECT_THAT(scene.open(), HasSubstr("has not said where it is for 10 s"));
    scene.at(0, 0);
    scene.wait(2s);
    EXPECT_EQ(scene.open(), "");
    scene.take(scene.watch.link(kVehicle, true, "", scene.now));
    scene.take(scene.watch.link(kVehicle, false, "", scene.now));
    scene.wait(1min);
    EXPECT_EQ(scene.open(), "warning raised: the link is lost\n");
}

TEST(Alerts, OfAFailedCommandGoInTimeOrWhenItIsCarriedOut) {
    Scene scene;
    scene.take(scene.watch.command(kVehicle, "land", CommandEnd::failed, "denied", scene.now));
    EXPECT_EQ(scene.open(), "caution raised: 'land' failed: denied\n");
    ASSERT_TRUE(scene.watch.acknowledge("alert-1", "olga", scene.now));
    scene.take(scene.watch.command(kVehicle, "land", CommandEnd::failed, "expired", scene.now));
    EXPECT_EQ(scene.open(), "caution raised: 'land' failed: expired\n") << "again: told again";
    scene.take(scene.watch.command(kVehicle, "land", CommandEnd::done, "", scene.now));
    EXPECT_EQ(scene.open(), "");
    scene.take(scene.watch.command(kVehicle, "land", CommandEnd::failed, "", scene.now));
    scene.wait(10min);
    EXPECT_EQ(scene.open(), "");
}

TEST(Alerts, OfAnApproachFollowItsDistanceAndTimeWithAMargin) {
    Scene scene;
    const auto near = [&](double cpa_m, double tcpa_s) {
        scene.take(scene.watch.approaches({{kVehicle, {{"230000001", "ANNA", cpa_m, tcpa_s}}}}, scene.now));
        scene.wait(2s);
    };
    near(600, 300);
    EXPECT_EQ(scene.open(), "");
    near(450, 300);
    EXPECT_EQ(scene.open(), "caution raised: comes within 450 m of ANNA in 300 s\n");
    near(190, 170);
    EXPECT_THAT(scene.open(), HasSubstr("warning raised: comes within 190 m"));
    near(580, 160);
    EXPECT_THAT(scene.open(), HasSubstr("caution raised")) << "within the margin";
    scene.take(scene.watch.approaches({}, scene.now));
    scene.wait(10s);
    EXPECT_EQ(scene.open(), "");
}

TEST(Alerts, AreAcknowledgedByNameAndSnoozedForATime) {
    Scene scene;
    scene.battery(10);
    scene.wait(5s);
    const auto acknowledged = scene.watch.acknowledge("alert-1", "olga", scene.now);
    ASSERT_TRUE(acknowledged);
    EXPECT_EQ(acknowledged->user, "olga");
    EXPECT_THAT(scene.watch.acknowledge("alert-1", "sue", scene.now).error().message, HasSubstr("olga has"));
    EXPECT_EQ(scene.watch.acknowledge("alert-9", "sue", scene.now).error().code, Code::not_found);
    ASSERT_TRUE(scene.watch.snooze("alert-1", "sue", scene.now + 5min, scene.now));
    scene.told.clear();
    scene.wait(5min - 1us);
    EXPECT_THAT(scene.told, IsEmpty());
    scene.wait(1us);
    ASSERT_THAT(scene.told, SizeIs(1));
    EXPECT_EQ(scene.told[0].state, State::raised);
}

TEST(Alerts, OfARuleThatIsSwitchedOffAreClearedAndDoNotComeBack) {
    Scene scene;
    scene.battery(10);
    scene.wait(5s);
    AlertRules rules;
    rules.vehicles[kVehicle].battery.enabled = false;
    scene.take(scene.watch.set_rules(rules, scene.now));
    EXPECT_EQ(scene.open(), "");
    scene.battery(5);
    scene.wait(1min);
    EXPECT_EQ(scene.open(), "");
}

TEST(Alerts, StayOpenOverARestartUntilWhatTheyAreAboutIsOver) {
    Scene before;
    before.take(before.watch.set_fences({fence(fences::Rule::keep_in)}, before.now));
    before.at(0, degrees(1100));
    before.battery(10);
    before.wait(5s);
    ASSERT_TRUE(before.watch.acknowledge("alert-1", "olga", before.now));
    const auto open = before.watch.open();
    ASSERT_THAT(open, SizeIs(2));

    Scene after;
    after.names = 100;
    after.take(after.watch.set_fences({fence(fences::Rule::keep_in)}, after.now));
    after.take(after.watch.restore(open, after.now));
    EXPECT_EQ(after.watch.open(), open);
    after.at(0, degrees(1100));
    after.wait(1min);
    EXPECT_THAT(after.open(), HasSubstr("acknowledged: is outside")) << "the same alert";
    after.battery(80);
    for (int second = 0; second < 10; ++second) {
        after.at(0, 0);
        after.wait(1s);
    }
    EXPECT_EQ(after.open(), "");
}

TEST(Alerts, RaisedAnewBeforeTheOldOnesWereReadTakeTheirPlace) {
    Scene scene;
    scene.battery(10);
    scene.wait(5s);
    Alert old = scene.watch.open().front();
    old.id = "old";
    const auto changes = scene.watch.restore({old}, scene.now);
    ASSERT_THAT(changes, SizeIs(1));
    EXPECT_EQ(changes[0].id, "old");
    EXPECT_EQ(changes[0].state, State::cleared);
    EXPECT_THAT(scene.watch.open(), SizeIs(1));
}

} // namespace
} // namespace masthead::alerts
