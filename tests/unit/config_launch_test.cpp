// Launch fragments: which words they hold, where they stand, and how parameters get in.
#include "server/config/recipe.hpp"
#include "tests/unit/one_recipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace masthead {
namespace {

using testing::HasSubstr;
using testing::Not;

class LaunchFragments : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/masthead-launch-XXXXXX";
        directory_ = mkdtemp(name);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    Result<Recipe> load(const std::string& launch, const ParameterValues& values = {}) {
        const auto path = directory_ / "r.yaml";
        std::ofstream(path) << "title: Scene\n"
                               "parameters:\n"
                               "  text: {type: string, default: hello}\n"
                               "  rate: {type: integer, default: 25}\n"
                               "ingest:\n"
                               "  launch: "
                            << launch << "\noutputs: {webrtc: {}}\n";
        return test::load_recipe(path, values);
    }
    Launch launch_of(const std::string& launch, const ParameterValues& values = {}) {
        const auto recipe = load(launch, values);
        EXPECT_TRUE(recipe) << recipe.error().message;
        return recipe ? recipe->ingest.launch : Launch();
    }

    std::filesystem::path directory_;
};

TEST_F(LaunchFragments, NameEachElementSoThatItsValuesFindIt) {
    const Launch launch = launch_of("src a=1 ! conv name=mine b=${text} ! enc name=video");
    EXPECT_EQ(launch.text, "src name=src-1 a=1 ! conv name=mine  ! enc name=video");
    ASSERT_EQ(launch.elements.size(), 3U);
    EXPECT_EQ(launch.elements[1].name, "mine");
    ASSERT_EQ(launch.elements[1].properties.size(), 2U);
    EXPECT_TRUE(launch.elements[1].properties[1].set_later);
    EXPECT_EQ(launch.elements[1].properties[1].value, "hello");
}

TEST_F(LaunchFragments, KeepAValueOutOfTheTextWhateverItHolds) {
    const std::string hostile = "x\" ! filesink location=/tmp/x name='y\\";
    const Launch launch = launch_of("src a=\"say ${text}\" ! enc name=video", {{"text", hostile}});
    EXPECT_THAT(launch.text, Not(HasSubstr("filesink")));
    ASSERT_EQ(launch.elements.size(), 2U);
    EXPECT_EQ(launch.elements[0].properties[0].value, "say " + hostile);
}

TEST_F(LaunchFragments, PutNumbersIntoCaps) {
    const Launch launch =
        launch_of("src ! video/x-raw, framerate=${rate}/1 ! enc name=video", {{"rate", std::int64_t{30}}});
    ASSERT_EQ(launch.caps.size(), 1U);
    EXPECT_EQ(launch.caps[0].text, "video/x-raw, framerate=30/1");
    EXPECT_THAT(launch.text, HasSubstr("! video/x-raw, framerate=30/1 !"));
}

TEST_F(LaunchFragments, KnowWhereTheirWordsStandInEachKindOfYamlText) {
    const struct {
        std::string launch;
        int line;
        int column;
    } cases[] = {
        {"src ! enc name=video", 6, 17},
        {"\"src ! enc name=video\"", 6, 18},
        {"|\n    src !\n    enc name=video", 8, 5},
        {"|-\n    src !\n\n      enc name=video", 9, 7},
        {">\n    src\n    ! enc name=video", 8, 7},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.launch);
        const Launch launch = launch_of(each.launch);
        ASSERT_EQ(launch.elements.size(), 2U);
        EXPECT_EQ(launch.elements[1].place.line, each.line);
        EXPECT_EQ(launch.elements[1].place.column, each.column);
    }
}

TEST_F(LaunchFragments, TellWordsThatLookAlikeApart) {
    const Launch launch = launch_of("enc name=video\n    src enc=enc ! video.");
    ASSERT_EQ(launch.elements.size(), 2U);
    EXPECT_EQ(launch.elements[1].properties[0].place.column, 9);
}

TEST_F(LaunchFragments, SurviveTheTripThroughJsonWithTheirValues) {
    const auto recipe = load("src a=${text} ! caps/x,n=${rate} ! enc name=video",
                             {{"text", "${rate} \"quoted\""}, {"rate", std::int64_t{50}}});
    ASSERT_TRUE(recipe) << recipe.error().message;
    const auto again = parse_recipe_json(recipe->json);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->ingest.launch.text, recipe->ingest.launch.text);
    EXPECT_EQ(again->ingest.launch.elements[0].properties[0].value, "${rate} \"quoted\"");
}

} // namespace
} // namespace masthead
