// Outputs for other systems: what their settings mean, and where a wrong one is said to be wrong.
#include "server/config/recipe.hpp"
#include "tests/unit/one_recipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace masthead {
namespace {

using testing::HasSubstr;

class Restreams : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/masthead-restream-XXXXXX";
        directory_ = mkdtemp(name);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    /// `outputs` begins in line 5.
    [[nodiscard]] Result<Recipe> load(const std::string& outputs) const {
        const auto path = directory_ / "r.yaml";
        std::ofstream(path) << "title: Test\ningest: {uri: 'rtsp://cam'}\nrenditions: {small: {}}\noutputs:\n"
                            << outputs;
        return test::load_recipe(path, {});
    }
    /// The only output, "one", whose settings begin in line 7.
    [[nodiscard]] Result<Recipe> load_one(const std::string& settings) const {
        return load("  restream:\n    one:\n" + settings);
    }
    template <typename Target>
    [[nodiscard]] Target target_of(const std::string& settings) const {
        const auto recipe = load_one(settings);
        EXPECT_TRUE(recipe) << recipe.error().message;
        return recipe ? std::get<Target>(recipe->restream.at(0).target) : Target();
    }

    std::filesystem::path directory_;
};

} // namespace

TEST_F(Restreams, SendByUdpToOneOrToAGroup) {
    const auto one = target_of<UdpTarget>("      uri: udp://receiver.example:5000\n");
    EXPECT_EQ(one.host, "receiver.example");
    EXPECT_EQ(one.port, 5000);
    EXPECT_EQ(one.ttl, 64);
    const auto group = target_of<UdpTarget>("      uri: udp://239.1.2.3:5000?interface=eth0.7\n");
    EXPECT_EQ(group.ttl, 1) << "a group stays in this network unless told otherwise";
    EXPECT_EQ(group.interface_name, "eth0.7");
    EXPECT_EQ(target_of<UdpTarget>("      uri: udp://239.1.2.3:5000?ttl=16\n").ttl, 16);
    EXPECT_EQ(target_of<UdpTarget>("      uri: udp://[ff15::7]:5000\n").host, "ff15::7");
}

TEST_F(Restreams, CallOrListenBySrt) {
    const auto caller =
        target_of<SrtTarget>("      uri: srt://receiver:9000?latency=300&streamid=kestrel%2Fnose\n      "
                             "passphrase_env: SRT_PASS\n");
    EXPECT_FALSE(caller.listens);
    EXPECT_EQ(caller.latency_ms, 300);
    EXPECT_EQ(caller.stream_id, "kestrel/nose");
    EXPECT_EQ(caller.passphrase_env, "SRT_PASS");
    const auto listener = target_of<SrtTarget>(
        "      uri: srt://0.0.0.0:9000?mode=listener\n      passphrase_file: /etc/masthead/srt\n");
    EXPECT_TRUE(listener.listens);
    EXPECT_EQ(listener.latency_ms, 125);
    EXPECT_EQ(listener.passphrase_file, "/etc/masthead/srt");
}

TEST_F(Restreams, ServeRtspOnThisMachineUnlessToldOtherwise) {
    const auto usual = target_of<RtspMount>("      rtsp: {}\n");
    EXPECT_EQ(usual.address, "127.0.0.1");
    EXPECT_EQ(usual.port, 8554);
    EXPECT_EQ(usual.path, "/live");
    const auto told = target_of<RtspMount>(
        "      rtsp: {address: 0.0.0.0, port: 554, path: /kestrel/nose, max_clients: 2}\n");
    EXPECT_EQ(told.address, "0.0.0.0");
    EXPECT_EQ(told.port, 554);
    EXPECT_EQ(told.path, "/kestrel/nose");
    EXPECT_EQ(told.max_clients, 2);
}

TEST_F(Restreams, NameARenditionOrTakeTheCamerasOwnVideo) {
    const auto recipe = load("  restream:\n    own: {uri: 'udp://h:1'}\n    less: {uri: 'udp://h:2', "
                             "rendition: small}\n");
    ASSERT_TRUE(recipe) << recipe.error().message;
    ASSERT_EQ(recipe->restream.size(), 2U);
    EXPECT_EQ(recipe->restream[0].rendition, "");
    EXPECT_EQ(recipe->restream[1].rendition, "small");
    EXPECT_TRUE(recipe->webrtc.empty());
}

TEST_F(Restreams, SayWhereTheyAreWrong) {
    struct Wrong {
        const char* settings;
        const char* place;
        const char* sentence;
    };
    constexpr Wrong kWrongs[] = {
        {"      rendition: small\n", ":6:5:", "either 'uri' or 'rtsp'"},
        {"      uri: udp://h:1\n      rtsp: {}\n", ":6:5:", "either 'uri' or 'rtsp'"},
        {"      url: udp://h:1\n", ":7:7:", "did you mean 'uri'?"},
        {"      uri: rtmp://h/live\n", ":7:7:", "must start with udp:// or srt://"},
        {"      uri: h:5000\n", ":7:7:", "must start with udp:// or srt://"},
        {"      uri: udp://:5000\n", ":7:7:", "a host or multicast group is wanted"},
        {"      uri: srt://:5000?mode=listener\n", ":7:7:", "the address to listen at"},
        {"      uri: udp://h\n", ":7:7:", "a port from 1 to 65535"},
        {"      uri: udp://h:0\n", ":7:7:", "a port from 1 to 65535"},
        {"      uri: udp://h:70000\n", ":7:7:", "must start with udp:// or srt://"},
        {"      uri: udp://me@h:5000\n", ":7:7:", "only host, port and settings"},
        {"      uri: udp://h:5000/path\n", ":7:7:", "only host, port and settings"},
        {"      uri: udp://0.0.0.0:5000\n", ":7:7:", "no address to send to"},
        {"      uri: udp://255.255.255.255:5000\n", ":7:7:", "broadcast is not sent"},
        {"      uri: udp://224.0.0.5:5000\n", ":7:7:", "belongs to routers"},
        {"      uri: udp://239.0.0.5:5000?ttl=0\n", ":7:7:", "'ttl' must be a whole number from 1 to 255"},
        {"      uri: udp://239.0.0.5:5000?ttl=1&ttl=2\n", ":7:7:", "'ttl' stands twice"},
        {"      uri: udp://239.0.0.5:5000?ttl\n", ":7:7:", "NAME=VALUE"},
        {"      uri: udp://239.0.0.5:5000?iface=eth0\n", ":7:7:", "udp:// has no setting 'iface'"},
        {"      uri: udp://239.0.0.5:5000?interface=a/b\n", ":7:7:", "the name of a network interface"},
        {"      uri: udp://192.0.2.7:5000?interface=eth0\n", ":7:7:", "192.0.2.7 is none"},
        {"      uri: srt://h:9000?mode=rendezvous\n", ":7:7:", "caller or listener"},
        {"      uri: srt://h:9000?mode=listener\n", ":7:7:", "an address to listen at is wanted"},
        {"      uri: srt://h:9000?latncy=200\n", ":7:7:", "did you mean 'latency'?"},
        {"      uri: srt://h:9000?latency=1\n", ":7:7:", "from 20 to 8000"},
        {"      uri: srt://h:9000?passphrase=open-sesame\n", ":7:7:", "must not stand in a pipeline file"},
        {"      uri: srt://127.0.0.1:9000?mode=listener&streamid=x\n", ":7:7:", "a listener has none"},
        {"      uri: srt://h:9000\n      passphrase_file: secret\n", ":8:7:", "an absolute path"},
        {"      uri: srt://h:9000\n      passphrase_env: A B\n", ":8:7:", "an environment variable"},
        {"      uri: srt://h:9000\n      passphrase_env: A\n      passphrase_file: /a\n",
         ":8:7:", "is enough"},
        {"      uri: udp://h:9000\n      passphrase_env: A\n", ":8:7:", "only SRT has a passphrase"},
        {"      uri: udp://h:9000\n      rendition: smal\n", ":8:7:", "did you mean 'small'?"},
        {"      rtsp:\n        path: live\n", ":8:9:", "must be a slash followed by"},
        {"      rtsp:\n        path: \"/a b\"\n", ":8:9:", "must be a slash followed by"},
        {"      rtsp:\n        address: localhost\n", ":8:9:", "IP addresses"},
        {"      rtsp:\n        port: 0\n", ":8:9:", "from 1 to 65535"},
        {"      rtsp:\n        prt: 1\n", ":8:9:", "did you mean 'port'?"},
        {"      rtsp:\n        max_clients: 0\n", ":8:9:", "from 1 to 1000"},
    };
    for (const Wrong& wrong : kWrongs) {
        const auto recipe = load_one(wrong.settings);
        ASSERT_FALSE(recipe) << wrong.settings;
        EXPECT_THAT(recipe.error().message, HasSubstr(std::string("r.yaml") + wrong.place)) << wrong.settings;
        EXPECT_THAT(recipe.error().message, HasSubstr(wrong.sentence)) << wrong.settings;
        EXPECT_THAT(recipe.error().message, Not(HasSubstr("sesame")));
    }
}

TEST_F(Restreams, DoNotShareAnRtspPort) {
    const auto recipe = load("  restream:\n    one: {rtsp: {}}\n    two: {rtsp: {path: /two}}\n");
    ASSERT_FALSE(recipe);
    EXPECT_THAT(recipe.error().message, HasSubstr("r.yaml:7:11: another output"));
}

TEST_F(Restreams, OpenNothingToTheNetworkByTheWeb) {
    const WebEditRules rules{.schemes = {"rtsp", "srt"}, .hosts = {"cam", "10.20.*"}};
    const auto by_web = [&](const std::string& settings) {
        const auto recipe = test::parse_recipe(
            "title: Test\ningest: {uri: 'rtsp://cam'}\noutputs:\n  restream:\n    one: " + settings, "r.yaml",
            {}, &rules);
        return recipe ? "" : recipe.error().message;
    };
    EXPECT_EQ(by_web("{uri: 'srt://10.20.0.7:9000'}"), "");
    EXPECT_EQ(by_web("{rtsp: {port: 9000}}"), "");
    EXPECT_THAT(by_web("{uri: 'srt://192.0.2.7:9000'}"), HasSubstr("may not name the host '192.0.2.7'"));
    EXPECT_THAT(by_web("{uri: 'udp://10.20.0.7:9000'}"), HasSubstr("may not begin with udp://"));
    EXPECT_THAT(by_web("{rtsp: {address: 0.0.0.0}}"), HasSubstr("r.yaml:5:18: 'address' cannot be used"));
    EXPECT_THAT(by_web("{uri: 'srt://10.20.0.7:9000', passphrase_file: /etc/x}"),
                HasSubstr("'passphrase_file' cannot"));
}

} // namespace masthead
