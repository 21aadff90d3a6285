// The MAVLink link over real sockets.
#include "plugins/links/mavlink/codec.hpp"
#include "plugins/links/mavlink/messages.hpp"
#include "tests/unit/links_loop.hpp"
#include "tests/unit/links_sockets.hpp"

#include <gtest/gtest.h>

using namespace masthead;
using namespace masthead::mavlink;
using namespace masthead::test;

namespace {

using namespace std::chrono_literals;

Bytes heartbeat_packet(std::uint8_t system, std::uint8_t autopilot = 3, std::uint8_t type = 2,
                       std::uint32_t custom_mode = 3, Version version = Version::v2) {
    Message message{.id = heartbeat::kId, .system = system, .component = 1, .version = version};
    message.set(heartbeat::autopilot, autopilot);
    message.set(heartbeat::type, type);
    message.set(heartbeat::base_mode, 128 + 1);
    message.set(heartbeat::custom_mode, custom_mode);
    return write_packet(message);
}

Bytes position_packet(std::uint8_t system, double latitude_deg) {
    Message message{.id = global_position_int::kId, .system = system, .component = 1};
    message.set(global_position_int::lat, static_cast<std::int32_t>(latitude_deg * 1e7));
    message.set(global_position_int::lon, 80'000'000);
    message.set(global_position_int::time_boot_ms, 1234);
    return write_packet(message);
}

Bytes ack_packet(std::uint8_t system, std::uint16_t command, std::uint8_t result,
                 std::uint8_t progress = 255) {
    Message message{.id = command_ack::kId, .system = system, .component = 1};
    message.set(command_ack::command, command);
    message.set(command_ack::result, result);
    message.set(command_ack::progress, progress);
    return write_packet(message);
}

/// The messages that a vehicle reads from its socket.
template <typename Socket>
std::vector<Message> messages_at(const Socket& socket) {
    std::vector<Message> messages;
    while (const auto bytes = socket.read()) {
        const ReadPacket packet = read_packet(*bytes);
        if (packet.reading == Reading::message) {
            messages.push_back(packet.message);
        }
    }
    return messages;
}

class MavlinkLink : public testing::Test {
  protected:
    void open(const std::string& uri) {
        auto opened = open_link(uri, heard_.events(), loop_.context());
        ASSERT_TRUE(opened) << opened.error().message;
        link_ = std::move(*opened);
        const auto started = link_->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    void listen() {
        port_ = free_udp_port();
        open("mavlink+udp://127.0.0.1:" + std::to_string(port_));
    }
    /// The first message of `id` that comes to the peer.
    std::optional<Message> wait_for(const UdpPeer& peer, std::uint32_t id) {
        return wait_for(peer, [id](const Message& message) { return message.id == id; });
    }
    template <typename Wanted>
    std::optional<Message> wait_for(const UdpPeer& peer, const Wanted& wanted) {
        std::optional<Message> found;
        static_cast<void>(loop_.until([&] {
            for (const Message& message : messages_at(peer)) {
                found = wanted(message) && !found ? std::optional(message) : found;
            }
            return found.has_value();
        }));
        return found;
    }

    Loop loop_;
    Heard heard_;
    UdpPeer vehicle_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Link> link_;
};

} // namespace

TEST_F(MavlinkLink, TellsTwoVehiclesOnOnePortApart) {
    listen();
    vehicle_.send(position_packet(1, 54.5), port_);
    vehicle_.send(position_packet(7, -33.25), port_);
    ASSERT_TRUE(loop_.until([&] { return heard_.samples.size() >= 2; }));
    EXPECT_EQ(heard_.samples[0].first, "1");
    EXPECT_NEAR(*heard_.samples[0].second.latitude_deg, 54.5, 1e-7);
    EXPECT_EQ(heard_.samples[1].first, "7");
    EXPECT_NEAR(*heard_.samples[1].second.latitude_deg, -33.25, 1e-7);
}

TEST_F(MavlinkLink, IsUpAtTheFirstGoodMessageAndSilentThreeSecondsAfterTheLast) {
    listen();
    EXPECT_TRUE(heard_.said(LinkState::connecting));
    vehicle_.send(heartbeat_packet(1), port_);
    ASSERT_TRUE(loop_.until([&] { return heard_.said(LinkState::up); }));
    EXPECT_TRUE(loop_.until([&] { return heard_.said(LinkState::silent); }));
}

TEST_F(MavlinkLink, CountsGarbageAndGoesOn) {
    listen();
    Bytes broken = heartbeat_packet(1);
    broken[12] ^= std::byte{1};
    vehicle_.send(broken, port_);
    vehicle_.send(as_bytes("GET / HTTP/1.1\r\n"), port_);
    vehicle_.send({}, port_);
    vehicle_.send(heartbeat_packet(1), port_);
    ASSERT_TRUE(loop_.until([&] { return heard_.samples.size() == 1; }));
    EXPECT_EQ(link_->counters().bad_checksum, 1U);
    EXPECT_EQ(link_->counters().malformed, 1U);
    EXPECT_EQ(link_->counters().messages_in, 1U);
}

TEST_F(MavlinkLink, SendsItsHeartbeatToWhereTheVehicleSpokeFrom) {
    listen();
    vehicle_.send(heartbeat_packet(1), port_);
    const auto beat = wait_for(vehicle_, heartbeat::kId);
    ASSERT_TRUE(beat);
    EXPECT_EQ(beat->system, 255);
    EXPECT_EQ(beat->component, 190);
    EXPECT_EQ(beat->get(heartbeat::type), 6);
}

TEST_F(MavlinkLink, AnswersAMavlink1VehicleInMavlink1) {
    listen();
    vehicle_.send(heartbeat_packet(1, 3, 2, 3, Version::v1), port_);
    const auto beat = wait_for(vehicle_, heartbeat::kId);
    ASSERT_TRUE(beat);
    EXPECT_EQ(beat->version, Version::v1);
}

TEST_F(MavlinkLink, SendsLandAndHandsBackEachAcknowledgement) {
    listen();
    vehicle_.send(heartbeat_packet(9), port_);
    ASSERT_TRUE(loop_.until([&] { return !heard_.samples.empty(); }));
    ASSERT_TRUE(link_->send({"c-1", "9", "land", utc_now() + 5s}));
    const auto command = wait_for(vehicle_, command_long::kId);
    ASSERT_TRUE(command);
    EXPECT_EQ(command->get(command_long::command), 21);
    EXPECT_EQ(command->get(command_long::target_system), 9);
    EXPECT_EQ(command->get(command_long::target_component), 1);
    EXPECT_EQ(command->get(command_long::confirmation), 0);

    vehicle_.send(ack_packet(9, 21, 5, 40), port_);
    vehicle_.send(ack_packet(9, 21, 0), port_);
    ASSERT_TRUE(loop_.until([&] { return heard_.commands.size() == 3; }));
    EXPECT_EQ(heard_.commands[0].state, CommandState::sent);
    EXPECT_EQ(heard_.commands[0].target, "system 9, component 1");
    EXPECT_EQ(heard_.commands[1].state, CommandState::in_progress);
    EXPECT_EQ(heard_.commands[1].detail, "MAV_RESULT_IN_PROGRESS 40 %");
    EXPECT_EQ(heard_.commands[2].state, CommandState::completed);
    EXPECT_EQ(heard_.commands[2].id, "c-1");
}

TEST_F(MavlinkLink, HoldsEachAutopilotInItsOwnWay) {
    struct Case {
        std::uint8_t system, autopilot, type;
        std::uint16_t command;
        std::array<float, 3> params;
    };
    constexpr Case kCases[] = {
        {1, 3, 2, 176, {1, 17, 0}}, // ArduCopter: BRAKE
        {2, 3, 1, 176, {1, 12, 0}}, // ArduPlane: LOITER
        {3, 3, 11, 176, {1, 5, 0}}, // a boat: LOITER
        {4, 3, 10, 176, {1, 4, 0}}, // a rover: HOLD
        {5, 12, 2, 176, {1, 4, 3}}, // PX4: AUTO.LOITER
        {6, 0, 2, 193, {0, 0, 0}},  // generic: pause
    };
    listen();
    for (const Case& each : kCases) {
        vehicle_.send(heartbeat_packet(each.system, each.autopilot, each.type), port_);
        ASSERT_TRUE(loop_.until([&] { return heard_.samples.size() == each.system; }));
        const std::string target = std::to_string(each.system);
        ASSERT_TRUE(link_->send({"h" + target, target, "hold", utc_now() + 5s}));
        const auto command =
            wait_for(vehicle_, [&](const Message& message) { // those before may be said again
                return message.id == command_long::kId &&
                       message.get(command_long::target_system) == each.system;
            });
        ASSERT_TRUE(command);
        EXPECT_EQ(command->get(command_long::command), each.command) << target;
        EXPECT_EQ(command->get(command_long::param1), each.params[0]) << target;
        EXPECT_EQ(command->get(command_long::param2), each.params[1]) << target;
        EXPECT_EQ(command->get(command_long::param3), each.params[2]) << target;
    }
}

TEST_F(MavlinkLink, RefusesCommandsThatItMustNotSend) {
    listen();
    const Utc soon = utc_now() + 60s;
    EXPECT_EQ(link_->send({"a", "", "hold", soon}).error().code, Code::invalid_argument);
    EXPECT_EQ(link_->send({"b", "0", "hold", soon}).error().code, Code::invalid_argument);
    EXPECT_EQ(link_->send({"c", "255", "hold", soon}).error().code, Code::invalid_argument);
    EXPECT_EQ(link_->send({"d", "1x", "hold", soon}).error().code, Code::invalid_argument);
    EXPECT_EQ(link_->send({"e", "1", "hold", soon}).error().code, Code::unavailable);
    vehicle_.send(heartbeat_packet(1), port_);
    ASSERT_TRUE(loop_.until([&] { return !heard_.samples.empty(); }));
    EXPECT_EQ(link_->send({"f", "1", "hold", utc_now() - 1s}).error().code, Code::expired);
    ASSERT_TRUE(link_->send({"g", "1", "hold", soon}));
    EXPECT_EQ(link_->send({"h", "1", "hold", soon}).error().code, Code::conflict);
    EXPECT_TRUE(link_->send({"i", "1", "return", soon}));
}

TEST_F(MavlinkLink, SaysThatACommandWasNeverAcknowledged) {
    listen();
    vehicle_.send(heartbeat_packet(1), port_);
    ASSERT_TRUE(loop_.until([&] { return !heard_.samples.empty(); }));
    ASSERT_TRUE(link_->send({"c", "1", "hold", utc_now() + 100ms}));
    ASSERT_TRUE(loop_.until([&] { return heard_.commands.size() == 2; }));
    EXPECT_EQ(heard_.commands[1].state, CommandState::expired);
}

TEST_F(MavlinkLink, SpeaksFirstWhenThePeerIsConfigured) {
    open("mavlink+udpout://127.0.0.1:" + std::to_string(vehicle_.port()));
    EXPECT_TRUE(wait_for(vehicle_, heartbeat::kId));
}

TEST_F(MavlinkLink, ReconnectsOverTcpAfterTheVehicleHungUp) {
    TcpServer server;
    open("mavlink+tcp://127.0.0.1:" + std::to_string(server.port()));
    ASSERT_TRUE(loop_.until([&] { return server.accept(); }));
    const Bytes packet = position_packet(1, 10);
    server.send(ByteSpan(packet).first(9));
    server.send(ByteSpan(packet).subspan(9));
    ASSERT_TRUE(loop_.until([&] { return heard_.samples.size() == 1; }));
    server.hang_up();
    ASSERT_TRUE(loop_.until([&] { return heard_.said(LinkState::down); }));
    ASSERT_TRUE(loop_.until([&] { return server.accept(); }));
    server.send(packet);
    EXPECT_TRUE(loop_.until([&] { return heard_.samples.size() == 2 && heard_.said(LinkState::up); }));
}

TEST_F(MavlinkLink, SaysThatItsPortIsTakenAndTriesAgain) {
    std::optional<UdpPeer> other(std::in_place);
    port_ = other->port();
    open("mavlink+udp://127.0.0.1:" + std::to_string(port_));
    EXPECT_TRUE(heard_.said(LinkState::down));
    EXPECT_NE(heard_.states.back().second.find(std::to_string(port_)), std::string::npos);
    other.reset();
    EXPECT_TRUE(loop_.until([&] { return heard_.said(LinkState::connecting); }));
}

TEST(OpenLink, NamesThePartOfTheUriThatIsWrong) {
    const auto message = [](const std::string& uri) {
        const auto link = open_link(uri, {});
        return link ? std::string() : link.error().message;
    };
    EXPECT_NE(message("carrier+pigeon://loft:1").find("'carrier+pigeon'"), std::string::npos);
    EXPECT_NE(message("mavlink+udp://127.0.0.1").find("port"), std::string::npos);
    EXPECT_NE(message("not a uri").find("no URI"), std::string::npos);
    EXPECT_NE(message("mavlink+tcp://me:secret@host:1").find("password"), std::string::npos);
    EXPECT_EQ(message("mavlink+tcp://me:secret@host:1").find("secret"), std::string::npos);
}
