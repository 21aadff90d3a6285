// The server's pure rules: routes and origins, sign-in limits, sessions, what is told to
// whom.
#include "server/api/live_state.hpp"
#include "server/api/vehicle.hpp"
#include "server/api/vehicle_news.hpp"
#include "server/auth/secrets.hpp"
#include "server/auth/sessions.hpp"
#include "server/auth/sign_in_limit.hpp"
#include "server/auth/turn.hpp"
#include "server/http/router.hpp"
#include "server/store/spool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace masthead {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Utc kNow{1'800'000'000'000'000};

TEST(Router, FindsARouteByMethodAndSegments) {
    const std::vector<http::Route> routes = {
        {"GET", "/api/drones", http::Access::viewer, http::Handler()},
        {"PUT", "/api/drones/{id}", http::Access::admin, http::Handler()}};
    EXPECT_EQ(http::find_route(routes, "GET", "/api/drones").route, &routes[0]);
    EXPECT_EQ(http::find_route(routes, "PUT", "/api/drones/kestrel").slots.at("id"), "kestrel");
    EXPECT_EQ(http::find_route(routes, "GET", "/api/drones/kestrel").allow, "PUT");
    EXPECT_FALSE(http::find_route(routes, "PUT", "/api/drones/").route);
    EXPECT_FALSE(http::find_route(routes, "GET", "/api/drones/kestrel/x").route);
    EXPECT_EQ(http::find_route(routes, "GET", "/").allow, "");
}

TEST(Router, RefusesBadEscapes) {
    EXPECT_EQ(http::decode_path("/a%20b").value(), "/a b");
    for (const char* bad : {"/%", "/%4", "/%zz", "/%00", "/%ff", "/%c0%ae"}) {
        EXPECT_FALSE(http::decode_path(bad)) << bad;
    }
}

TEST(Origin, IsOursOrNamedAndNeverAbsent) {
    const auto allowed = [](const char* origin) {
        return http::origin_allowed(origin, "http", "127.0.0.1:8080", {"https://ops.example"});
    };
    EXPECT_TRUE(allowed("http://127.0.0.1:8080"));
    EXPECT_TRUE(allowed("https://ops.example"));
    for (const char* foreign :
         {"", "null", "https://127.0.0.1:8080", "http://127.0.0.1", "http://127.0.0.1:80800",
          "http://ops.example", "https://ops.example.evil.example"}) {
        EXPECT_FALSE(allowed(foreign)) << foreign;
    }
}

TEST(SignInLimit, CountsTriesOfANameAndForgetsThemAfterAMinute) {
    auth::SignInLimit limit;
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(limit.wait("10.0.0.1", "admin", kNow));
        limit.tried("10.0.0.1", "admin", kNow);
    }
    EXPECT_EQ(limit.wait("10.0.0.1", "admin", kNow + 10s), 50s);
    EXPECT_FALSE(limit.wait("10.0.0.2", "admin", kNow));
    EXPECT_FALSE(limit.wait("10.0.0.1", "olga", kNow));
    EXPECT_FALSE(limit.wait("10.0.0.1", "admin", kNow + 60s));
}

TEST(SignInLimit, CountsAllNamesOfOneAddress) {
    auth::SignInLimit limit;
    for (int i = 0; i < 30; ++i) {
        limit.tried("10.0.0.1", "user" + std::to_string(i), kNow);
    }
    EXPECT_TRUE(limit.wait("10.0.0.1", "another", kNow));
    limit.succeeded("10.0.0.1", "user3");
    EXPECT_FALSE(limit.wait("10.0.0.1", "another", kNow));
}

TEST(Sessions, EndAfterTwelveIdleHoursAndWhenTheDatabaseForgetsThem) {
    auth::SessionTable table;
    const std::string token = auth::new_token();
    table.add({auth::token_hash(token), "olga", auth::Role::operators, kNow});
    EXPECT_TRUE(table.use(token, kNow + 11h));
    EXPECT_TRUE(table.use(token, kNow + 22h));
    EXPECT_FALSE(table.use(token, kNow + 35h));
    EXPECT_FALSE(table.use("another", kNow));
    EXPECT_THAT(table.keep_only({}, kNow), testing::IsEmpty());
    EXPECT_THAT(table.keep_only({}, kNow + 1s), testing::SizeIs(1));
}

TEST(Passwords, AreHashedAndAStrangerIsNeverRight) {
    const auto hash = auth::hash_password("correct horse");
    ASSERT_TRUE(hash);
    EXPECT_THAT(*hash, testing::StartsWith("$argon2id$"));
    EXPECT_TRUE(auth::verify_password(*hash, "correct horse"));
    EXPECT_FALSE(auth::verify_password(*hash, "correct horsf"));
    EXPECT_FALSE(auth::verify_password("", ""));
    EXPECT_NE(auth::new_password(), auth::new_password());
}

TEST(LiveState, TellsAClientOnlyWhatChangedSince) {
    api::LiveState live;
    live.put_vehicle("kestrel", control::VehicleKind::drone, "Kestrel");
    const auto before = live.version();
    Sample sample{.time = kNow};
    sample.heading_deg = 90;
    live.telemetry({"kestrel", control::TelemetrySource::link, std::nullopt, sample}, kNow);
    const std::string update = live.update_since(before, kNow);
    EXPECT_THAT(update, HasSubstr("\"heading_deg\":90"));
    EXPECT_THAT(update, testing::Not(HasSubstr("Kestrel")));
    EXPECT_THAT(live.update_since(0, kNow), testing::AllOf(HasSubstr("\"full\":true"), HasSubstr("Kestrel")));
    EXPECT_THAT(live.update_since(live.version(), kNow), HasSubstr("\"vehicles\":{}"));
}

TEST(LiveState, TellsAClientOnlyOfWhatItAskedFor) {
    api::LiveState live;
    live.put_vehicle("kestrel", control::VehicleKind::drone, "Kestrel");
    live.put_vehicle("tern", control::VehicleKind::vessel, "Tern");
    live.put_vehicle("gone", control::VehicleKind::drone, "Gone");
    const api::LiveScope tern{.vehicles = {"tern"}, .traffic = false};
    const api::LiveScope all{};
    auto before = live.version();
    live.telemetry({"kestrel", control::TelemetrySource::link, std::nullopt, Sample{.time = kNow}}, kNow);
    live.traffic({"nmea+udp://127.0.0.1:1", "244123456", Sample{.time = kNow}}, kNow);
    live.remove_vehicle("gone");
    EXPECT_FALSE(live.changed_since(before, tern));
    EXPECT_TRUE(live.changed_since(before, all));
    EXPECT_THAT(live.update_since(0, kNow, tern),
                testing::AllOf(HasSubstr("Tern"), testing::Not(HasSubstr("Kestrel")),
                               testing::Not(HasSubstr("traffic"))));
    EXPECT_THAT(live.update_since(before, kNow, tern), HasSubstr("\"vehicles\":{}"));
    EXPECT_THAT(live.update_since(before, kNow), HasSubstr("\"gone\""));
    before = live.version();
    live.telemetry({"tern", control::TelemetrySource::link, std::nullopt, Sample{.time = kNow}}, kNow);
    EXPECT_TRUE(live.changed_since(before, tern));
    before = live.version();
    live.remove_vehicle("tern");
    EXPECT_THAT(live.update_since(before, kNow, tern), HasSubstr("\"removed\":true"));
}

TEST(LiveState, DoesNotShowOldFieldsAfterASilence) {
    api::LiveState live;
    live.put_vehicle("kestrel", control::VehicleKind::drone, "Kestrel");
    Sample first{.time = kNow};
    first.altitude_msl_m = 120;
    Sample second{.time = kNow + 60s};
    second.heading_deg = 5;
    live.telemetry({"kestrel", control::TelemetrySource::link, std::nullopt, first}, kNow);
    live.telemetry({"kestrel", control::TelemetrySource::link, std::nullopt, second}, kNow + 60s);
    EXPECT_THAT(live.update_since(0, kNow), testing::Not(HasSubstr("altitude_msl_m")));
}

TEST(LiveState, TellsWhenAFieldCameThatStopsWhileOthersGoOn) {
    api::LiveState live;
    live.put_vehicle("kestrel", control::VehicleKind::drone, "Kestrel");
    Sample battery{.time = kNow};
    battery.battery_percent = 40;
    Sample attitude{.time = kNow};
    attitude.roll_deg = 1;
    for (const auto source : {control::TelemetrySource::link, control::TelemetrySource::camera}) {
        const std::string camera = "nose";
        const auto say = [&](const Sample& sample, Utc now) {
            live.telemetry({"kestrel", source, camera, sample}, now);
            return live.update_since(live.version() - 1, now);
        };
        (void)say(battery, kNow);
        EXPECT_THAT(say(attitude, kNow + 1000ms), testing::Not(HasSubstr("received_fields")));
        const std::string late = say(attitude, kNow + 9000ms);
        EXPECT_THAT(late, HasSubstr("\"received\":" + std::to_string((kNow + 9000ms).us)));
        EXPECT_THAT(late,
                    HasSubstr("\"received_fields\":{\"battery_percent\":" + std::to_string(kNow.us) + "}"));
        EXPECT_THAT(say(battery, kNow + 9100ms), testing::Not(HasSubstr("received_fields")));
        EXPECT_THAT(say(attitude, kNow + 60s), testing::Not(HasSubstr("battery_percent"))) << "a new picture";
    }
}

TEST(Spool, KeepsRecordsInOrderOverARestartAndCutsOffATornOne) {
    char name[] = "/tmp/masthead-spool-XXXXXX";
    const std::filesystem::path directory = mkdtemp(name);
    const auto file = directory / "spool";
    {
        auto spool = store::Spool::open(file, 1000);
        ASSERT_TRUE(spool && spool->append("one") && spool->append("two"));
        EXPECT_EQ(spool->append(std::string(2000, 'x')).error().code, Code::too_large);
    }
    std::ofstream(file, std::ios::app | std::ios::binary) << std::string("\0\0\0\7torn", 8);
    auto spool = store::Spool::open(file, 1000);
    ASSERT_TRUE(spool);
    EXPECT_EQ(spool->front().value(), "one");
    ASSERT_TRUE(spool->pop() && spool->append("three"));
    EXPECT_EQ(spool->front().value(), "two");
    ASSERT_TRUE(spool->pop());
    EXPECT_EQ(spool->front().value(), "three");
    ASSERT_TRUE(spool->pop());
    EXPECT_TRUE(spool->empty());
    EXPECT_EQ(std::filesystem::file_size(file), 0u);
    std::filesystem::remove_all(directory);
}

// The password as `printf 1800043200:olga | openssl dgst -sha1 -hmac s3cret -binary | base64` gives it.
TEST(Turn, CredentialsAreWhatCoturnComputes) {
    const auth::TurnCredentials credentials = auth::turn_credentials("s3cret", "olga", kNow);
    EXPECT_EQ(credentials.username, "1800043200:olga");
    EXPECT_EQ(credentials.password, "n/FASNVXNgR/jsK74Ta0dadfy5Y=");
}

control::Telemetry in_mode(const char* mode) {
    control::Telemetry message{.vehicle = "kestrel", .camera = {}, .sample = {}};
    message.sample.mode = mode;
    return message;
}

TEST(VehicleNews, TellsChangesOfModeAndNotWhatIsFirstHeard) {
    api::VehicleNews news;
    EXPECT_TRUE(news.of(in_mode("AUTO"), kNow).empty());
    EXPECT_TRUE(news.of(in_mode("AUTO"), kNow + 2s).empty());
    const auto told = news.of(in_mode("LOITER"), kNow + 3s);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].subject, "mode/kestrel");
    EXPECT_EQ(told[0].message, "LOITER, before AUTO");
    control::Telemetry of_camera = in_mode("RTL");
    of_camera.source = control::TelemetrySource::camera;
    EXPECT_TRUE(news.of(of_camera, kNow + 9s).empty());
}

TEST(VehicleNews, TellsAModeThatFlickersOnceASecondAndItsLastValueAtAll) {
    api::VehicleNews news;
    std::vector<store::EventRow> told;
    for (int i = 0; i <= 40; ++i) {
        const auto rows = news.of(in_mode(i % 2 == 0 ? "AUTO" : "LOITER"), kNow + 50ms * i);
        told.insert(told.end(), rows.begin(), rows.end());
    }
    const auto last = news.of(in_mode("RTL"), kNow + 4s);
    EXPECT_LE(told.size(), 3U);
    ASSERT_EQ(last.size(), 1U);
    EXPECT_THAT(last[0].message, HasSubstr("RTL"));
}

TEST(VehicleNews, TellsEachChangeOfALinkOnceAndLossAsACaution) {
    api::VehicleNews news;
    control::LinkReport report{.vehicle = "kestrel", .detail = "", .counters = {}};
    EXPECT_FALSE(news.of(report)); // it only connects
    report.state = control::LinkState::up;
    EXPECT_EQ(news.of(report)->level, "info");
    EXPECT_FALSE(news.of(report));
    report.state = control::LinkState::silent;
    report.detail = "nothing for 5 s";
    const auto lost = news.of(report);
    ASSERT_TRUE(lost);
    EXPECT_EQ(lost->level, "caution");
    EXPECT_EQ(lost->message, "link silent: nothing for 5 s");
}

TEST(VehicleNews, NamesWhoAskedForACommandAndWhatBecameOfIt) {
    const store::EventRow event = api::news_of({.id = "11111111-a",
                                                .vehicle = "kestrel",
                                                .command = "hold",
                                                .user = "olga",
                                                .state = commands::State::denied,
                                                .detail = "not armed",
                                                .updated = kNow});
    EXPECT_EQ(event.subject, "command/kestrel");
    EXPECT_EQ(event.user, "olga");
    EXPECT_EQ(event.level, "caution");
    EXPECT_EQ(event.message, "hold denied: not armed");
}

} // namespace
} // namespace masthead
