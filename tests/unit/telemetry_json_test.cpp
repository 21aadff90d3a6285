// The JSON form against schema/telemetry.schema.json: the same members, the same ranges.
#include "plugins/glib/json.hpp"
#include "plugins/telemetry/fields.hpp"
#include "plugins/telemetry/sample.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

using namespace masthead;

namespace {

constexpr Utc kArrival{1'700'000'000'000'000};

json::Value schema() {
    std::ifstream file(MASTHEAD_SOURCE "/schema/telemetry.schema.json", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return *json::Value::parse(text);
}

json::Value properties() { return *schema().object("properties"); }

std::string number_text(double number) {
    json::Writer writer;
    writer.value(number);
    return writer.release();
}

/// One member with this JSON text as its value; a position's other half is added.
std::string with(std::string_view name, const std::string& value) {
    json::Writer writer;
    writer.begin_object().key(name).raw(value);
    if (name == "latitude_deg") {
        writer.member("longitude_deg", 0);
    }
    if (name == "longitude_deg") {
        writer.member("latitude_deg", 0);
    }
    writer.end_object();
    return writer.release();
}

bool taken(std::string_view name, const std::string& value) {
    return sample_from_json(with(name, value), kArrival).has_value();
}

/// The refusal's sentence; it must name the member.
std::string refusal(std::string_view name, const std::string& value) {
    const auto sample = sample_from_json(with(name, value), kArrival);
    EXPECT_FALSE(sample) << name << " " << value;
    if (sample) {
        return "";
    }
    EXPECT_EQ(sample.error().code, Code::invalid_argument) << sample.error().message;
    EXPECT_NE(sample.error().message.find("'" + std::string(name) + "'"), std::string::npos)
        << sample.error().message;
    return sample.error().message;
}

Sample sample_with_everything() {
    Sample sample;
    sample.time = kArrival;
    sample.time_source = TimeSource::mapped;
    for (const NumberField& field : kNumberFields) {
        sample.*field.member = field.min + (field.max - field.min) / 3;
    }
    sample.satellites = 9;
    sample.armed = false;
    sample.mode = "under way \"using\" engine\n";
    sample.name = "\xF0\x9F\x9A\xA2 ship";
    sample.frame_center = GeoPoint{-89.5, 179.5};
    sample.footprint = {{{1, 2}, {3, 4}, {5, 6}, {-7, -8}}};
    return sample;
}

} // namespace

TEST(SampleJson, RefusesAnEmptyTextAndASecondOne) {
    for (const char* text :
         {"", " ", "{} {}", "{\"name\":\"a\"}{\"name\":\"b\"}", "{}]", "[] 1", "1 2", "{}x", "}"}) {
        EXPECT_FALSE(sample_from_json(text, Utc{0})) << text;
    }
    EXPECT_TRUE(sample_from_json(" {\"name\":\"a}{\"} \n", Utc{0}));
}

TEST(SampleJson, RefusesAnEscapeThatIsNoCharacter) {
    for (const char* escape :
         {R"(\udeeg)", R"(\ud800)", R"(\ud83dx)", R"(\ude00)", R"(\ud83d\u0041)", R"(\u0000)", R"(\u12)"}) {
        EXPECT_FALSE(sample_from_json(std::string(R"({"name":"a)") + escape + R"("})", Utc{0})) << escape;
    }
    const auto sample = sample_from_json(R"({"name":"\ud83d\ude00 \u00e9 \\udead"})", Utc{0});
    ASSERT_TRUE(sample) << sample.error().message;
    EXPECT_EQ(sample->name, "\U0001F600 \u00e9 \\udead");
}

TEST(SampleJson, GoesThereAndBackUnchanged) {
    const Sample sample = sample_with_everything();
    const auto back = sample_from_json(to_json(sample), Utc{1});
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, sample);
}

TEST(SampleJson, WritesExactlyTheMembersOfTheSchema) {
    const auto written = json::Value::parse(to_json(sample_with_everything()))->names();
    const auto listed = properties().names();
    EXPECT_EQ(std::set<std::string>(written.begin(), written.end()),
              std::set<std::string>(listed.begin(), listed.end()));
}

TEST(SampleJson, LeavesOutWhatIsNotKnown) {
    Sample sample;
    sample.time = Utc{5};
    sample.battery_v = std::nan("");
    EXPECT_EQ(to_json(sample), R"({"time":5,"time_source":"arrival"})");
}

TEST(SampleJson, TakesEachNumberExactlyWithinItsRangeInTheSchema) {
    int checked = 0;
    for (const std::string& name : properties().names()) {
        const json::Value property = *properties().object(name);
        if (!property.find("minimum")) {
            continue;
        }
        const double min = *property.number("minimum");
        const double max = *property.number("maximum");
        const bool whole = *property.string("type") == "integer";
        const auto text = [&](double number) {
            return whole ? std::to_string(static_cast<std::int64_t>(number)) : number_text(number);
        };
        EXPECT_TRUE(taken(name, text(min))) << name;
        EXPECT_TRUE(taken(name, text(max))) << name;
        refusal(name, whole ? text(min - 1) : text(std::nextafter(min, -1e300)));
        refusal(name, whole ? std::to_string(static_cast<std::int64_t>(max) + 1)
                            : text(std::nextafter(max, 1e300)));
        refusal(name, "\"1\"");
        refusal(name, "[]");
        if (whole) {
            refusal(name, "1.5");
        }
        ++checked;
    }
    EXPECT_EQ(checked, static_cast<int>(kNumberFields.size()) + 2); // and time, satellites
}

TEST(SampleJson, TakesTextsAsLongAsTheSchemaAllows) {
    for (const char* name : {"mode", "name"}) {
        const auto length = static_cast<std::size_t>(*properties().object(name)->integer("maxLength"));
        std::string characters;
        for (std::size_t i = 0; i < length; ++i) {
            characters += "\xC3\xA9";
        }
        EXPECT_TRUE(taken(name, '"' + characters + '"')) << name;
        refusal(name, '"' + characters + "x\"");
        refusal(name, "7");
    }
}

TEST(SampleJson, KnowsTheTimeSourcesOfTheSchema) {
    const auto sources = properties().object("time_source")->array("enum")->items();
    ASSERT_EQ(sources.size(), 3U);
    for (const json::Value& source : sources) {
        EXPECT_TRUE(taken("time_source", source.text()));
    }
    refusal("time_source", "\"gps\"");
    refusal("time_source", "1");
}

TEST(SampleJson, ChecksPoints) {
    EXPECT_TRUE(taken("frame_center", "[90,-180]"));
    for (const char* bad : {"[90.1,0]", "[0,180.1]", "[1]", "[1,2,3]", "[\"1\",2]", "{}", "7"}) {
        refusal("frame_center", bad);
    }
    EXPECT_TRUE(taken("footprint", "[[1,2],[3,4],[5,6],[7,8]]"));
    for (const char* bad :
         {"[[1,2],[3,4],[5,6]]", "[[1,2],[3,4],[5,6],[7]]", "[[1,2],[3,4],[5,6],[7,8],[9,9]]", "1"}) {
        refusal("footprint", bad);
    }
}

TEST(SampleJson, WantsAPositionWhole) {
    for (const char* text : {R"({"latitude_deg":1})", R"({"longitude_deg":1})"}) {
        const auto sample = sample_from_json(text, kArrival);
        ASSERT_FALSE(sample);
        EXPECT_NE(sample.error().message.find("stand together"), std::string::npos);
    }
}

TEST(SampleJson, TakesArrivalForATimeThatIsMissing) {
    const auto without = sample_from_json("{\"heading_deg\":1}", kArrival);
    ASSERT_TRUE(without);
    EXPECT_EQ(without->time, kArrival);
    EXPECT_EQ(without->time_source, TimeSource::arrival);
    const auto with_time = sample_from_json("{\"time\":7}", kArrival);
    ASSERT_TRUE(with_time);
    EXPECT_EQ(with_time->time, Utc{7});
    EXPECT_EQ(with_time->time_source, TimeSource::vehicle);
}

TEST(SampleJson, IgnoresStrangersAndNulls) {
    const auto sample = sample_from_json(R"({"colour":"red","heading_deg":null,"armed":null})", kArrival);
    ASSERT_TRUE(sample) << sample.error().message;
    EXPECT_FALSE(sample->heading_deg);
}

TEST(SampleJson, RefusesWhatIsNoObject) {
    EXPECT_EQ(sample_from_json("[]", kArrival).error().code, Code::invalid_argument);
    EXPECT_EQ(sample_from_json("{", kArrival).error().code, Code::malformed);
    EXPECT_EQ(sample_from_json("", kArrival).error().code, Code::malformed);
    EXPECT_EQ(sample_from_json("{\"a\":\"\xff\"}", kArrival).error().code, Code::malformed);
}
