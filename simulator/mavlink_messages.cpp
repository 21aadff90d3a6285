// The drone's messages, as ArduCopter sends them. All come from component 1, which owns the gimbal too.
#include "simulator/mavlink_messages.hpp"

#include "plugins/links/mavlink/messages.hpp"

#include <cmath>
#include <limits>
#include <numbers>

namespace masthead::sim {

namespace {

using mavlink::Message;

constexpr double kDegree = std::numbers::pi / 180;

float radians(double deg) { return static_cast<float>(std::remainder(deg, 360) * kDegree); }
template <typename Int>
Int scaled(double value, double scale) {
    return static_cast<Int>(std::llround(value * scale));
}

/// ArduCopter's numbers.
std::uint32_t custom_mode(Mode mode) {
    constexpr std::uint32_t kNumbers[] = {3, 17, 6, 4, 9}; // AUTO, BRAKE, RTL, GUIDED, LAND
    return kNumbers[static_cast<std::size_t>(mode)];
}

Message heartbeat(const MavlinkMoment& now) {
    using namespace mavlink::heartbeat;
    constexpr std::uint8_t kQuadrotor = 2, kArdupilot = 3, kActive = 4, kMavlink2 = 3;
    constexpr std::uint8_t kArmed = 128, kStabilize = 16, kGuided = 8, kAuto = 4, kCustomMode = 1;
    Message m{.id = kId};
    m.set(type, kQuadrotor);
    m.set(autopilot, kArdupilot);
    m.set(base_mode,
          static_cast<std::uint8_t>((now.truth.sample.armed.value_or(true) ? kArmed : 0) | kStabilize |
                                    kGuided | kCustomMode | (now.truth.mode == Mode::mission ? kAuto : 0)));
    m.set(mavlink::heartbeat::custom_mode, sim::custom_mode(now.truth.mode));
    m.set(system_status, kActive);
    m.set(mavlink_version, kMavlink2);
    return m;
}

Message system_time(const MavlinkMoment& now) {
    using namespace mavlink::system_time;
    Message m{.id = kId};
    m.set(time_unix_usec, static_cast<std::uint64_t>(now.truth.sample.time.us));
    m.set(time_boot_ms, now.boot_ms);
    return m;
}

Message attitude(const MavlinkMoment& now) {
    using namespace mavlink::attitude;
    const Truth& t = now.truth;
    Message m{.id = kId};
    m.set(time_boot_ms, now.boot_ms);
    m.set(roll, radians(t.camera.roll_deg));
    m.set(pitch, radians(t.camera.pitch_deg));
    m.set(yaw, radians(t.camera.heading_deg));
    // Body rates from the angles' own rates.
    const double r = t.camera.roll_deg * kDegree, p = t.camera.pitch_deg * kDegree;
    const double dr = t.rates_dps.roll_deg * kDegree, dp = t.rates_dps.pitch_deg * kDegree,
                 dh = t.rates_dps.heading_deg * kDegree;
    m.set(rollspeed, static_cast<float>(dr - dh * std::sin(p)));
    m.set(pitchspeed, static_cast<float>(dp * std::cos(r) + dh * std::cos(p) * std::sin(r)));
    m.set(yawspeed, static_cast<float>(-dp * std::sin(r) + dh * std::cos(p) * std::cos(r)));
    return m;
}

Message global_position(const MavlinkMoment& now) {
    using namespace mavlink::global_position_int;
    const Sample& s = now.truth.sample;
    Message m{.id = kId};
    m.set(time_boot_ms, now.boot_ms);
    m.set(lat, scaled<std::int32_t>(*s.latitude_deg, 1e7));
    m.set(lon, scaled<std::int32_t>(*s.longitude_deg, 1e7));
    m.set(alt, scaled<std::int32_t>(*s.altitude_msl_m, 1e3));
    m.set(relative_alt, scaled<std::int32_t>(*s.altitude_agl_m, 1e3));
    m.set(vx, scaled<std::int16_t>(*s.velocity_north_mps, 100));
    m.set(vy, scaled<std::int16_t>(*s.velocity_east_mps, 100));
    m.set(vz, scaled<std::int16_t>(-*s.climb_mps, 100));
    m.set(hdg, static_cast<std::uint16_t>(scaled<int>(*s.heading_deg, 100) % 36000));
    return m;
}

Message gps_raw(const MavlinkMoment& now) {
    using namespace mavlink::gps_raw_int;
    constexpr std::uint8_t kFix3d = 3;
    const Sample& s = now.truth.sample;
    Message m{.id = kId};
    m.set(time_usec, static_cast<std::uint64_t>(s.time.us));
    m.set(lat, scaled<std::int32_t>(*s.latitude_deg, 1e7));
    m.set(lon, scaled<std::int32_t>(*s.longitude_deg, 1e7));
    m.set(alt, scaled<std::int32_t>(*s.altitude_msl_m, 1e3));
    m.set(eph, 80);
    m.set(epv, 120);
    m.set(vel, scaled<std::uint16_t>(*s.ground_speed_mps, 100));
    m.set(cog, static_cast<std::uint16_t>(scaled<int>(*s.course_deg, 100) % 36000));
    m.set(fix_type, kFix3d);
    m.set(satellites_visible, static_cast<std::uint8_t>(s.satellites.value_or(0)));
    m.set(alt_ellipsoid, scaled<std::int32_t>(*s.altitude_hae_m, 1e3));
    return m;
}

Message vfr_hud(const MavlinkMoment& now) {
    using namespace mavlink::vfr_hud;
    const Sample& s = now.truth.sample;
    Message m{.id = kId};
    m.set(airspeed, static_cast<float>(*s.air_speed_mps));
    m.set(groundspeed, static_cast<float>(*s.ground_speed_mps));
    m.set(alt, static_cast<float>(*s.altitude_msl_m));
    m.set(climb, static_cast<float>(*s.climb_mps));
    m.set(heading, static_cast<std::int16_t>(scaled<int>(*s.heading_deg, 1) % 360));
    m.set(throttle, 46);
    return m;
}

Message gimbal(const MavlinkMoment& now) {
    using namespace mavlink::gimbal_device_attitude_status;
    constexpr std::uint16_t kRollLock = 4, kPitchLock = 8, kYawInVehicleFrame = 32;
    const Truth& t = now.truth;
    // Yaw counts from the nose, pitch and roll from the horizon.
    const auto turned = quaternion(
        {t.camera_ned.heading_deg - t.camera.heading_deg, t.camera_ned.pitch_deg, t.camera_ned.roll_deg});
    Message m{.id = kId};
    m.set(time_boot_ms, now.boot_ms);
    for (std::size_t i = 0; i < turned.size(); ++i) {
        m.set(q, static_cast<float>(turned[i]), i);
    }
    constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
    m.set(angular_velocity_x, kUnknown);
    m.set(angular_velocity_y, kUnknown);
    m.set(angular_velocity_z, kUnknown);
    m.set(flags, kRollLock | kPitchLock | kYawInVehicleFrame);
    m.set(delta_yaw, kUnknown);
    m.set(delta_yaw_velocity, kUnknown);
    m.set(gimbal_device_id, 1);
    return m;
}

Message camera_fov(const MavlinkMoment& now) {
    using namespace mavlink::camera_fov_status;
    constexpr std::int32_t kUnknown = std::numeric_limits<std::int32_t>::max();
    const Sample& s = now.truth.sample;
    Message m{.id = kId};
    m.set(time_boot_ms, now.boot_ms);
    m.set(lat_camera, scaled<std::int32_t>(*s.latitude_deg, 1e7));
    m.set(lon_camera, scaled<std::int32_t>(*s.longitude_deg, 1e7));
    m.set(alt_camera, scaled<std::int32_t>(*s.altitude_msl_m, 1e3));
    m.set(lat_image, s.frame_center ? scaled<std::int32_t>(s.frame_center->latitude_deg, 1e7) : kUnknown);
    m.set(lon_image, s.frame_center ? scaled<std::int32_t>(s.frame_center->longitude_deg, 1e7) : kUnknown);
    m.set(alt_image, s.frame_center ? 0 : kUnknown);
    const auto turned = quaternion(now.truth.camera_ned);
    for (std::size_t i = 0; i < turned.size(); ++i) {
        m.set(q, static_cast<float>(turned[i]), i);
    }
    m.set(hfov, static_cast<float>(*s.horizontal_fov_deg));
    m.set(vfov, static_cast<float>(*s.vertical_fov_deg));
    return m;
}

constexpr std::uint16_t kCurrentCentiamperes = 1820;

Message sys_status(const MavlinkMoment& now) {
    using namespace mavlink::sys_status;
    constexpr std::uint32_t kSensors = 0x1f | 1u << 5; // gyro, accelerometer, compass, pressures, GPS
    const Sample& s = now.truth.sample;
    Message m{.id = kId};
    m.set(onboard_control_sensors_present, kSensors);
    m.set(onboard_control_sensors_enabled, kSensors);
    m.set(onboard_control_sensors_health, kSensors);
    m.set(load, 230);
    m.set(voltage_battery, scaled<std::uint16_t>(*s.battery_v, 1e3));
    m.set(current_battery, kCurrentCentiamperes);
    m.set(battery_remaining, scaled<std::int8_t>(*s.battery_percent, 1));
    return m;
}

Message battery_status(const MavlinkMoment& now) {
    using namespace mavlink::battery_status;
    constexpr std::uint8_t kLithiumPolymer = 1;
    constexpr std::int16_t kCentidegrees = 3100;
    constexpr std::size_t kCells = 4;
    const Sample& s = now.truth.sample;
    Message m{.id = kId};
    m.set(current_consumed, scaled<std::int32_t>(100 - *s.battery_percent, 52));
    m.set(energy_consumed, -1);
    m.set(temperature, kCentidegrees);
    for (std::size_t i = 0; i < voltages.count; ++i) {
        m.set(voltages, i < kCells ? scaled<std::uint16_t>(*s.battery_v, 1e3 / kCells) : 0xffff, i);
    }
    m.set(current_battery, kCurrentCentiamperes);
    m.set(type, kLithiumPolymer);
    m.set(battery_remaining, scaled<std::int8_t>(*s.battery_percent, 1));
    return m;
}

constexpr MavlinkRow kRows[] = {
    {1000, 0, heartbeat},     {1000, 1, system_time},     {20, 3, attitude},  {20, 8, gimbal},
    {50, 5, global_position}, {200, 12, gps_raw},         {250, 17, vfr_hud}, {200, 23, camera_fov},
    {1000, 29, sys_status},   {1000, 35, battery_status},
};

} // namespace

std::span<const MavlinkRow> mavlink_rows() { return kRows; }

} // namespace masthead::sim
