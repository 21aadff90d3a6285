// A MAVLink link on which 200 strangers shout: the vehicle that is meant loses nothing by it.
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

constexpr int kRounds = 40;
constexpr std::uint8_t kVehicle = 1;
constexpr int kFirstStranger = 20;
constexpr int kStrangers = 200;

Bytes heartbeat_packet(std::uint8_t system, std::uint8_t component = 1) {
    Message message{.id = heartbeat::kId, .system = system, .component = component};
    message.set(heartbeat::autopilot, 3);
    message.set(heartbeat::type, 2);
    return write_packet(message);
}

/// A clock a day behind is something that a link tells of.
Bytes wrong_time_packet(std::uint8_t system) {
    Message message{.id = system_time::kId, .system = system, .component = 1};
    message.set(system_time::time_boot_ms, 1000);
    message.set(system_time::time_unix_usec, static_cast<std::uint64_t>((utc_now() - 24h).us));
    return write_packet(message);
}

/// To everyone: disarm.
Bytes broadcast_packet(std::uint8_t system) {
    Message message{.id = command_long::kId, .system = system, .component = 1};
    message.set(command_long::command, 400);
    return write_packet(message);
}

Bytes position_packet(int round) {
    Message message{.id = global_position_int::kId, .system = kVehicle, .component = 1};
    message.set(global_position_int::lat, 500'000'000 + round);
    message.set(global_position_int::lon, 80'000'000);
    return write_packet(message);
}

Bytes ack_packet(std::uint8_t system) {
    Message message{.id = command_ack::kId, .system = system, .component = 1};
    message.set(command_ack::command, 178); // MAV_CMD_DO_CHANGE_SPEED
    message.set(command_ack::result, 0);
    return write_packet(message);
}

/// The command that reached the vehicle, if any did.
std::optional<Message> command_at(const UdpPeer& peer) {
    std::optional<Message> found;
    while (const auto bytes = peer.read()) {
        const ReadPacket packet = read_packet(*bytes);
        if (packet.reading == Reading::message && packet.message.id == command_long::kId) {
            found = packet.message;
        }
    }
    return found;
}

struct Crowd {
    std::vector<UdpPeer> peers = std::vector<UdpPeer>(80); // more addresses than a link has framers
    int sent = 0;

    void send(const Bytes& packet, std::uint16_t port) {
        peers[static_cast<std::size_t>(sent++) % peers.size()].send(packet, port);
    }
    /// `breathe` is called before the socket's buffer can be full.
    void shout(int round, std::uint16_t port, const std::function<void()>& breathe) {
        for (int i = 0; i < kStrangers; ++i) {
            const auto system = static_cast<std::uint8_t>(kFirstStranger + i);
            send(round % 10 == 1   ? wrong_time_packet(system)
                 : round % 10 == 2 ? broadcast_packet(system)
                 : round % 10 == 3 ? ack_packet(system)
                                   : heartbeat_packet(system, static_cast<std::uint8_t>(round % 3)),
                 port);
            if (i % 50 == 0) {
                breathe();
            }
        }
        send(heartbeat_packet(255, 190), port); // as if it were us
        send(broadcast_packet(255), port);
        send(heartbeat_packet(0), port);
    }
};

} // namespace

TEST(MavlinkFlood, CostsTheVehicleNoSampleAndNoCommand) {
    Loop loop;
    Heard heard;
    const std::uint16_t port = free_udp_port();
    auto opened =
        open_link("mavlink+udp://127.0.0.1:" + std::to_string(port), heard.events(), loop.context());
    ASSERT_TRUE(opened) << opened.error().message;
    Link& link = **opened;
    ASSERT_TRUE(link.start());
    const UdpPeer vehicle;
    Crowd crowd;
    int own = 0;
    const auto say = [&](const Bytes& packet) {
        vehicle.send(packet, port);
        ++own;
    };
    const auto all_taken = [&] {
        const LinkCounters counters = link.counters();
        return counters.messages_in + counters.messages_unknown ==
               static_cast<std::uint64_t>(own + crowd.sent);
    };
    say(heartbeat_packet(kVehicle));
    ASSERT_TRUE(loop.until(all_taken));
    for (int round = 0; round < kRounds; ++round) {
        ASSERT_TRUE(
            link.send({std::to_string(round), "1", "set_speed", utc_now() + 60s, {{"speed_mps", 5.0}}}));
        crowd.shout(round, port, [&] { ASSERT_TRUE(loop.until(all_taken)) << round; });
        say(position_packet(round));
        ASSERT_TRUE(loop.until(all_taken)) << round;
        const auto command = command_at(vehicle);
        ASSERT_TRUE(command) << round;
        EXPECT_EQ(command->get(command_long::target_system), kVehicle);
        say(ack_packet(kVehicle));
        ASSERT_TRUE(loop.until([&] { return heard.commands.back().state == CommandState::accepted; }))
            << round;
    }
    std::vector<double> latitudes;
    for (const auto& [who, sample] : heard.samples) {
        if (who == "1" && sample.latitude_deg) {
            latitudes.push_back(*sample.latitude_deg);
        }
        EXPECT_TRUE(who != "0" && who != "255") << who;
    }
    ASSERT_EQ(latitudes.size(), static_cast<std::size_t>(kRounds));
    for (int round = 0; round < kRounds; ++round) {
        EXPECT_NEAR(latitudes[static_cast<std::size_t>(round)], 50 + round * 1e-7, 1e-9);
    }
    EXPECT_EQ(heard.commands.size(), 2U * kRounds); // sent, accepted
    // What a person is told stays short, and is not told for each stranger.
    for (const auto& [state, detail] : heard.states) {
        EXPECT_LT(detail.size(), 600U) << detail;
    }
    EXPECT_LT(heard.states.size(), 20U);
}
