// Vehicle: what one MAVLink system has said so far, and how its messages become samples. Pure: time is an
// argument.
#pragma once

#include "plugins/links/mavlink/codec.hpp"
#include "plugins/links/mavlink/modes.hpp"
#include "plugins/links/mavlink/orientation.hpp"
#include "plugins/links/mavlink/vehicle_clock.hpp"
#include "plugins/telemetry/sample.hpp"

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace masthead::mavlink {

/// One system id. Where two messages say the same thing, the finer one counts as long as it comes (ATTITUDE
/// before VFR_HUD's whole degrees), so that a value does not jump between sources. Thread: any one at a time.
class Vehicle {
  public:
    /// What `message` says, as samples with the fields it has (none, when it is of no use or waits for a
    /// later attitude; two or more, when one that waited is ready). Nothing at all for a message of no use
    /// here.
    [[nodiscard]] std::optional<std::vector<Sample>> receive(const Message& message, Utc arrival);

    /// Known from its HEARTBEAT.
    [[nodiscard]] const std::optional<Autopilot>& autopilot() const noexcept { return autopilot_; }
    /// Whom a command for this part of the vehicle goes to: a gimbal's manager and a camera that were not
    /// heard are the autopilot's. Nothing: it was not heard.
    [[nodiscard]] std::optional<std::uint8_t> component_of(commands::Component part) const;
    /// As the autopilot reckons it: its altitude minus its height above home.
    [[nodiscard]] std::optional<double> home_altitude_msl_m() const noexcept { return home_altitude_msl_m_; }
    /// The version of the last message.
    [[nodiscard]] Version version() const noexcept { return version_; }
    /// How far its UTC is from ours, when too far to be believed.
    [[nodiscard]] std::optional<std::chrono::microseconds> clock_error() const;

    /// For the readers of vehicle.cpp's table: `id` was heard within the last two seconds.
    [[nodiscard]] bool fresh(std::uint32_t id, Utc arrival) const;
    /// Height of mean sea level above the ellipsoid here, as the GPS receiver told it lately. With it the
    /// estimator's altitude gives the one above the ellipsoid too, as often and as smooth.
    [[nodiscard]] std::optional<double> geoid_separation_m(Utc arrival) const;

  private:
    /// A gimbal's angles against the horizon, waiting for the attitude that ties them to the body.
    struct Gimbal {
        VehicleClock::Instant instant;
        Utc arrival;
        Quaternion rotation;
        bool yaw_from_north = false;
    };

    struct Separation {
        double metres;
        Utc arrival;
    };

    void remember_component(const Message& message);
    void remember_home(const Message& message);
    std::optional<Sample> receive_heartbeat(const Message& message, Utc arrival);
    void remember_attitude(const Message& message, Utc time);
    void remember_separation(const Message& message, Utc arrival);
    [[nodiscard]] std::optional<Gimbal> gimbal_of(const Message& message) const;
    [[nodiscard]] std::vector<Sample> finished_gimbals(Utc arrival);
    [[nodiscard]] VehicleClock::Instant instant_of(const Message& message, Utc arrival);

    std::optional<Autopilot> autopilot_;
    std::map<commands::Component, std::uint8_t> components_; // but the autopilot's
    std::optional<double> home_altitude_msl_m_;
    Version version_ = Version::v2;
    std::map<std::uint8_t, VehicleClock> clocks_; // by component: a gimbal or camera boots by itself
    std::map<std::uint32_t, Utc> heard_;          // message id -> arrival
    AttitudeHistory attitudes_;
    std::optional<Separation> separation_;
    std::deque<Gimbal> gimbals_;
};

} // namespace masthead::mavlink
