// Every message struct against schema/worker.schema.json, both ways.
#include "plugins/glib/json.hpp"
#include "server/control/protocol.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

using namespace masthead;
using namespace masthead::control;

namespace {

Sample sample() {
    Sample sample;
    sample.time = Utc{1'700'000'000'000'000};
    sample.latitude_deg = 54.5;
    sample.longitude_deg = 10.25;
    sample.mode = "AUTO";
    return sample;
}

/// One of each, with every member set to something that is not its default.
const std::vector<Message>& full_messages() {
    static const std::vector<Message> messages{
        Configure{{"127.0.0.1"},
                  {{"kestrel",
                    VehicleKind::vessel,
                    WorkerLink{"nmea+tcp://127.0.0.1:10110", "own"},
                    WorkerLink{"mqtt://127.0.0.1/kestrel", "kestrel"},
                    {{"nose",
                      R"({"title":"t","ingest":{"uri":"udp://127.0.0.1:5000"},"outputs":{"webrtc":{}}})"}}}},
                  true,
                  "/var/lib/masthead/recordings",
                  "40000-40999"},
        ViewerAdd{"session_1", "kestrel", "nose", "v=0\r\n", "small", true},
        ViewerAnswer{"session_1", "v=0\r\n"},
        ViewerCandidate{"session_1", 3, "candidate:1 1 UDP 1 127.0.0.1 9 typ host"},
        ViewerRemove{"session_1"},
        Command{"c-1", "kestrel", "goto", Utc{1'700'000'000'000'001}, R"({"latitude_deg":1.5})",
                R"({"items":[{"item":"return"}]})"},
        GraphRequest{"g-1", "kestrel", "nose"},
        Graph{"g-1", R"({"elements":[],"links":[]})"},
        Ready{4711},
        ViewerOffer{"session_1", "v=0\r\n"},
        ViewerState{"session_1", ViewerPhase::failed, "gone"},
        ViewerFigures{"session_1", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "relay", "udp"},
        Telemetry{"kestrel", TelemetrySource::camera, "nose", sample()},
        Traffic{"nmea+tcp://127.0.0.1:10110", "244123456", sample()},
        CameraState{"kestrel",
                    "nose",
                    CameraPhase::refused,
                    "B-frames",
                    "H.264",
                    "main",
                    640,
                    360,
                    true,
                    true,
                    false,
                    2,
                    {"source", "small"}},
        CameraFigures{"kestrel", "nose", 29'970, 2'000'000, 3, 4, 5, 6, 7, {{"record", 8}}},
        RecordingState{"kestrel", "nose", RecordingPhase::failing, "kestrel/nose/2026-11-22/14-03-22.123Z.ts",
                       "full"},
        LinkReport{"kestrel", LinkState::silent, "nothing for 3 s", LinkCounters{1, 2, 3, 4, 5, 6}},
        CommandProgress{"c-1", CommandState::denied, "MAV_RESULT_DENIED", "system 1, component 1", 2, true},
        MissionHeld{"kestrel", "c-1", R"({"items":[]})"},
        MissionProgress{"kestrel", 3, 2, 7},
    };
    return messages;
}

/// The same with every optional member absent.
const std::vector<Message>& lean_messages() {
    static const std::vector<Message> messages{
        Configure{{}, {{"kestrel", VehicleKind::drone, {}, {}, {}}}},
        ViewerAdd{"session_1", "kestrel", "nose"},
        ViewerAnswer{"session_1", ""},
        ViewerCandidate{"session_1", 0, ""},
        ViewerRemove{"session_1"},
        Command{"c", "kestrel", "hold", Utc{1}},
        GraphRequest{"g", "kestrel", "nose"},
        Graph{"g", R"({"elements":[],"links":[]})"},
        Ready{1},
        ViewerOffer{"session_1", ""},
        ViewerState{"session_1", ViewerPhase::closed, ""},
        ViewerFigures{.session = "session_1"},
        Telemetry{"kestrel", TelemetrySource::link, {}, sample()},
        Traffic{"l", "a", sample()},
        CameraState{"kestrel", "nose", CameraPhase::playing, "", {}, {}, {}, {}, {}, {}, {}},
        CameraFigures{.vehicle = "kestrel", .camera = "nose"},
        RecordingState{"kestrel", "nose", RecordingPhase::recording, "", ""},
        LinkReport{"kestrel", LinkState::up, "", {}},
        CommandProgress{"c", CommandState::sent, ""},
        MissionHeld{"kestrel", "c", R"({"items":[]})"},
        MissionProgress{"kestrel", {}, {}, {}},
    };
    return messages;
}

json::Value definitions() {
    std::ifstream file(MASTHEAD_SOURCE "/schema/worker.schema.json");
    std::stringstream text;
    text << file.rdbuf();
    return *json::Value::parse(text.str())->object("definitions");
}

/// "viewer.add" -> "viewer_add"
std::string definition_name(std::string_view type) {
    std::string name(type);
    std::ranges::replace(name, '.', '_');
    return name;
}

std::set<std::string> names(const json::Value& object) {
    const auto names = object.names();
    return {names.begin(), names.end()};
}

std::set<std::string> required(const json::Value& definition) {
    std::set<std::string> required;
    const auto listed = definition.array("required");
    for (const json::Value& name : listed ? listed->items() : std::vector<json::Value>()) {
        required.insert(*name.as_string());
    }
    return required;
}

json::Value encoded(const Message& message) { return *json::Value::parse(encode(message)); }

json::Value first(const json::Value& value, const char* list) { return value.array(list)->items().at(0); }

std::string without(const json::Value& object, const std::string& left_out) {
    json::Writer text;
    text.begin_object();
    for (const std::string& name : object.names()) {
        if (name != left_out) {
            text.member(name, *object.find(name));
        }
    }
    return text.end_object().release();
}

} // namespace

TEST(Protocol, KnowsEveryMessageOfTheSchemaAndNoOther) {
    std::set<std::string> of_schema;
    const json::Value all = definitions();
    for (const std::string& name : all.names()) {
        if (const auto properties = all.object(name)->object("properties");
            properties && properties->find("type")) {
            of_schema.insert(name);
        }
    }
    std::set<std::string> ours;
    for (const Message& message : full_messages()) {
        ours.insert(definition_name(type_of(message)));
    }
    EXPECT_EQ(ours, of_schema);
    EXPECT_EQ(full_messages().size(), std::variant_size_v<Message>);
}

TEST(Protocol, WritesTheMembersOfTheSchema) {
    const json::Value all = definitions();
    for (const Message& message : full_messages()) {
        const std::string name = definition_name(type_of(message));
        EXPECT_EQ(names(encoded(message)), names(*all.object(name)->object("properties"))) << name;
    }
    const json::Value vehicle = first(encoded(full_messages()[0]), "vehicles");
    const json::Value vehicle_schema = *all.object("vehicle");
    EXPECT_EQ(names(vehicle), names(*vehicle_schema.object("properties")));
    EXPECT_EQ(names(*vehicle.object("link")),
              names(*vehicle_schema.object("properties")->object("link")->object("properties")));
    EXPECT_EQ(
        names(first(vehicle, "cameras")),
        names(
            *vehicle_schema.object("properties")->object("cameras")->object("items")->object("properties")));
}

TEST(Protocol, LeavesOutWhatIsOptionalAndAbsent) {
    const json::Value all = definitions();
    for (const Message& message : lean_messages()) {
        const std::string name = definition_name(type_of(message));
        EXPECT_EQ(names(encoded(message)), required(*all.object(name))) << name;
    }
    EXPECT_EQ(names(first(encoded(lean_messages()[0]), "vehicles")), required(*all.object("vehicle")));
}

TEST(Protocol, ReadsBackWhatItWrites) {
    for (const auto* messages : {&full_messages(), &lean_messages()}) {
        for (const Message& message : *messages) {
            const auto read = decode(encode(message));
            ASSERT_TRUE(read) << read.error().message;
            EXPECT_EQ(*read, message) << encode(message);
        }
    }
}

TEST(Protocol, RefusesAMessageThatLacksARequiredMemberAndNamesIt) {
    const json::Value all = definitions();
    for (const Message& message : full_messages()) {
        for (const std::string& member : required(*all.object(definition_name(type_of(message))))) {
            const auto read = decode(without(encoded(message), member));
            ASSERT_FALSE(read) << type_of(message) << " without " << member;
            EXPECT_EQ(read.error().code, Code::invalid_argument);
            EXPECT_THAT(read.error().message, testing::HasSubstr('\'' + member + '\''));
        }
    }
}

TEST(Protocol, SaysWhereInANestedMessageARuleIsBroken) {
    const auto read = decode(R"({"type":"configure","vehicles":[
        {"id":"a","kind":"drone","cameras":[]},
        {"id":"b","kind":"drone","cameras":[{"name":"Nose!","recipe":{}}]}]})");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "configure: vehicles[1].cameras[0].'name' must be 1 to 63 of a-z, 0-9 "
                                    "and '-', not beginning with '-'");
}

TEST(Protocol, KeepsTheLimitsOfTheSchema) {
    const auto code = [](const Message& message) {
        const auto read = decode(encode(message));
        return read ? "fine" : to_string(read.error().code);
    };
    EXPECT_STREQ(code(ViewerAnswer{"session_1", std::string(65536, 'x')}), "fine");
    EXPECT_STREQ(code(ViewerAnswer{"session_1", std::string(65537, 'x')}), "invalid_argument");
    EXPECT_STREQ(code(ViewerCandidate{"session_1", 15, std::string(1024, 'x')}), "fine");
    EXPECT_STREQ(code(ViewerCandidate{"session_1", 15, std::string(1025, 'x')}), "invalid_argument");
    EXPECT_STREQ(code(ViewerCandidate{"session_1", 16, "x"}), "invalid_argument");
    EXPECT_STREQ(code(ViewerCandidate{"session_1", -1, "x"}), "invalid_argument");
    EXPECT_STREQ(code(ViewerRemove{"short"}), "invalid_argument");
    EXPECT_STREQ(code(ViewerRemove{"session 1"}), "invalid_argument");
    EXPECT_STREQ(code(Command{std::string(65, 'x'), "kestrel", "hold", Utc{1}}), "invalid_argument");
    EXPECT_STREQ(code(ViewerAdd{"session_1", "-kestrel", "nose"}), "invalid_argument");
    EXPECT_STREQ(code(ViewerAdd{"session_1", std::string(64, 'k'), "nose"}), "invalid_argument");
}

TEST(Protocol, TellsUnknownTypesFromBrokenOnes) {
    EXPECT_EQ(decode(R"({"type":"weather"})").error().code, Code::unsupported);
    EXPECT_EQ(decode("{").error().code, Code::malformed);
    EXPECT_EQ(decode("[]").error().code, Code::malformed);
    EXPECT_EQ(decode("{}").error().code, Code::invalid_argument);
    EXPECT_EQ(decode(std::string(kMaxLineBytes + 1, ' ')).error().code, Code::too_large);
}

TEST(Protocol, RefusesASampleWithoutItsTime) {
    const auto read = decode(
        R"({"type":"traffic","link":"l","address":"a","sample":{"latitude_deg":1,"longitude_deg":1}})");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "traffic: 'sample': 'time' is missing");
}

TEST(Protocol, IgnoresMembersItDoesNotKnow) {
    const auto read = decode(R"({"type":"viewer.remove","session":"session_1","why":"tired"})");
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<ViewerRemove>(*read).session, "session_1");
}
