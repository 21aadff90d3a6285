// The MQTT link: topics and messages, and the link against a real broker with passwords and an access list.
#include "plugins/glib/json.hpp"
#include "plugins/links/mqtt/topics.hpp"
#include "tests/unit/links_loop.hpp"
#include "tests/unit/links_sockets.hpp"

#include <gtest/gtest.h>
#include <mqtt/async_client.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace masthead;
using namespace masthead::mqtt_link;
using namespace masthead::test;

namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;

void run(const std::vector<const char*>& arguments) {
    std::vector<const char*> argv(arguments);
    argv.push_back(nullptr);
    const auto process =
        Ref<GSubprocess>::adopt(g_subprocess_newv(argv.data(), G_SUBPROCESS_FLAGS_STDERR_SILENCE, nullptr));
    ASSERT_TRUE(process) << argv[0] << " cannot be started";
    ASSERT_TRUE(g_subprocess_wait_check(process.get(), nullptr, nullptr)) << argv[0];
}

/// A private Mosquitto on a free port: user "server" may do all, "kestrel" only what its topics are, "nobody"
/// nothing.
class Broker {
  public:
    Broker() {
        folder_ = take_string(g_dir_make_tmp("masthead-mqtt-XXXXXX", nullptr));
        port_ = TcpServer().port();
        passwords_ = folder_ + "/passwords";
        std::ofstream(passwords_).flush();
        std::filesystem::permissions(passwords_, std::filesystem::perms::owner_all);
        for (const char* user : {"server", "kestrel", "nobody"}) {
            run({"mosquitto_passwd", "-b", passwords_.c_str(), user, "secret"});
        }
        std::ofstream(folder_ + "/acl") << "user server\ntopic readwrite fleet/#\nuser kestrel\ntopic write "
                                           "fleet/kestrel/#\ntopic read fleet/kestrel/command\n";
        std::ofstream(folder_ + "/conf")
            << "log_type information\nlistener " << port_
            << " 127.0.0.1\nallow_anonymous false\npersistence false\npassword_file " << passwords_
            << "\nacl_file " << folder_ << "/acl\nuser " << g_get_user_name() << "\n";
    }
    ~Broker() {
        stop();
        std::filesystem::remove_all(folder_);
    }
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    /// Returns when the broker takes connections.
    void start() {
        const std::string conf = folder_ + "/conf";
        process_ = Ref<GSubprocess>::adopt(g_subprocess_new(
            G_SUBPROCESS_FLAGS_STDERR_PIPE, nullptr, "/usr/sbin/mosquitto", "-c", conf.c_str(), nullptr));
        ASSERT_TRUE(process_);
        const auto lines = Ref<GDataInputStream>::adopt(
            g_data_input_stream_new(g_subprocess_get_stderr_pipe(process_.get())));
        // A closed pipe would end the broker at its next word.
        g_filter_input_stream_set_close_base_stream(G_FILTER_INPUT_STREAM(lines.get()), FALSE);
        std::string line;
        while (line.find("running") == std::string::npos) {
            gchar* text = g_data_input_stream_read_line(lines.get(), nullptr, nullptr, nullptr);
            ASSERT_NE(text, nullptr) << "mosquitto ended";
            line = take_string(text);
        }
    }
    void stop() {
        if (process_) {
            g_subprocess_force_exit(process_.get());
            g_subprocess_wait(process_.get(), nullptr, nullptr);
            process_.reset();
        }
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string password_file(const std::string& password) const {
        std::string path = folder_ + "/password-" + password;
        std::ofstream(path) << password << "\n";
        return path;
    }

  private:
    std::string folder_;
    std::string passwords_;
    std::uint16_t port_ = 0;
    Ref<GSubprocess> process_;
};

/// The vehicle at the other end of the broker.
class Kestrel {
  public:
    explicit Kestrel(std::uint16_t port) : client_("tcp://127.0.0.1:" + std::to_string(port), "kestrel") {
        client_.start_consuming();
        mqtt::connect_options options("kestrel", "secret");
        client_.connect(options)->wait_for(kPatience);
        client_.subscribe("fleet/kestrel/command", 0)->wait_for(kPatience);
    }
    void publish(const std::string& level, const std::string& payload, bool retained = false) {
        client_.publish("fleet/kestrel/" + level, payload.data(), payload.size(), 0, retained)
            ->wait_for(kPatience);
    }
    std::optional<std::string> next_command() {
        mqtt::const_message_ptr message;
        return client_.try_consume_message_for(&message, kPatience) && message
                   ? std::optional(message->to_string())
                   : std::nullopt;
    }

  private:
    mqtt::async_client client_;
};

class MqttLink : public testing::Test {
  protected:
    void open(const std::string& user, const std::string& password,
              const std::string& topic = "fleet/kestrel") {
        auto opened = open_link("mqtt://" + user + "@127.0.0.1:" + std::to_string(broker_.port()) + "/" +
                                    topic + "?password-file=" + broker_.password_file(password),
                                heard_.events(), loop_.context());
        ASSERT_TRUE(opened) << opened.error().message;
        link_ = std::move(*opened);
        ASSERT_TRUE(link_->start());
    }
    [[nodiscard]] bool subscribed() {
        return loop_.until([&] {
            return heard_.said(LinkState::connecting) &&
                   heard_.states.back().second.starts_with("subscribed");
        });
    }

    Broker broker_;
    Loop loop_;
    Heard heard_;
    std::unique_ptr<Link> link_;
};

std::string telemetry(double latitude_deg, Utc time = utc_now()) {
    return to_json(Sample{
        .time = time, .time_source = TimeSource::vehicle, .latitude_deg = latitude_deg, .longitude_deg = 8});
}

} // namespace

TEST(MqttTopics, NameTheVehicleByTheLastLevelOrByThePlus) {
    const auto one = *Topics::create("fleet/kestrel");
    EXPECT_EQ(one.parse("fleet/kestrel/telemetry")->vehicle, "kestrel");
    EXPECT_EQ(one.parse("fleet/kestrel/command/ack")->kind, Topics::Kind::ack);
    EXPECT_FALSE(one.parse("fleet/other/telemetry"));
    EXPECT_FALSE(one.parse("fleet/kestrel/state"));
    EXPECT_EQ(*one.commands("kestrel"), "fleet/kestrel/command");
    EXPECT_FALSE(one.commands("other"));

    const auto many = *Topics::create("a/+/b");
    EXPECT_EQ(many.parse("a/x/b/telemetry")->vehicle, "x");
    EXPECT_FALSE(many.parse("a/x/y/b/telemetry"));
    EXPECT_FALSE(many.parse("a//b/telemetry"));
    EXPECT_EQ(*many.commands("x"), "a/x/b/command");
    for (const char* target : {"", "+", "#", "x/y"}) {
        EXPECT_FALSE(many.commands(target)) << target;
    }
    EXPECT_EQ(Topics::create("kestrel")->parse("kestrel/telemetry")->vehicle, "kestrel");
}

TEST(MqttTopics, AreRefusedWhenNoVehicleCanBeNamed) {
    for (const char* topic : {"", "/", "#", "a/#", "+/+", "a/+b", "a/+/+"}) {
        EXPECT_EQ(Topics::create(topic).error().code, Code::invalid_argument) << topic;
    }
}

TEST(MqttAck, NamesTheMemberThatIsWrong) {
    EXPECT_EQ(ack_from_json(R"({"id":"1","state":"denied","detail":"no"})")->state, CommandState::denied);
    EXPECT_NE(ack_from_json(R"({"id":"1","state":"gone"})").error().message.find("'state'"),
              std::string::npos);
    EXPECT_NE(ack_from_json(R"({"state":"denied"})").error().message.find("'id'"), std::string::npos);
    EXPECT_FALSE(ack_from_json("[]"));
    EXPECT_FALSE(ack_from_json("{"));
}

TEST_F(MqttLink, CarriesTelemetryInAndCommandsOutThroughARealBroker) {
    broker_.start();
    open("server", "secret");
    ASSERT_TRUE(subscribed());
    Kestrel kestrel(broker_.port());
    const Utc now = utc_now();
    kestrel.publish("telemetry", telemetry(54.5, now));
    ASSERT_TRUE(loop_.until([&] { return heard_.samples.size() == 1 && heard_.said(LinkState::up); }));
    EXPECT_EQ(heard_.samples[0].first, "kestrel");
    EXPECT_EQ(heard_.samples[0].second.time, now);
    EXPECT_DOUBLE_EQ(*heard_.samples[0].second.latitude_deg, 54.5);

    const Utc deadline = utc_now() + 5s;
    ASSERT_TRUE(link_->send({"c-1", "kestrel", "return", deadline}));
    const auto command = kestrel.next_command();
    ASSERT_TRUE(command);
    const auto json = *json::Value::parse(*command);
    EXPECT_EQ(*json.string("id"), "c-1");
    EXPECT_EQ(*json.string("command"), "return");
    EXPECT_EQ(*json.integer("deadline"), deadline.us);
    kestrel.publish("command/ack", R"({"id":"other","state":"accepted"})");
    kestrel.publish("command/ack", R"({"id":"c-1","state":"in_progress","detail":"turning"})");
    kestrel.publish("command/ack", R"({"id":"c-1","state":"completed"})");
    ASSERT_TRUE(loop_.until([&] { return heard_.commands.size() == 3; }));
    EXPECT_EQ(heard_.commands[0].state, CommandState::sent);
    EXPECT_EQ(heard_.commands[1].detail, "turning");
    EXPECT_EQ(heard_.commands[2].state, CommandState::completed);
    EXPECT_EQ(link_->counters().messages_unknown, 1U);
}

TEST_F(MqttLink, CountsMessagesThatAreNoneAndLeavesOutWhatTheBrokerKept) {
    broker_.start();
    Kestrel kestrel(broker_.port());
    kestrel.publish("telemetry", telemetry(1), true);
    open("server", "secret");
    ASSERT_TRUE(subscribed());
    kestrel.publish("telemetry", "{");
    kestrel.publish("telemetry", R"({"time":1,"latitude_deg":91,"longitude_deg":0})");
    kestrel.publish("telemetry", std::string(100'000, ' ') + telemetry(2));
    kestrel.publish("command/ack", "null");
    kestrel.publish("telemetry", telemetry(3));
    ASSERT_TRUE(loop_.until([&] { return !heard_.samples.empty(); }));
    EXPECT_DOUBLE_EQ(*heard_.samples[0].second.latitude_deg, 3);
    EXPECT_EQ(link_->counters().malformed, 4U);
    EXPECT_EQ(link_->counters().messages_unknown, 1U);
}

TEST_F(MqttLink, MapsAVehicleWhoseClockIsWrong) {
    broker_.start();
    open("server", "secret");
    ASSERT_TRUE(subscribed());
    Kestrel kestrel(broker_.port());
    kestrel.publish("telemetry", telemetry(1, utc_now() - 3600s));
    ASSERT_TRUE(loop_.until([&] { return heard_.samples.size() == 1; }));
    EXPECT_EQ(heard_.samples[0].second.time_source, TimeSource::mapped);
    EXPECT_LT(utc_now() - heard_.samples[0].second.time, 20s);
    EXPECT_NE(heard_.states.back().second.find("3600 s behind"), std::string::npos)
        << heard_.states.back().second;
}

TEST_F(MqttLink, SaysOnceThatTheBrokerIsDownAndConnectsWhenItIsThere) {
    open("server", "secret");
    ASSERT_TRUE(loop_.until([&] { return heard_.said(LinkState::down); }));
    broker_.start();
    ASSERT_TRUE(subscribed());
    EXPECT_EQ(heard_.states.size(), 3U);
    broker_.stop();
    ASSERT_TRUE(loop_.until([&] { return heard_.said(LinkState::down); }));
    EXPECT_EQ(link_->send({"c", "kestrel", "hold", utc_now() + 5s}).error().code, Code::unavailable);
    broker_.start();
    EXPECT_TRUE(subscribed());
}

TEST_F(MqttLink, SaysThatThePasswordIsWrong) {
    broker_.start();
    open("server", "guess");
    ASSERT_TRUE(loop_.until([&] {
        return heard_.said(LinkState::down) &&
               heard_.states.back().second.find("refuses") != std::string::npos;
    })) << (heard_.states.empty() ? "" : heard_.states.back().second);
    EXPECT_EQ(heard_.states.back().second.find("guess"), std::string::npos);
}

TEST_F(MqttLink, RefusesCommandsToAVehicleThatIsNotThere) {
    broker_.start();
    open("server", "secret", "fleet/+");
    ASSERT_TRUE(subscribed());
    EXPECT_EQ(link_->send({"a", "kestrel", "hold", utc_now() + 5s}).error().code, Code::unavailable);
    EXPECT_EQ(link_->send({"b", "+", "hold", utc_now() + 5s}).error().code, Code::invalid_argument);
    EXPECT_EQ(link_->send({"c", "", "hold", utc_now() + 5s}).error().code, Code::invalid_argument);
    Kestrel kestrel(broker_.port());
    kestrel.publish("telemetry", telemetry(1));
    ASSERT_TRUE(loop_.until([&] { return heard_.samples.size() == 1; }));
    EXPECT_EQ(link_->send({"d", "kestrel", "hold", utc_now() - 1s}).error().code, Code::expired);
    ASSERT_TRUE(link_->send({"e", "kestrel", "hold", utc_now() + 1s}));
    ASSERT_TRUE(loop_.until([&] { return heard_.commands.size() == 2; }));
    EXPECT_EQ(heard_.commands[1].state, CommandState::expired);
}

TEST_F(MqttLink, GoesInTheMiddleOfAFlood) {
    broker_.start();
    Kestrel kestrel(broker_.port());
    std::atomic<bool> ending{false};
    std::thread flood([&] {
        while (!ending) {
            kestrel.publish("telemetry", telemetry(54.5));
        }
    });
    for (int round = 0; round < 5; ++round) {
        open("server", "secret");
        EXPECT_TRUE(loop_.until([&] { return !heard_.samples.empty(); }));
        link_.reset();
        heard_.states.clear();
        heard_.samples.clear();
    }
    ending = true;
    flood.join();
}

TEST(MqttUri, NamesWhatIsWrong) {
    const auto message = [](const std::string& uri) { return open_link(uri, {}).error().message; };
    EXPECT_NE(message("mqtt://127.0.0.1:1883").find("topic"), std::string::npos);
    EXPECT_NE(message("mqtt://127.0.0.1:1883/a?password-env=MASTHEAD_NO_SUCH").find("MASTHEAD_NO_SUCH"),
              std::string::npos);
    EXPECT_NE(message("mqtt://127.0.0.1:1883/a?password-file=/nonexistent").find("password-file"),
              std::string::npos);
    EXPECT_NE(message("mqtt://127.0.0.1:1883/a?pasword-file=x").find("'pasword-file'"), std::string::npos);
}
