// MAVLink 2 signatures: whose packets are taken, how the refused ones are told, and where the key comes from.
#include "plugins/links/mavlink/messages.hpp"
#include "plugins/links/mavlink/refusals.hpp"
#include "plugins/links/mavlink/signing.hpp"
#include "tests/unit/links_loop.hpp"
#include "tests/unit/links_sockets.hpp"

#include <glib/gstdio.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

using namespace masthead;
using namespace masthead::mavlink;
using namespace masthead::test;

namespace {

using namespace std::chrono_literals;

constexpr Utc kNow{1'795'350'896'000'000};
constexpr const char* kHexKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

SigningSettings settings(std::uint8_t first_byte = 0, std::uint8_t link_id = 0) {
    SigningSettings made{.link_id = link_id};
    std::ranges::copy(*from_hex(kHexKey), made.key.begin());
    made.key[0] = std::byte{first_byte};
    return made;
}

Message heartbeat_of(std::uint8_t system, std::uint8_t component = 1) {
    Message message{.id = heartbeat::kId, .system = system, .component = component};
    message.set(heartbeat::autopilot, 3);
    message.set(heartbeat::type, 2);
    return message;
}

Verdict verdict_of(Signing& judge, ByteSpan packet, Utc now) {
    const ReadPacket read = read_packet(packet);
    EXPECT_EQ(read.reading, Reading::message);
    EXPECT_EQ(read.size, packet.size());
    return judge.judge(read.message, packet, now);
}

Result<std::optional<SigningSettings>> settings_of(const std::string& options) {
    return signing_settings(*parse_link_uri("mavlink+udp://127.0.0.1:14550?" + options));
}

std::string refusal(const std::string& options) {
    const auto made = settings_of(options);
    return made ? "" : made.error().message;
}

struct KeyFile {
    explicit KeyFile(const std::string& text, int mode = 0600)
        : path(std::string(g_get_tmp_dir()) + "/signing-key-XXXXXX") {
        const int file = g_mkstemp(path.data());
        EXPECT_GE(file, 0);
        std::ofstream(path) << text;
        g_chmod(path.c_str(), mode);
        g_close(file, nullptr);
    }
    ~KeyFile() { g_unlink(path.c_str()); }
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;
    std::string path;
};

} // namespace

TEST(Signing, TakesWhatTheSameKeySignedAndCountsTimeUpByOneAtLeast) {
    Signing vehicle(settings()), us(settings());
    const Bytes first = vehicle.sign(heartbeat_of(1), kNow);
    const Bytes second = vehicle.sign(heartbeat_of(1), kNow); // the same instant
    EXPECT_EQ(first.size(), write_packet(heartbeat_of(1)).size() + kSignatureSize);
    EXPECT_EQ(verdict_of(us, first, kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, second, kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, vehicle.sign(heartbeat_of(1), kNow - 3s), kNow),
              Verdict::good); // its clock went back
}

TEST(Signing, SignsAsVersion2WhateverTheMessageSays) {
    Message old = heartbeat_of(1);
    old.version = Version::v1;
    Signing vehicle(settings()), us(settings());
    EXPECT_EQ(verdict_of(us, vehicle.sign(old, kNow), kNow), Verdict::good);
}

TEST(Signing, RefusesWhatIsNotSigned) {
    Signing us(settings());
    EXPECT_EQ(verdict_of(us, write_packet(heartbeat_of(1)), kNow), Verdict::not_signed);
    Message old = heartbeat_of(1);
    old.version = Version::v1;
    EXPECT_EQ(verdict_of(us, write_packet(old), kNow), Verdict::not_signed);
}

TEST(Signing, RefusesAnotherKeyAndAChangedByteOfTheSignature) {
    Signing us(settings()), other(settings(7)), vehicle(settings());
    EXPECT_EQ(verdict_of(us, other.sign(heartbeat_of(1), kNow), kNow), Verdict::wrong_signature);
    const Bytes good = vehicle.sign(heartbeat_of(1), kNow);
    for (std::size_t back = 1; back <= kSignatureSize; ++back) {
        Bytes changed = good;
        changed[changed.size() - back] ^= std::byte{1};
        EXPECT_EQ(verdict_of(us, changed, kNow), Verdict::wrong_signature) << back;
    }
    EXPECT_EQ(verdict_of(us, good, kNow), Verdict::good); // none of those counted as heard
}

TEST(Signing, RefusesARepeatedPacketAndOneFromBefore) {
    Signing vehicle(settings()), us(settings());
    const Bytes first = vehicle.sign(heartbeat_of(1), kNow);
    const Bytes second = vehicle.sign(heartbeat_of(1), kNow + 1s);
    EXPECT_EQ(verdict_of(us, second, kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, second, kNow), Verdict::replayed);
    EXPECT_EQ(verdict_of(us, first, kNow), Verdict::replayed);
}

TEST(Signing, HasATimeForEachSystemComponentAndLink) {
    Signing us(settings());
    Signing first(settings()), second(settings()), third(settings()), fourth(settings(0, 9));
    EXPECT_EQ(verdict_of(us, first.sign(heartbeat_of(1), kNow), kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, second.sign(heartbeat_of(2), kNow - 1s), kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, third.sign(heartbeat_of(1, 2), kNow - 1s), kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, fourth.sign(heartbeat_of(1), kNow - 1s), kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, second.sign(heartbeat_of(1), kNow - 1s), kNow), Verdict::replayed);
}

TEST(Signing, TakesANewSpeakerAtMostAMinuteBehindTheNewestTime) {
    Signing us(settings());
    Signing fresh(settings()), old(settings());
    EXPECT_EQ(verdict_of(us, fresh.sign(heartbeat_of(1), kNow - 60s), kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, old.sign(heartbeat_of(2), kNow - 61s), kNow), Verdict::outdated);
    Signing ahead(settings()), now(settings());
    EXPECT_EQ(verdict_of(us, ahead.sign(heartbeat_of(3), kNow + 3600s), kNow), Verdict::good);
    EXPECT_EQ(verdict_of(us, now.sign(heartbeat_of(4), kNow), kNow), Verdict::outdated);
    // What we say is newer than all that, so that both the one ahead and the one behind take it.
    Signing receiver(settings());
    EXPECT_EQ(verdict_of(receiver, ahead.sign(heartbeat_of(3), kNow + 3600s), kNow), Verdict::good);
    EXPECT_EQ(verdict_of(receiver, us.sign(heartbeat_of(255), kNow), kNow), Verdict::good);
}

TEST(Signing, TakesNoTimeBackWhenItBeginsAgain) {
    Signing vehicle(settings());
    Signing before(settings());
    EXPECT_EQ(verdict_of(vehicle, before.sign(heartbeat_of(255, 190), kNow), kNow), Verdict::good);
    Signing after(settings());
    EXPECT_EQ(verdict_of(vehicle, after.sign(heartbeat_of(255, 190), kNow + 200ms), kNow + 200ms),
              Verdict::good);
}

TEST(Signing, ForgetsNoSpeakerWhoCouldBeReplayed) {
    Signing us(settings());
    const auto signed_by = [](std::size_t speaker, Utc time) {
        Signing one(settings());
        return one.sign(heartbeat_of(static_cast<std::uint8_t>(1 + speaker / 250),
                                     static_cast<std::uint8_t>(1 + speaker % 250)),
                        time);
    };
    for (std::size_t speaker = 0; speaker < 512; ++speaker) {
        EXPECT_EQ(verdict_of(us, signed_by(speaker, kNow), kNow), Verdict::good);
    }
    EXPECT_EQ(verdict_of(us, signed_by(600, kNow), kNow), Verdict::outdated); // no room, and none may go
    const Utc later = kNow + 61s;
    EXPECT_EQ(verdict_of(us, signed_by(600, later), later), Verdict::good);
    EXPECT_EQ(verdict_of(us, signed_by(0, kNow), later), Verdict::outdated); // was forgotten, and is too old
}

TEST(SigningKey, ComesFromAFileThatIsItsOwnersOrFromTheEnvironment) {
    const KeyFile file(std::string(kHexKey) + "\n");
    EXPECT_EQ((*settings_of("signing-key-file=" + file.path))->key, settings().key);
    setenv("MASTHEAD_TEST_SIGNING_KEY", kHexKey, 1);
    EXPECT_EQ((*settings_of("signing-key-env=MASTHEAD_TEST_SIGNING_KEY&signing-link-id=7"))->link_id, 7);
    EXPECT_FALSE(*settings_of(""));

    const KeyFile open(kHexKey, 0640), cut(std::string(kHexKey).substr(2)), none("");
    EXPECT_NE(refusal("signing-key-file=" + open.path).find("open to others"), std::string::npos);
    EXPECT_NE(refusal("signing-key-file=" + cut.path).find("64 hexadecimal digits"), std::string::npos);
    EXPECT_NE(refusal("signing-key-file=" + none.path).find("64 hexadecimal digits"), std::string::npos);
    EXPECT_EQ(refusal("signing-key-file=" + cut.path).find("001122"), std::string::npos);
    EXPECT_NE(refusal("signing-key-file=/nonexistent").find("signing-key-file"), std::string::npos);
    EXPECT_NE(refusal("signing-key-env=MASTHEAD_NO_SUCH").find("MASTHEAD_NO_SUCH"), std::string::npos);
    EXPECT_NE(refusal("signing-link-id=1").find("without a signing-key"), std::string::npos);
    EXPECT_NE(refusal("signing-key-file=" + file.path + "&signing-link-id=256").find("0 to 255"),
              std::string::npos);
}

TEST(Refusals, SayHowManyFromWhomAndWhy) {
    Refusals refusals;
    EXPECT_EQ(refusals.text(), "");
    refusals.add(3, Verdict::not_signed);
    EXPECT_EQ(refusals.text(), "1 packet without a valid signature from system 3 was refused (1 not signed)");
    for (int i = 0; i < 11; ++i) {
        refusals.add(3, Verdict::replayed);
    }
    EXPECT_EQ(refusals.text(),
              "12 packets without a valid signature from system 3 were refused (1 not signed, 11 replayed)");
    for (int system = 10; system < 210; ++system) {
        refusals.add(static_cast<std::uint8_t>(system), Verdict::wrong_signature);
    }
    EXPECT_EQ(refusals.text(),
              "212 packets without a valid signature from systems 3, 10, 11 and 198 more were "
              "refused (1 not signed, 200 wrongly signed, 11 replayed)");
}

TEST(SignedLink, TellsOfWhatItRefusesAndWakesAVehicleThatLivesInThePast) {
    const KeyFile file(kHexKey);
    Loop loop;
    Heard heard;
    const UdpPeer peer;
    const std::uint16_t port = free_udp_port();
    auto link =
        open_link("mavlink+udp://127.0.0.1:" + std::to_string(port) + "?signing-key-file=" + file.path,
                  heard.events(), loop.context());
    ASSERT_TRUE(link) << link.error().message;
    ASSERT_TRUE((*link)->start());
    const auto told = [&](const std::string& text) {
        return loop.until([&] {
            return !heard.states.empty() && heard.states.back().second.find(text) != std::string::npos;
        });
    };
    peer.send(write_packet(heartbeat_of(3)), port);
    ASSERT_TRUE(told("1 packet without a valid signature from system 3 was refused (1 not signed)"));
    EXPECT_TRUE(heard.said(LinkState::connecting));
    EXPECT_FALSE(peer.read()); // who is not proven is not answered

    const Utc yesterday = utc_now() - 24h;
    Signing vehicle(settings());
    peer.send(vehicle.sign(heartbeat_of(1), yesterday), port);
    std::optional<Bytes> answer;
    ASSERT_TRUE(loop.until([&] {
        answer = answer ? answer : peer.read();
        return answer.has_value();
    }));
    EXPECT_TRUE(heard.samples.empty());
    Signing of_vehicle(settings());
    EXPECT_EQ(verdict_of(of_vehicle, *answer, yesterday), Verdict::good);
    EXPECT_EQ(verdict_of(vehicle, *answer, yesterday), Verdict::good); // it knows now what time it is
    peer.send(vehicle.sign(heartbeat_of(1), yesterday), port);
    ASSERT_TRUE(loop.until([&] { return heard.said(LinkState::up) && !heard.samples.empty(); }));
    EXPECT_EQ(heard.samples[0].first, "1");
    EXPECT_EQ((*link)->counters().refused, 2U);
}
