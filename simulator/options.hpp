// The command line of masthead-sim.
#pragma once

#include "plugins/bytes/result.hpp"
#include "simulator/camera.hpp"
#include "simulator/command_line.hpp"
#include "simulator/mavlink_side.hpp"
#include "simulator/mqtt_side.hpp"
#include "simulator/nmea_side.hpp"
#include "simulator/recording_camera.hpp"
#include "simulator/rtsp_camera.hpp"
#include "simulator/ts_camera.hpp"

#include <optional>
#include <span>
#include <string>

namespace masthead::sim {

/// What both vehicles understand.
struct CommonOptions {
    bool show_help = false; // nothing else counts then
    bool pose_at = false;   // answer instants from standard input instead of running
    bool video = true;
    bool telemetry = true;
    double speed = 1;
    std::optional<double> duration_s;
    std::optional<double> stop_telemetry_after_s;
    std::optional<Utc> start;
    Place place;
    VideoOptions picture;
    RecordingOptions record; // with a folder: record instead of running
};

struct DroneOptions {
    CommonOptions common;
    Figure figure = Figure::lanes;
    RtspCamera::Options rtsp;
    MavlinkSide::Options mavlink;
};

struct VesselOptions {
    CommonOptions common;
    TsCamera::Options ts;
    NmeaSide::Options nmea;
    MqttSide::Options mqtt;
};

/// `arguments` without the program's and the subcommand's names. Error: invalid_argument naming the option
/// and its rule. With show_help the text of help_drone() or help_vessel() is wanted.
[[nodiscard]] Result<DroneOptions> parse_drone(std::span<const std::string> arguments);
[[nodiscard]] std::string help_drone();
[[nodiscard]] Result<VesselOptions> parse_vessel(std::span<const std::string> arguments);
[[nodiscard]] std::string help_vessel();

} // namespace masthead::sim
