// Settings and pipeline files: what is read, and where a wrong one is said to be wrong.
#include "server/config/recipe.hpp"
#include "server/config/settings.hpp"
#include "tests/unit/one_recipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace masthead {
namespace {

using testing::HasSubstr;

class ConfigFiles : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/masthead-config-XXXXXX";
        directory_ = mkdtemp(name);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::filesystem::path write(const std::string& name, const std::string& text) {
        const auto path = directory_ / name;
        std::ofstream(path) << text;
        return path;
    }
    std::string recipe_error(const std::string& text, const ParameterValues& values = {}) {
        const auto recipes = load_recipes(write("r.yaml", text), values);
        return recipes ? "" : recipes.error().message;
    }
    std::string settings_error(const std::string& text) {
        const auto settings = load_settings(write("s.yaml", text));
        return settings ? "" : settings.error().message;
    }

    std::filesystem::path directory_;
};

constexpr const char* kRecipe = R"(title: Test camera
parameters:
  uri: {type: uri}
  wait: {type: integer, default: 5, minimum: 0, maximum: 100}
ingest:
  uri: ${uri}
telemetry:
  source: both
  max_wait_ms: ${wait}
outputs:
  webrtc: {}
)";

TEST_F(ConfigFiles, ARecipeGetsItsParametersWithTheirTypes) {
    const auto recipe =
        test::load_recipe(write("a.yaml", kRecipe), {{"uri", "rtsp://cam/1"}, {"wait", std::int64_t{40}}});
    ASSERT_TRUE(recipe) << recipe.error().message;
    EXPECT_EQ(recipe->title, "Test camera");
    EXPECT_EQ(recipe->ingest.uri, "rtsp://cam/1");
    EXPECT_EQ(recipe->telemetry.max_wait_ms, 40);
    EXPECT_EQ(recipe->telemetry.source, TelemetrySource::both);
    EXPECT_EQ(recipe->webrtc, std::vector<std::string>{""});
}

TEST_F(ConfigFiles, AResolvedRecipeSurvivesTheTripThroughJson) {
    const auto recipe = test::load_recipe(write("a.yaml", kRecipe), {{"uri", "udp://127.0.0.1:5000"}});
    ASSERT_TRUE(recipe) << recipe.error().message;
    const auto again = parse_recipe_json(recipe->json);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->json, recipe->json);
    EXPECT_EQ(again->telemetry.max_wait_ms, 5);
}

constexpr const char* kPair = R"(title: A pair
parameters:
  day: {type: uri, default: "rtsp://cam/day"}
ingest: {latency_ms: 30}
telemetry: {source: link, max_age_ms: 700}
renditions:
  low: {width: 320, height: 180}
outputs: {webrtc: {renditions: [source, low]}}
cameras:
  daylight:
    ingest: {uri: "${day}"}
  thermal:
    ingest: {uri: "rtsp://cam/thermal", latency_ms: 90}
    telemetry: {source: none}
    outputs: {webrtc: {renditions: [low]}}
)";

TEST_F(ConfigFiles, AFileForSeveralCamerasGivesEachWhatIsCommonAndItsOwnFirst) {
    const auto recipes = load_recipes(write("pair.yaml", kPair), {});
    ASSERT_TRUE(recipes) << recipes.error().message;
    ASSERT_EQ(recipes->size(), 2U);
    const Recipe& daylight = recipes->at(0);
    EXPECT_EQ(daylight.camera, "daylight");
    EXPECT_EQ(daylight.title, "A pair");
    EXPECT_EQ(daylight.ingest.uri, "rtsp://cam/day");
    EXPECT_EQ(daylight.ingest.latency_ms, 30);
    EXPECT_EQ(daylight.telemetry.source, TelemetrySource::link);
    EXPECT_EQ(daylight.webrtc, (std::vector<std::string>{"", "low"}));
    const Recipe& thermal = recipes->at(1);
    EXPECT_EQ(thermal.camera, "thermal");
    EXPECT_EQ(thermal.ingest.uri, "rtsp://cam/thermal");
    EXPECT_EQ(thermal.ingest.latency_ms, 90);
    EXPECT_EQ(thermal.telemetry.source, TelemetrySource::none);
    EXPECT_EQ(thermal.telemetry.max_age_ms, 700) << "keys that it does not say stay";
    EXPECT_EQ(thermal.webrtc, std::vector<std::string>{"low"});
    for (const Recipe& recipe : *recipes) { // what a worker gets is one camera's
        const auto again = parse_recipe_json(recipe.json);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->ingest.uri, recipe.ingest.uri);
    }
    EXPECT_EQ(describe_recipe(write("pair.yaml", kPair))->cameras,
              (std::vector<std::string>{"daylight", "thermal"}));
    EXPECT_FALSE(parse_recipe_json(R"({"title":"x","cameras":{"a":{"ingest":{"uri":"rtsp://c"},)"
                                   R"("outputs":{"webrtc":{}}},"b":{"ingest":{"uri":"rtsp://d"},)"
                                   R"("outputs":{"webrtc":{}}}}})"));
}

TEST_F(ConfigFiles, AWrongCameraOfSeveralSaysWhere) {
    const auto changed = [](const std::string& from, const std::string& to) {
        std::string text = kPair;
        return text.replace(text.find(from), from.size(), to);
    };
    EXPECT_EQ(recipe_error(kPair), "");
    EXPECT_THAT(recipe_error(changed("{source: none}", "{sauce: none}")),
                HasSubstr("r.yaml:14:17: there is no key 'sauce' here; did you mean 'source'?"));
    EXPECT_THAT(recipe_error(changed("latency_ms: 90", "latency_ms: -1")),
                HasSubstr("r.yaml:13:41: 'latency_ms' must be a whole number from 0 to 60000"));
    EXPECT_THAT(recipe_error(changed("{renditions: [low]}", "{renditions: [lwo]}")),
                HasSubstr("r.yaml:15:37: there is no rendition 'lwo'; did you mean 'low'?"));
    EXPECT_THAT(recipe_error(changed("latency_ms: 30", "latency_ms: soon")),
                HasSubstr("r.yaml:4:10: 'latency_ms' must be a whole number"))
        << "what is common is wrong where it stands";
    EXPECT_THAT(recipe_error(changed("uri: \"rtsp://cam/thermal\"", "uri: \"${night}\"")),
                HasSubstr("r.yaml:13:14: there is no parameter 'night'"));
    EXPECT_THAT(recipe_error(changed("    ingest: {uri: \"${day}\"}\n", "    telemetry: {}\n")),
                HasSubstr("'uri' or 'launch'"));
    EXPECT_THAT(recipe_error(
                    "title: x\noutputs: {webrtc: {}}\ncameras:\n  a: {ingest: {uri: 'rtsp://c'}}\n  b: {}\n"),
                HasSubstr("r.yaml:5:3: 'ingest' is missing"));
    EXPECT_THAT(recipe_error(changed("thermal:", "Thermal:")), HasSubstr("r.yaml:"));
    EXPECT_THAT(recipe_error("title: x\noutputs: {webrtc: {}}\n"), HasSubstr("'ingest' is missing"));
}

TEST_F(ConfigFiles, AnEditByTheWebIsCheckedInEveryCamera) {
    const WebEditRules rules{.schemes = {"rtsp"}, .hosts = {"cam"}, .secrets = {}};
    EXPECT_TRUE(parse_recipes(kPair, "r.yaml", {}, &rules));
    std::string text = kPair;
    text.replace(text.find("rtsp://cam/thermal"), 10, "rtsp://elsewhere");
    const auto refused = parse_recipes(text, "r.yaml", {}, &rules);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::forbidden);
    EXPECT_THAT(refused.error().message, HasSubstr("r.yaml:13:14"));
}

TEST_F(ConfigFiles, AValueIsNeverReadAsMoreRecipe) {
    const auto recipe =
        test::load_recipe(write("a.yaml", kRecipe), {{"uri", "rtsp://cam/\"\noutputs: {}\n${wait}"}});
    ASSERT_TRUE(recipe) << recipe.error().message;
    EXPECT_EQ(recipe->ingest.uri, "rtsp://cam/\"\noutputs: {}\n${wait}");
}

TEST_F(ConfigFiles, AWrongRecipeSaysWhere) {
    EXPECT_THAT(recipe_error("title: [\n"), HasSubstr("r.yaml:2:1"));
    EXPECT_THAT(recipe_error("title: x\ningest: {uri: 'rtsp://c'}\nouputs: {webrtc: {}}\n"),
                HasSubstr("ouputs"));
    EXPECT_THAT(recipe_error("title: x\ningest:\n  uri: 'rtsp://c'\n  latency: 5\noutputs: {webrtc: {}}\n"),
                HasSubstr("r.yaml:4:3: there is no key 'latency' here; did you mean 'latency_ms'?"));
    EXPECT_THAT(recipe_error("title: x\ningest:\n  uri: ${nobody}\noutputs: {webrtc: {}}\n"),
                HasSubstr("r.yaml:3:3: there is no parameter 'nobody'"));
    EXPECT_THAT(recipe_error("title: x\ntitle: y\n"), HasSubstr("r.yaml"));
    EXPECT_THAT(recipe_error("title: x\ningest: {uri: 'http://c'}\noutputs: {webrtc: {}}\n"),
                HasSubstr("rtsp://"));
}

TEST_F(ConfigFiles, AParameterMustBeKnownSetAndWithinItsRange) {
    EXPECT_THAT(recipe_error(kRecipe), HasSubstr("r.yaml:3:3: parameter 'uri' must be set"));
    EXPECT_THAT(recipe_error(kRecipe, {{"uri", "rtsp://c"}, {"wait", std::int64_t{101}}}),
                HasSubstr("at most 100"));
    EXPECT_THAT(recipe_error(kRecipe, {{"uri", "rtsp://c"}, {"wait", "soon"}}),
                HasSubstr("integer is wanted"));
    EXPECT_THAT(recipe_error(kRecipe, {{"uri", "camera one"}}), HasSubstr("a URI is wanted"));
    EXPECT_THAT(recipe_error(kRecipe, {{"uri", "rtsp://c"}, {"wat", true}}), HasSubstr("no parameter 'wat'"));
}

TEST_F(ConfigFiles, AnAliasBombIsRefused) {
    std::string text = "title: x\na0: &a0 [1,2,3,4,5,6,7,8,9]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string alias = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 9; ++k) {
            text += alias + ",";
        }
        text += "]\n";
    }
    EXPECT_THAT(recipe_error(text), HasSubstr("too large"));
}

TEST_F(ConfigFiles, TheShippedRecipesAreValid) {
    const auto listing = list_recipes(MASTHEAD_SOURCE "/pipelines");
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->errors.empty()) << listing->errors.front().message;
    EXPECT_GE(listing->recipes.size(), 2u);
}

TEST_F(ConfigFiles, ABadRecipeDoesNotHideTheOthers) {
    write("bad.yaml", "title: 5\n");
    write("good.yaml", kRecipe);
    const auto listing = list_recipes(directory_);
    ASSERT_TRUE(listing);
    ASSERT_EQ(listing->recipes.size(), 1u);
    EXPECT_EQ(listing->recipes[0].name, "good");
    ASSERT_EQ(listing->errors.size(), 1u);
    EXPECT_THAT(listing->errors[0].message, HasSubstr("bad.yaml"));
}

TEST_F(ConfigFiles, SettingsTakePathsFromTheirOwnDirectory) {
    const auto settings = load_settings(write("s.yaml", "listen: '[::1]:0'\ndatabase: host=/x\npipelines: p\n"
                                                        "web: ../web\ndata: /var/d\nworker: w\n"));
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->listen.host, "::1");
    EXPECT_EQ(settings->listen.port, 0);
    EXPECT_EQ(settings->pipelines, directory_ / "p");
    EXPECT_EQ(settings->data, "/var/d");
    EXPECT_FALSE(settings->broker);
}

TEST_F(ConfigFiles, TheBrokersUserIsTakenOutOfItsUri) {
    const auto settings =
        load_settings(write("s.yaml", "database: d\npipelines: p\nweb: w\ndata: d\nworker: w\n"
                                      "broker: {uri: 'mqtt://me@host:1', password_file: pw}\n"));
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->broker->uri, "mqtt://host:1");
    EXPECT_EQ(settings->broker->user, "me");
    EXPECT_EQ(settings->broker->password_file, directory_ / "pw");
}

TEST_F(ConfigFiles, WrongSettingsSayWhere) {
    const std::string good = "database: d\npipelines: p\nweb: w\ndata: d\nworker: w\n";
    EXPECT_EQ(settings_error(good), "");
    EXPECT_THAT(settings_error(good + "listen: 99999\n"), HasSubstr("s.yaml:6:1"));
    EXPECT_THAT(settings_error(good + "listen: '127.0.0.1:99999'\n"),
                HasSubstr("s.yaml:6:1: '127.0.0.1:99999'"));
    EXPECT_THAT(settings_error(good + "lisen: x\n"), HasSubstr("lisen"));
    EXPECT_EQ(settings_error(good + "ice_ports: 40000-40999\n"), "");
    for (const char* ports : {"40999-40000", "0-9", "1-65536", "40000", "40000-", "40000-40999x", "a-b"}) {
        EXPECT_THAT(settings_error(good + "ice_ports: '" + ports + "'\n"),
                    AllOf(HasSubstr("s.yaml:6:"), HasSubstr(ports), HasSubstr("range of ports")));
    }
    EXPECT_THAT(settings_error(good + "broker: {uri: 'http://x'}\n"), HasSubstr("s.yaml:6"));
    EXPECT_THAT(settings_error("database: d\n"), HasSubstr("s.yaml"));
    EXPECT_THAT(settings_error(""), HasSubstr("s.yaml"));
}

constexpr const char* kSecretRecipe = R"(title: Test camera
parameters:
  password: {type: string, secret: true}
ingest:
  uri: rtsp://me:${password}@cam/1
outputs:
  webrtc: {}
)";

TEST_F(ConfigFiles, ASecretComesFromAFileOrTheEnvironmentAndIsNeverShown) {
    const std::string file = "file:" + write("secret", "p4ss w0rd\nmore\n").string();
    const auto recipe = test::load_recipe(write("r.yaml", kSecretRecipe), {{"password", file}});
    ASSERT_TRUE(recipe) << recipe.error().message;
    EXPECT_EQ(recipe->ingest.uri, "rtsp://me:p4ss w0rd@cam/1");
    const auto at_worker = parse_recipe_json(recipe->json);
    ASSERT_TRUE(at_worker) << at_worker.error().message;
    EXPECT_EQ(at_worker->ingest.uri, recipe->ingest.uri);
    setenv("MASTHEAD_SECRET_TEST", "from here", 1);
    EXPECT_EQ(test::load_recipe(write("r.yaml", kSecretRecipe), {{"password", "env:MASTHEAD_SECRET_TEST"}})
                  ->ingest.uri,
              "rtsp://me:from here@cam/1");
    EXPECT_THAT(recipe_error(kSecretRecipe, {{"password", "hunter2"}}),
                AllOf(HasSubstr("r.yaml:3:3: parameter 'password': a secret is not written here"),
                      Not(HasSubstr("hunter2"))));
    EXPECT_THAT(recipe_error(kSecretRecipe, {{"password", "file:/nowhere"}}),
                HasSubstr("the file /nowhere cannot be read"));
    EXPECT_THAT(recipe_error(kSecretRecipe, {{"password", "env:MASTHEAD_NOT_SET"}}),
                HasSubstr("the environment variable MASTHEAD_NOT_SET is not set"));
}

TEST(WebEdits, ASecretComesFromAnAllowedPlace) {
    const WebEditRules rules;
    for (const char* text : {"file:/run/secrets/camera", "env:MASTHEAD_SECRET_CAMERA", "no place at all"}) {
        EXPECT_TRUE(check_web_secret(text, rules)) << text;
    }
    for (const char* text : {"file:/etc/shadow", "file:/run/secrets/../../etc/shadow", "env:PGPASSWORD"}) {
        EXPECT_EQ(check_web_secret(text, rules).error().code, Code::forbidden) << text;
    }
    for (const std::string part : {"password: {type: string, secret: true, default: 'file:/etc/shadow'}",
                                   "password: {type: string, secret: true, default: 'env:PGPASSWORD'}"}) {
        std::string text = kSecretRecipe;
        text.replace(text.find("password:"), std::string("password: {type: string, secret: true}").size(),
                     part);
        text.replace(text.find("me:${password}@"), std::string("me:${password}@").size(), "");
        setenv("PGPASSWORD", "x", 1);
        const auto recipe = test::parse_recipe(text, "r.yaml", {}, &rules);
        ASSERT_FALSE(recipe);
        EXPECT_THAT(recipe.error().message, HasSubstr("by the web a secret may not come from there"));
    }
}

TEST(WebEdits, AUriIsOfAnAllowedSchemeAndHostWhereverTheHostStands) {
    const WebEditRules rules{.schemes = {"rtsp", "srt"}, .hosts = {"10.20.*", "*.ship.example", "fe80::*"}};
    for (const char* uri : {"rtsp://10.20.0.7/a", "rtsp://user:p@ss@10.20.0.7:554/a",
                            "srt://Cam.SHIP.example:9000?mode=caller", "rtsp://[fe80::7]:554/"}) {
        EXPECT_TRUE(check_web_uri(uri, rules)) << uri;
    }
    for (const char* uri :
         {"rtsp://10.21.0.7/10.20.0.7", "rtsp://10.20.0.7@evil.example/", "file:///etc/passwd",
          "rtsp://evil.example?10.20.0.7", "rtsp://[2001::7]/", "rtsp:///x"}) {
        EXPECT_EQ(check_web_uri(uri, rules).error().code, Code::forbidden) << uri;
    }
}

TEST_F(ConfigFiles, TheExampleSettingsAreValid) {
    const auto settings = load_settings(MASTHEAD_SOURCE "/deploy/masthead.example.yaml");
    EXPECT_TRUE(settings) << settings.error().message;
}

} // namespace
} // namespace masthead
