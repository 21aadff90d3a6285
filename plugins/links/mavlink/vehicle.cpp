// MAVLink messages -> samples. One row a message; the readers below say what each field means.
#include "plugins/links/mavlink/vehicle.hpp"

#include "plugins/links/limits.hpp"
#include "plugins/links/mavlink/messages.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masthead::mavlink {

namespace {

constexpr double kDegrees = 180.0 / std::numbers::pi;
constexpr double kE7 = 1e-7;
constexpr double kMilli = 1e-3;
constexpr double kCenti = 1e-2;
constexpr std::uint16_t kUnknown16 = 0xFFFF;
constexpr double kMovingMps = 0.3; // below this a course over ground is noise
constexpr std::int64_t kFreshUs = 2'000'000;
constexpr std::int64_t kSeparationUs = 30'000'000; // metres over tens of kilometres: slow for any vehicle
constexpr std::int64_t kGimbalWaitUs = 250'000;
constexpr std::size_t kMaxGimbals = 64;
constexpr std::uint8_t kAutopilotInvalid = 8; // MAV_AUTOPILOT_INVALID: a ground station, gimbal, camera...
constexpr std::uint8_t kTypeGroundStation = 6;
constexpr std::uint8_t kTypeOnboardController = 18;
constexpr std::uint8_t kTypeCamera = 30;
constexpr std::uint8_t kArmed = 128;
constexpr std::uint8_t kDefaultAutopilotComponent = 1;

void read_attitude(const Message& m, const Vehicle&, Utc, Sample& s) {
    s.roll_deg = m.get(attitude::roll) * kDegrees;
    s.pitch_deg = m.get(attitude::pitch) * kDegrees;
    s.heading_deg = wrap_360(m.get(attitude::yaw) * kDegrees);
}

std::optional<Quaternion> rotation_of(const Message& m) {
    using namespace attitude_quaternion;
    return Quaternion{m.get(q1), m.get(q2), m.get(q3), m.get(q4)}.normalized();
}

void read_attitude_quaternion(const Message& m, const Vehicle& v, Utc now, Sample& s) {
    const auto rotation = rotation_of(m);
    if (!rotation || v.fresh(attitude::kId, now)) {
        return;
    }
    const Euler angles = to_euler(*rotation);
    s.roll_deg = angles.roll * kDegrees;
    s.pitch_deg = angles.pitch * kDegrees;
    s.heading_deg = wrap_360(angles.yaw * kDegrees);
}

bool has_attitude(const Vehicle& v, Utc now) {
    return v.fresh(attitude::kId, now) || v.fresh(attitude_quaternion::kId, now);
}

void read_global_position(const Message& m, const Vehicle& v, Utc now, Sample& s) {
    using namespace global_position_int;
    if (m.get(lat) != 0 || m.get(lon) != 0) { // both 0 is an estimator without a position
        s.latitude_deg = m.get(lat) * kE7;
        s.longitude_deg = m.get(lon) * kE7;
        s.altitude_msl_m = m.get(alt) * kMilli;
        if (const auto separation = v.geoid_separation_m(now)) {
            s.altitude_hae_m = *s.altitude_msl_m + *separation;
        }
    }
    s.altitude_agl_m = m.get(relative_alt) * kMilli;
    const double north = m.get(vx) * kCenti;
    const double east = m.get(vy) * kCenti;
    s.velocity_north_mps = north;
    s.velocity_east_mps = east;
    s.climb_mps = -m.get(vz) * kCenti;
    s.ground_speed_mps = std::hypot(north, east);
    if (*s.ground_speed_mps >= kMovingMps) {
        s.course_deg = wrap_360(std::atan2(east, north) * kDegrees);
    }
    if (m.get(hdg) != kUnknown16 && !has_attitude(v, now)) {
        s.heading_deg = m.get(hdg) * kCenti;
    }
}

bool is_solid(const Message& gps) {
    return gps.get(gps_raw_int::fix_type) >= 3; // GPS_FIX_TYPE_3D_FIX
}

void read_gps(const Message& m, const Vehicle& v, Utc now, Sample& s) {
    using namespace gps_raw_int;
    if (m.get(satellites_visible) != 0xFF) {
        s.satellites = m.get(satellites_visible);
    }
    const bool flat = m.get(fix_type) >= 2; // GPS_FIX_TYPE_2D_FIX
    const bool solid = is_solid(m);
    if (v.fresh(global_position_int::kId, now) || !flat) {
        return;
    }
    s.latitude_deg = m.get(lat) * kE7;
    s.longitude_deg = m.get(lon) * kE7;
    if (solid) {
        s.altitude_msl_m = m.get(alt) * kMilli;
        if (m.get(alt_ellipsoid) != 0) {
            s.altitude_hae_m = m.get(alt_ellipsoid) * kMilli;
        }
    }
    if (m.get(vel) != kUnknown16) {
        s.ground_speed_mps = m.get(vel) * kCenti;
    }
    if (m.get(cog) != kUnknown16 && s.ground_speed_mps.value_or(1) >= kMovingMps) {
        s.course_deg = m.get(cog) * kCenti;
    }
}

void read_vfr_hud(const Message& m, const Vehicle& v, Utc now, Sample& s) {
    using namespace vfr_hud;
    // ArduPilot and PX4 send calibrated air speed here; nothing on MAVLink says true air speed more widely.
    s.air_speed_mps = m.get(airspeed);
    if (v.fresh(global_position_int::kId, now)) {
        return;
    }
    s.ground_speed_mps = m.get(groundspeed);
    s.climb_mps = m.get(climb);
    if (!v.fresh(altitude::kId, now)) {
        s.altitude_msl_m = m.get(alt);
    }
    if (!has_attitude(v, now) && m.get(heading) >= 0) {
        s.heading_deg = m.get(heading);
    }
}

void read_altitude(const Message& m, const Vehicle& v, Utc now, Sample& s) {
    using namespace altitude;
    if (!v.fresh(global_position_int::kId, now)) {
        s.altitude_msl_m = m.get(altitude_amsl);
        s.altitude_agl_m = m.get(altitude_relative);
    }
}

void read_sys_status(const Message& m, const Vehicle&, Utc, Sample& s) {
    using namespace sys_status;
    if (m.get(voltage_battery) != kUnknown16 && m.get(voltage_battery) != 0) { // 0: nothing measures it
        s.battery_v = m.get(voltage_battery) * kMilli;
    }
    if (m.get(battery_remaining) >= 0) {
        s.battery_percent = m.get(battery_remaining);
    }
}

void read_battery(const Message& m, const Vehicle& v, Utc now, Sample& s) {
    using namespace battery_status;
    if (v.fresh(sys_status::kId, now) || m.get(id) != 0) {
        return; // one figure is shown: the vehicle's own sum, else its first battery's
    }
    double sum_mv = 0;
    for (std::size_t cell = 0; cell < voltages.count && m.get(voltages, cell) != kUnknown16; ++cell) {
        sum_mv += m.get(voltages, cell);
    }
    if (sum_mv > 0) {
        s.battery_v = sum_mv * kMilli;
    }
    if (m.get(battery_remaining) >= 0) {
        s.battery_percent = m.get(battery_remaining);
    }
}

void read_wind(const Message& m, const Vehicle&, Utc, Sample& s) {
    s.wind_speed_mps = m.get(wind::speed);
    s.wind_direction_deg = wrap_360(m.get(wind::direction));
}

void read_wind_cov(const Message& m, const Vehicle& v, Utc now, Sample& s) {
    using namespace wind_cov;
    if (v.fresh(wind::kId, now)) {
        return;
    }
    s.wind_speed_mps = std::hypot(m.get(wind_x), m.get(wind_y));
    // The vector says where the air goes to; a wind's direction is where it comes from.
    s.wind_direction_deg = wrap_360(std::atan2(-m.get(wind_y), -m.get(wind_x)) * kDegrees);
}

void read_camera_fov(const Message& m, const Vehicle&, Utc, Sample& s) {
    using namespace camera_fov_status;
    s.horizontal_fov_deg = m.get(hfov);
    s.vertical_fov_deg = m.get(vfov);
    // The message's image centre comes a few times a second at best. It is left to add_footprint(), which
    // computes where the camera looks from the pose and the gimbal angles at each frame's own instant.
}

enum class From : std::uint8_t { autopilot, anyone }; // whose word counts

struct Rule {
    std::uint32_t id;
    From from;
    void (*read)(const Message&, const Vehicle&, Utc arrival, Sample&);
};

constexpr Rule kRules[] = {
    {attitude::kId, From::autopilot, read_attitude},
    {attitude_quaternion::kId, From::autopilot, read_attitude_quaternion},
    {global_position_int::kId, From::autopilot, read_global_position},
    {gps_raw_int::kId, From::autopilot, read_gps},
    {vfr_hud::kId, From::autopilot, read_vfr_hud},
    {altitude::kId, From::autopilot, read_altitude},
    {sys_status::kId, From::autopilot, read_sys_status},
    {battery_status::kId, From::autopilot, read_battery},
    {wind::kId, From::autopilot, read_wind},
    {wind_cov::kId, From::autopilot, read_wind_cov},
    {camera_fov_status::kId, From::anyone, read_camera_fov},
};

} // namespace

bool Vehicle::fresh(std::uint32_t id, Utc arrival) const {
    const auto heard = heard_.find(id);
    return heard != heard_.end() && arrival.us - heard->second.us < kFreshUs;
}

std::optional<double> Vehicle::geoid_separation_m(Utc arrival) const {
    if (!separation_ || arrival.us - separation_->arrival.us > kSeparationUs) {
        return std::nullopt;
    }
    return separation_->metres;
}

std::optional<std::chrono::microseconds> Vehicle::clock_error() const {
    const auto clock = clocks_.find(autopilot_.value_or(Autopilot{}).component);
    return clock != clocks_.end() ? clock->second.disbelieved() : std::nullopt;
}

VehicleClock::Instant Vehicle::instant_of(const Message& message, Utc arrival) {
    VehicleClock& clock = clocks_[message.component];
    for (const FieldRow& field : message_row(message.id)->fields) {
        if (field.name == "time_boot_ms") {
            return clock.at_boot_ms(message.get(Field<std::uint32_t>{message.id, field.offset, 1}), arrival);
        }
        if (field.name == "time_usec") {
            return clock.at_usec(message.get(Field<std::uint64_t>{message.id, field.offset, 1}), arrival);
        }
    }
    return {arrival, TimeSource::arrival};
}

std::optional<std::uint8_t> Vehicle::component_of(commands::Component part) const {
    const auto heard = components_.find(part);
    if (heard != components_.end()) {
        return heard->second;
    }
    return autopilot_ && part != commands::Component::companion ? std::optional(autopilot_->component)
                                                                : std::nullopt;
}

/// Component 0 is everyone: nobody may speak as it.
void Vehicle::remember_component(const Message& m) {
    if (m.component == 0) {
        return;
    }
    if (m.id == gimbal_manager_status::kId) {
        components_[commands::Component::gimbal] = m.component;
    } else if (m.id == heartbeat::kId && m.get(heartbeat::type) == kTypeCamera) {
        components_.try_emplace(commands::Component::camera, m.component); // the first of several
    } else if (m.id == heartbeat::kId && m.get(heartbeat::type) == kTypeOnboardController) {
        components_.try_emplace(commands::Component::companion, m.component);
    }
}

void Vehicle::remember_home(const Message& m) {
    using namespace global_position_int;
    if (m.id == kId) {
        home_altitude_msl_m_ = (m.get(alt) - static_cast<double>(m.get(relative_alt))) * kMilli;
    }
}

std::optional<Sample> Vehicle::receive_heartbeat(const Message& m, Utc arrival) {
    const Autopilot sender{m.component, m.get(heartbeat::autopilot), m.get(heartbeat::type)};
    if (sender.autopilot == kAutopilotInvalid || sender.type == kTypeGroundStation || m.component == 0) {
        return std::nullopt;
    }
    if (autopilot_ && autopilot_->component == kDefaultAutopilotComponent &&
        m.component != kDefaultAutopilotComponent) {
        return std::nullopt; // a second controller beside the autopilot
    }
    autopilot_ = sender;
    const std::uint8_t base_mode = m.get(heartbeat::base_mode);
    return Sample{.time = arrival,
                  .armed = (base_mode & kArmed) != 0,
                  .mode = mode_name(sender, base_mode, m.get(heartbeat::custom_mode))};
}

void Vehicle::remember_attitude(const Message& m, Utc time) {
    if (m.id == attitude::kId) {
        const Euler angles{m.get(attitude::roll), m.get(attitude::pitch), m.get(attitude::yaw)};
        if (const auto rotation = to_quaternion(angles).normalized()) {
            attitudes_.add(time, *rotation);
        }
    } else if (m.id == attitude_quaternion::kId) {
        if (const auto rotation = rotation_of(m)) {
            attitudes_.add(time, *rotation);
        }
    }
}

void Vehicle::remember_separation(const Message& m, Utc arrival) {
    using namespace gps_raw_int;
    if (m.id == kId && is_solid(m) && m.get(alt_ellipsoid) != 0) {
        separation_ = {(m.get(alt_ellipsoid) - static_cast<double>(m.get(alt))) * kMilli, arrival};
    }
}

std::optional<Vehicle::Gimbal> Vehicle::gimbal_of(const Message& m) const {
    Gimbal gimbal;
    if (m.id == gimbal_device_attitude_status::kId) {
        using namespace gimbal_device_attitude_status;
        constexpr std::uint16_t kYawLock = 16, kYawInVehicleFrame = 32, kYawInEarthFrame = 64;
        const auto rotation = Quaternion{m.get(q, 0), m.get(q, 1), m.get(q, 2), m.get(q, 3)}.normalized();
        if (!rotation) {
            return std::nullopt;
        }
        gimbal.rotation = *rotation;
        // Senders from before the two frame flags mean the earth frame by "yaw lock".
        const std::uint16_t set = m.get(flags);
        const bool frame_said = (set & (kYawInVehicleFrame | kYawInEarthFrame)) != 0;
        gimbal.yaw_from_north = (set & (frame_said ? kYawInEarthFrame : kYawLock)) != 0;
        return gimbal;
    }
    Euler angles;
    if (m.id == mount_orientation::kId) {
        using namespace mount_orientation;
        angles = {m.get(roll) / kDegrees, m.get(pitch) / kDegrees, m.get(yaw) / kDegrees};
    } else if (m.id == mount_status::kId) {
        using namespace mount_status;
        const double unit = kCenti / kDegrees;
        angles = {m.get(pointing_b) * unit, m.get(pointing_a) * unit, m.get(pointing_c) * unit};
    } else {
        return std::nullopt;
    }
    const auto rotation = to_quaternion(angles).normalized();
    if (!rotation) {
        return std::nullopt;
    }
    gimbal.rotation = *rotation;
    return gimbal;
}

std::vector<Sample> Vehicle::finished_gimbals(Utc arrival) {
    std::vector<Sample> samples;
    std::erase_if(gimbals_, [&](const Gimbal& gimbal) {
        const bool late = arrival.us - gimbal.arrival.us >= kGimbalWaitUs;
        if (!attitudes_.empty() && !attitudes_.covers(gimbal.instant.time) && !late) {
            return false;
        }
        const auto body = attitudes_.at(gimbal.instant.time);
        if (!body && gimbal.yaw_from_north) {
            return true; // where the nose points is not known
        }
        const Quaternion attitude = body.value_or(Quaternion{});
        const Quaternion heading = to_quaternion({.yaw = to_euler(attitude).yaw});
        const Quaternion rotation = gimbal.yaw_from_north ? gimbal.rotation : heading * gimbal.rotation;
        const Euler angles = to_euler(attitude.conjugate() * rotation);
        samples.push_back({.time = gimbal.instant.time,
                           .time_source = gimbal.instant.source,
                           .camera_azimuth_deg = wrap_360(angles.yaw * kDegrees),
                           .camera_elevation_deg = angles.pitch * kDegrees,
                           .camera_roll_deg = wrap_360(angles.roll * kDegrees)});
        return true;
    });
    return samples;
}

std::optional<std::vector<Sample>> Vehicle::receive(const Message& message, Utc arrival) {
    version_ = message.version;
    const std::uint8_t autopilot_component = autopilot_ ? autopilot_->component : kDefaultAutopilotComponent;
    remember_component(message);
    bool used = message.id == gimbal_manager_status::kId;
    std::optional<Sample> sample;
    if (message.id == heartbeat::kId) {
        sample = receive_heartbeat(message, arrival);
        used = sample.has_value();
    } else if (message.id == system_time::kId) {
        clocks_[message.component].said(message.get(system_time::time_unix_usec),
                                        message.get(system_time::time_boot_ms), arrival);
        used = true;
    } else if (auto gimbal = gimbal_of(message)) {
        gimbal->instant = instant_of(message, arrival);
        gimbal->arrival = arrival;
        gimbals_.push_back(*gimbal);
        if (gimbals_.size() > kMaxGimbals) {
            gimbals_.pop_front();
        }
        used = true;
    }
    const auto rule = std::ranges::find(kRules, message.id, &Rule::id);
    if (rule != std::end(kRules) &&
        (rule->from == From::anyone || message.component == autopilot_component)) {
        const auto instant = instant_of(message, arrival);
        remember_attitude(message, instant.time);
        remember_separation(message, arrival);
        remember_home(message);
        sample = Sample{.time = instant.time, .time_source = instant.source};
        rule->read(message, *this, arrival, *sample);
        heard_[message.id] = arrival;
        used = true;
    }
    std::vector<Sample> samples = finished_gimbals(arrival);
    if (sample) {
        samples.insert(samples.begin(), std::move(*sample));
    }
    for (Sample& each : samples) {
        drop_impossible(each);
    }
    std::erase_if(samples, says_nothing);
    return used || !samples.empty() ? std::optional(std::move(samples)) : std::nullopt;
}

} // namespace masthead::mavlink
