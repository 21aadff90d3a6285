// What a vehicle's messages mean: codec edges, time, which source counts, the gimbal's angles, modes.
#include "plugins/links/mavlink/codec.hpp"
#include "plugins/links/mavlink/framer.hpp"
#include "plugins/links/mavlink/messages.hpp"
#include "plugins/links/mavlink/vehicle.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

using namespace masthead;
using namespace masthead::mavlink;

namespace {

using namespace std::chrono_literals;

constexpr Utc kStart{1'795'350'896'000'000};
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Message attitude_message(std::uint32_t boot_ms, double roll_deg, double pitch_deg, double yaw_deg) {
    constexpr double kRadians = std::numbers::pi / 180;
    Message message{.id = attitude::kId, .system = 1, .component = 1};
    message.set(attitude::time_boot_ms, boot_ms);
    message.set(attitude::roll, static_cast<float>(roll_deg * kRadians));
    message.set(attitude::pitch, static_cast<float>(pitch_deg * kRadians));
    message.set(attitude::yaw, static_cast<float>(yaw_deg * kRadians));
    return message;
}

Message gimbal_message(std::uint32_t boot_ms, double pitch_deg, double yaw_deg, std::uint16_t flags) {
    using namespace gimbal_device_attitude_status;
    constexpr double kRadians = std::numbers::pi / 180;
    const Quaternion turned = to_quaternion({0, pitch_deg * kRadians, yaw_deg * kRadians});
    Message message{.id = kId, .system = 1, .component = 1};
    message.set(time_boot_ms, boot_ms);
    message.set(q, static_cast<float>(turned.w), 0);
    message.set(q, static_cast<float>(turned.x), 1);
    message.set(q, static_cast<float>(turned.y), 2);
    message.set(q, static_cast<float>(turned.z), 3);
    message.set(gimbal_device_attitude_status::flags, flags);
    return message;
}

Message heartbeat_message(std::uint8_t autopilot, std::uint8_t type, std::uint32_t custom_mode,
                          std::uint8_t component = 1) {
    Message message{.id = heartbeat::kId, .system = 1, .component = component};
    message.set(heartbeat::autopilot, autopilot);
    message.set(heartbeat::type, type);
    message.set(heartbeat::base_mode, 1);
    message.set(heartbeat::custom_mode, custom_mode);
    return message;
}

Message system_time_message(std::uint32_t boot_ms, Utc utc) {
    Message message{.id = system_time::kId, .system = 1, .component = 1};
    message.set(system_time::time_boot_ms, boot_ms);
    message.set(system_time::time_unix_usec, static_cast<std::uint64_t>(utc.us));
    return message;
}

Sample only(const std::optional<std::vector<Sample>>& samples) {
    EXPECT_TRUE(samples && samples->size() == 1);
    return samples && !samples->empty() ? samples->front() : Sample();
}

std::size_t messages_in(ByteSpan bytes, LinkCounters& counters) {
    Framer framer;
    std::size_t count = 0;
    framer.push(bytes, counters, [&](const Message&) { ++count; });
    return count;
}

} // namespace

TEST(MavlinkCodec, CutsTrailingZerosInVersion2ButNeverTheFirstByte) {
    const Message message{.id = attitude::kId, .system = 1, .component = 1};
    EXPECT_EQ(write_packet(message).size(), 10U + 1U + 2U);
    Message v1 = message;
    v1.version = Version::v1;
    EXPECT_EQ(write_packet(v1).size(), 6U + 28U + 2U);
    EXPECT_EQ(read_packet(write_packet(message)).reading, Reading::message);
}

TEST(MavlinkCodec, SkipsASignatureAndWaitsForAllOfIt) {
    Bytes packet = write_packet(attitude_message(1000, 1, 2, 3));
    packet[2] = std::byte{1}; // signed: the flag is part of what the checksum covers
    const auto crc =
        checksum(ByteSpan(packet).subspan(1, packet.size() - 3), message_row(attitude::kId)->crc_extra);
    packet[packet.size() - 2] = static_cast<std::byte>(crc & 0xFF);
    packet[packet.size() - 1] = static_cast<std::byte>(crc >> 8);
    EXPECT_EQ(read_packet(packet).reading, Reading::incomplete);
    packet.resize(packet.size() + 13);
    const ReadPacket read = read_packet(packet);
    EXPECT_EQ(read.reading, Reading::message);
    EXPECT_EQ(read.size, packet.size());
}

TEST(MavlinkCodec, RefusesAPacketWithAFlagThatItDoesNotKnow) {
    Bytes packet = write_packet(attitude_message(1000, 1, 2, 3));
    packet[2] = std::byte{2};
    EXPECT_EQ(read_packet(packet).reading, Reading::malformed);
}

TEST(MavlinkCodec, TakesALongerPayloadOfANewerDefinition) {
    Bytes packet = write_packet(attitude_message(1000, 1, 2, 3));
    packet.insert(packet.end() - 2, 4, std::byte{9});
    packet[1] = static_cast<std::byte>(std::to_integer<unsigned>(packet[1]) + 4);
    const auto crc =
        checksum(ByteSpan(packet).subspan(1, packet.size() - 3), message_row(attitude::kId)->crc_extra);
    packet[packet.size() - 2] = static_cast<std::byte>(crc & 0xFF);
    packet[packet.size() - 1] = static_cast<std::byte>(crc >> 8);
    const ReadPacket read = read_packet(packet);
    EXPECT_EQ(read.reading, Reading::message);
    EXPECT_EQ(read.message.get(attitude::time_boot_ms), 1000U);
}

TEST(MavlinkFramer, FindsPacketsAgainAfterGarbageAndHalfAPacket) {
    const Bytes packet = write_packet(attitude_message(1000, 1, 2, 3));
    Bytes stream = *from_hex("00fd11fe");
    stream.insert(stream.end(), packet.begin(), packet.begin() + 20);
    for (int i = 0; i < 20; ++i) { // what follows a false start is read too, once it is known to be false
        stream.insert(stream.end(), packet.begin(), packet.end());
    }
    LinkCounters counters;
    EXPECT_EQ(messages_in(stream, counters), 20U);
    EXPECT_GT(counters.bad_checksum + counters.malformed, 0U);
}

TEST(MavlinkFramer, GivesUpHalfAPacketWhenTheNextDatagramIsWhole) {
    const Bytes packet = write_packet(attitude_message(1000, 1, 2, 3));
    Framer framer;
    LinkCounters counters;
    int count = 0;
    const auto take = [&](const Message&) { ++count; };
    framer.push_datagram(ByteSpan(packet).first(12), counters, take);
    framer.push_datagram(packet, counters, take);
    EXPECT_EQ(count, 1);
    EXPECT_EQ(counters.malformed, 1U);
}

TEST(MavlinkVehicle, TakesItsUtcFromSystemTime) {
    Vehicle vehicle;
    ASSERT_TRUE(vehicle.receive(system_time_message(10'000, kStart), kStart + 80ms));
    const Sample sample = only(vehicle.receive(attitude_message(10'500, 1, 2, 3), kStart + 600ms));
    EXPECT_EQ(sample.time_source, TimeSource::vehicle);
    EXPECT_EQ(sample.time, kStart + 500ms);
}

TEST(MavlinkVehicle, IsMappedByTheFastestPacketWithoutSystemTime) {
    Vehicle vehicle;
    ASSERT_TRUE(vehicle.receive(attitude_message(10'000, 1, 2, 3), kStart + 150ms));
    ASSERT_TRUE(vehicle.receive(attitude_message(10'100, 1, 2, 3), kStart + 110ms));
    const Sample sample = only(vehicle.receive(attitude_message(10'200, 1, 2, 3), kStart + 330ms));
    EXPECT_EQ(sample.time_source, TimeSource::mapped);
    EXPECT_EQ(sample.time, kStart + 210ms);
}

TEST(MavlinkVehicle, IsNotBelievedWhenItsUtcIsMoreThanTwoSecondsAway) {
    Vehicle vehicle;
    ASSERT_TRUE(vehicle.receive(system_time_message(10'000, kStart - 1h), kStart));
    const Sample sample = only(vehicle.receive(attitude_message(10'500, 1, 2, 3), kStart + 600ms));
    EXPECT_EQ(sample.time_source, TimeSource::mapped);
    EXPECT_EQ(sample.time, kStart + 500ms);
    EXPECT_EQ(*vehicle.clock_error(), -1h);
}

TEST(MavlinkVehicle, KeepsItsTimeOverTheWrapOfItsClockAndOverARestart) {
    Vehicle vehicle;
    constexpr std::uint32_t kLast = 0xFFFFFFFF;
    ASSERT_TRUE(vehicle.receive(system_time_message(kLast - 99, kStart), kStart));
    EXPECT_EQ(only(vehicle.receive(attitude_message(400, 1, 2, 3), kStart + 520ms)).time, kStart + 500ms);
    const Sample restarted = only(vehicle.receive(attitude_message(300, 1, 2, 3), kStart + 20s));
    EXPECT_LE(restarted.time, kStart + 20s);
    Vehicle other;
    ASSERT_TRUE(other.receive(system_time_message(900'000, kStart), kStart));
    const Sample sample = only(other.receive(attitude_message(5'000, 1, 2, 3), kStart + 30s));
    EXPECT_EQ(sample.time, kStart + 30s);
    EXPECT_EQ(sample.time_source, TimeSource::mapped);
}

TEST(MavlinkVehicle, IsTimedByArrivalWhenItDoesNotKnow) {
    Vehicle vehicle;
    const Sample sample = only(vehicle.receive(attitude_message(0, 1, 2, 3), kStart));
    EXPECT_EQ(sample.time_source, TimeSource::arrival);
    EXPECT_EQ(sample.time, kStart);
}

TEST(MavlinkVehicle, PrefersTheFinerSourceAsLongAsItComes) {
    Vehicle vehicle;
    Message hud{.id = vfr_hud::kId, .system = 1, .component = 1};
    hud.set(vfr_hud::heading, 90);
    hud.set(vfr_hud::airspeed, 12);
    EXPECT_DOUBLE_EQ(*only(vehicle.receive(hud, kStart)).heading_deg, 90);
    ASSERT_TRUE(vehicle.receive(attitude_message(1000, 0, 0, -90.5), kStart + 1s));
    const Sample both = only(vehicle.receive(hud, kStart + 2s));
    EXPECT_FALSE(both.heading_deg);
    EXPECT_DOUBLE_EQ(*both.air_speed_mps, 12);
    EXPECT_DOUBLE_EQ(*only(vehicle.receive(hud, kStart + 4s)).heading_deg, 90);
}

TEST(MavlinkVehicle, TellsTheEllipsoidAltitudeWithEveryPositionOnceTheReceiverSaidBoth) {
    Vehicle vehicle;
    Message gps{.id = gps_raw_int::kId, .system = 1, .component = 1};
    gps.set(gps_raw_int::fix_type, 3);
    gps.set(gps_raw_int::alt, 100'000);
    gps.set(gps_raw_int::alt_ellipsoid, 117'800);
    gps.set(gps_raw_int::satellites_visible, 9);
    EXPECT_DOUBLE_EQ(*only(vehicle.receive(gps, kStart)).altitude_hae_m, 117.8);
    Message position{.id = global_position_int::kId, .system = 1, .component = 1};
    position.set(global_position_int::lat, 594'400'000);
    position.set(global_position_int::alt, 103'500); // the estimator's own
    EXPECT_NEAR(*only(vehicle.receive(position, kStart + 50ms)).altitude_hae_m, 121.3, 1e-9);
    EXPECT_FALSE(only(vehicle.receive(gps, kStart + 100ms)).altitude_hae_m); // two sources would jump
    EXPECT_FALSE(only(vehicle.receive(position, kStart + 31s)).altitude_hae_m);
}

TEST(MavlinkVehicle, LeavesOutWhatIsUnknownOrImpossible) {
    Vehicle vehicle;
    EXPECT_TRUE(vehicle.receive(attitude_message(1000, kNaN, kNaN, kNaN), kStart)->empty());
    Message position{.id = global_position_int::kId, .system = 1, .component = 1};
    position.set(global_position_int::hdg, 0xFFFF);
    const Sample sample = only(vehicle.receive(position, kStart + 5s));
    EXPECT_FALSE(sample.latitude_deg);
    EXPECT_FALSE(sample.heading_deg);
    EXPECT_FALSE(sample.course_deg); // it stands still
    Message status{.id = sys_status::kId, .system = 1, .component = 1};
    status.set(sys_status::voltage_battery, 0xFFFF);
    status.set(sys_status::battery_remaining, -1);
    EXPECT_TRUE(vehicle.receive(status, kStart)->empty());
    Message fov{.id = camera_fov_status::kId, .system = 1, .component = 1};
    fov.set(camera_fov_status::lat_image, 594'400'000); // too seldom to be a frame's own
    fov.set(camera_fov_status::lon_image, 247'500'000);
    fov.set(camera_fov_status::hfov, 63.5F);
    fov.set(camera_fov_status::vfov, kNaN);
    const Sample camera = only(vehicle.receive(fov, kStart));
    EXPECT_FALSE(camera.frame_center);
    EXPECT_FALSE(camera.vertical_fov_deg);
    EXPECT_NEAR(*camera.horizontal_fov_deg, 63.5, 1e-6);
}

TEST(MavlinkVehicle, TiesAGimbalThatKeepsTheHorizonToItsBankedBody) {
    constexpr std::uint16_t kYawInVehicleFrame = 32;
    Vehicle vehicle;
    ASSERT_TRUE(vehicle.receive(attitude_message(1000, 0, 10, 50), kStart));
    // Level to the horizon and ahead: against a body that is pitched up by 10 degrees it looks down by 10.
    const auto samples = vehicle.receive(gimbal_message(1000, 0, 0, kYawInVehicleFrame), kStart);
    EXPECT_NEAR(*only(samples).camera_elevation_deg, -10, 1e-4);
    EXPECT_NEAR(std::remainder(*only(samples).camera_azimuth_deg, 360), 0, 1e-4);
    // Banked to the right by 20 degrees, looking right at the horizon: that is up, seen from the body.
    ASSERT_TRUE(vehicle.receive(attitude_message(2000, 20, 0, 50), kStart + 1s));
    const Sample right = only(vehicle.receive(gimbal_message(2000, 0, 90, kYawInVehicleFrame), kStart + 1s));
    EXPECT_NEAR(*right.camera_azimuth_deg, 90, 1e-3);
    EXPECT_NEAR(*right.camera_elevation_deg, 20, 1e-3);
}

TEST(MavlinkVehicle, TakesAGimbalsYawFromNorthWhenItSaysSo) {
    constexpr std::uint16_t kYawInEarthFrame = 64, kYawLock = 16;
    Vehicle vehicle;
    for (const std::uint16_t flags : {kYawInEarthFrame, kYawLock}) {
        ASSERT_TRUE(vehicle.receive(attitude_message(1000, 0, 0, 50), kStart));
        const Sample sample = only(vehicle.receive(gimbal_message(1000, -30, 80, flags), kStart));
        EXPECT_NEAR(*sample.camera_azimuth_deg, 30, 1e-3);
        EXPECT_NEAR(*sample.camera_elevation_deg, -30, 1e-3);
    }
    Vehicle blind; // no attitude: where the nose points is not known
    EXPECT_TRUE(blind.receive(gimbal_message(1000, -30, 80, kYawInEarthFrame), kStart)->empty());
}

TEST(MavlinkVehicle, WaitsForTheAttitudeAfterAGimbalToBlendBetweenTheTwo) {
    constexpr std::uint16_t kYawInVehicleFrame = 32;
    Vehicle vehicle;
    ASSERT_TRUE(vehicle.receive(attitude_message(1000, 0, 0, 0), kStart));
    EXPECT_TRUE(vehicle.receive(gimbal_message(1050, 0, 0, kYawInVehicleFrame), kStart + 60ms)->empty());
    const auto samples = vehicle.receive(attitude_message(1100, 0, 10, 0), kStart + 100ms);
    ASSERT_EQ(samples->size(), 2U);
    EXPECT_NEAR(*samples->back().camera_elevation_deg, -5, 0.01);
    EXPECT_EQ(samples->back().time, kStart + 50ms);
    // One that is not followed by an attitude is not kept back for long.
    ASSERT_TRUE(vehicle.receive(gimbal_message(1200, 0, 0, kYawInVehicleFrame), kStart + 200ms)->empty());
    EXPECT_EQ(vehicle.receive(heartbeat_message(3, 2, 5), kStart + 500ms)->size(), 2U);
}

TEST(MavlinkVehicle, ListensToItsAutopilotAlone) {
    Vehicle vehicle;
    EXPECT_FALSE(vehicle.receive(heartbeat_message(8, 6, 0, 190), kStart));  // a ground station
    EXPECT_FALSE(vehicle.receive(heartbeat_message(8, 26, 0, 154), kStart)); // a gimbal
    EXPECT_FALSE(vehicle.autopilot());
    EXPECT_EQ(only(vehicle.receive(heartbeat_message(3, 2, 5), kStart)).mode, "LOITER");
    EXPECT_FALSE(vehicle.receive(heartbeat_message(3, 2, 6, 191), kStart)); // a companion computer
    Message elsewhere = attitude_message(1000, 1, 2, 3);
    elsewhere.component = 191;
    EXPECT_FALSE(vehicle.receive(elsewhere, kStart));
}

TEST(MavlinkModes, AreWordsOfTheAutopilotThatSaysThem) {
    EXPECT_EQ(mode_name({1, 3, 2}, 1, 17), "BRAKE");
    EXPECT_EQ(mode_name({1, 3, 1}, 1, 17), "QSTABILIZE");
    EXPECT_EQ(mode_name({1, 3, 21}, 1, 19), "QLOITER");
    EXPECT_EQ(mode_name({1, 3, 11}, 1, 5), "LOITER");
    EXPECT_EQ(mode_name({1, 3, 12}, 1, 16), "POSHOLD");
    EXPECT_EQ(mode_name({1, 12, 2}, 1, 4U << 16 | 5U << 24), "AUTO.RTL");
    EXPECT_EQ(mode_name({1, 12, 2}, 1, 3U << 16), "POSCTL");
    EXPECT_EQ(mode_name({1, 3, 2}, 1, 200), "MODE 200");
    EXPECT_EQ(mode_name({1, 0, 2}, 4, 0), "AUTO");
    EXPECT_EQ(mode_name({1, 0, 2}, 0, 0), "PREFLIGHT");
}
