// Outputs for other systems, run by the real masthead-worker: what is wrong with one stays with it.
#include "tests/integration/worker/ts_camera.hpp"
#include "tests/integration/worker/workers.hpp"

#include <gmock/gmock.h>

using namespace masthead;
using namespace masthead::control;
using namespace masthead::test;
using testing::HasSubstr;

namespace {

/// A camera at UDP `port` with these outputs (JSON members).
WorkerCamera restreaming(std::uint16_t port, const std::string& outputs) {
    return {"nose", R"({"title":"test","ingest":{"uri":"udp://127.0.0.1:)" + std::to_string(port) +
                        R"("},"outputs":{"webrtc":{},"restream":{)" + outputs + "}}}"};
}

std::string to_uri(const std::string& name, const std::string& uri, const std::string& more = "") {
    return '"' + name + R"(":{"uri":")" + uri + '"' + more + '}';
}

std::string to_udp(const std::string& name, std::uint16_t port) {
    return to_uri(name, "udp://127.0.0.1:" + std::to_string(port));
}

std::string to_rtsp(const std::string& name, std::uint16_t port) {
    return '"' + name + R"(":{"rtsp":{"port":)" + std::to_string(port) + "}}";
}

/// Receives by UDP, so long as the socket's buffer holds it.
class Receiver {
  public:
    [[nodiscard]] std::uint16_t port() const { return peer_.port(); }
    /// Datagrams that came since the last call; each is whole TS packets.
    std::size_t count() {
        std::size_t datagrams = 0;
        while (const auto datagram = peer_.read()) {
            EXPECT_EQ(datagram->size() % 188, 0U);
            EXPECT_EQ(datagram->front(), std::byte{0x47});
            ++datagrams;
            static const Bytes key = *from_hex("060e2b34020b01010e01030101000000");
            packets_ += std::ranges::search(*datagram, key).empty() ? 0 : 1;
        }
        return datagrams;
    }
    /// Those with the beginning of an ST 0601 packet, so far.
    [[nodiscard]] std::size_t with_klv() const { return packets_; }

  private:
    UdpPeer peer_;
    std::size_t packets_ = 0;
};

} // namespace

TEST_F(Workers, PassAPlainCamerasVideoOnWithWhatTheLinkSays) {
    const std::uint16_t port = free_udp_port();
    const std::uint16_t link_port = free_udp_port();
    const TsCamera ts(port);
    Receiver receiver;
    WorkerVehicle kestrel = vehicle("kestrel", {restreaming(port, to_udp("out", receiver.port()))});
    kestrel.link = mavlink_on(link_port);
    fleet_.set_vehicles({kestrel});
    const MavlinkVehicle autopilot(1);
    ASSERT_TRUE(saying([&] { autopilot.say_pose(link_port, 54.5); },
                       [&] {
                           receiver.count();
                           return receiver.with_klv() > 20;
                       }));
}

TEST_F(Workers, KeepTheCameraAndTheOtherOutputsGoingWhenSomeFail) {
    const std::uint16_t port = free_udp_port();
    const TsCamera ts(port);
    Receiver receiver;
    std::optional<TcpServer> squatter(std::in_place);
    fleet_.set_vehicles({vehicle(
        "kestrel",
        {restreaming(port, to_udp("good", receiver.port()) + ',' + to_rtsp("taken", squatter->port()) + ',' +
                               to_uri("absent", "srt://127.0.0.1:" + std::to_string(free_udp_port())) + ',' +
                               to_uri("keyless", "srt://127.0.0.1:9000",
                                      R"(,"passphrase_env":"MASTHEAD_NO_SUCH_VARIABLE")"))})});
    const auto said = [&](const std::string& words) {
        return heard_.camera("nose") && heard_.camera("nose")->detail.find(words) != std::string::npos;
    };
    const auto pulse = [] {};
    ASSERT_TRUE(saying(pulse, [&] {
        return said("output 'taken': rtsp://127.0.0.1:") && said("output 'absent': srt://127.0.0.1:") &&
               said("output 'keyless': the environment variable MASTHEAD_NO_SUCH_VARIABLE is not set");
    }));
    EXPECT_TRUE(heard_.camera_is("nose", CameraPhase::playing)) << heard_.camera("nose")->detail;
    EXPECT_FALSE(said("good"));
    receiver.count();
    std::size_t later = 0;
    ASSERT_TRUE(saying(pulse, [&] { return (later += receiver.count()) > 30; }));
    ASSERT_TRUE(fleet_.add_viewer({"session_1", "kestrel", "nose"}));
    ASSERT_TRUE(until([&] { return !heard_.offers.empty(); }));

    squatter.reset();
    ASSERT_TRUE(until([&] { return !said("output 'taken'"); })) << "it tries again by itself";
    EXPECT_TRUE(said("output 'absent'"));
}

TEST_F(Workers, GoOnSendingWhenTheCameraComesBack) {
    const std::uint16_t port = free_udp_port();
    Receiver receiver;
    std::optional<TsCamera> ts(std::in_place, port);
    fleet_.set_vehicles({vehicle("kestrel", {restreaming(port, to_udp("out", receiver.port()))})});
    const auto pulse = [] {};
    std::size_t first = 0;
    ASSERT_TRUE(saying(pulse, [&] { return (first += receiver.count()) > 0; }));
    ts.reset();
    ASSERT_TRUE(until([&] { return heard_.camera_is("nose", CameraPhase::retrying); }));
    receiver.count();
    ts.emplace(port);
    std::size_t later = 0;
    ASSERT_TRUE(saying(pulse, [&] { return (later += receiver.count()) > 30; }));
}
