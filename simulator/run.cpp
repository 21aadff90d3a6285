// Puts a vehicle, its camera and its link together and runs the main loop.
#include "simulator/run.hpp"

#include "plugins/glib/log.hpp"

#include <glib-unix.h>

#include <charconv>
#include <csignal>
#include <iostream>
#include <optional>

namespace masthead::sim {

namespace {

int give_up(const Error& error) {
    std::cerr << "masthead-sim: " << error.message << "\n";
    return kExitRunTime;
}

gboolean quit(gpointer loop) {
    g_main_loop_quit(static_cast<GMainLoop*>(loop));
    return G_SOURCE_CONTINUE;
}

/// Runs the default main context until told to stop, until `loop` is quit or, if given, for `duration_s` of
/// simulated time.
void run_loop(const Owned<GMainLoop>& loop, const CommonOptions& common, const SimClock& clock) {
    const guint interrupt = g_unix_signal_add(SIGINT, quit, loop.get());
    const guint terminate = g_unix_signal_add(SIGTERM, quit, loop.get());
    Alarm end([&loop] { g_main_loop_quit(loop.get()); });
    if (common.duration_s) {
        end.set(clock.mono_us_at(clock.start +
                                 std::chrono::microseconds(std::llround(*common.duration_s * 1e6))));
    }
    g_main_loop_run(loop.get());
    g_source_remove(interrupt);
    g_source_remove(terminate);
}

/// Standard input to standard output; a line that is no instant is an error.
int answer_poses(const Vehicle& vehicle) {
    std::string line;
    while (std::getline(std::cin, line)) {
        std::int64_t us = 0;
        const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), us);
        if (error != std::errc() || stop != line.data() + line.size() || us < 0) {
            std::cerr << "masthead-sim: --pose-at wants UTC microseconds on each line, not '" << line
                      << "'\n";
            return kExitUsage;
        }
        std::cout << to_json(vehicle.at(Utc{us}).sample) << std::endl;
    }
    return kExitOk;
}

double aspect_of(const VideoOptions& video) { return static_cast<double>(video.width) / video.height; }

int record(const CommonOptions& common, CameraScene scene) {
    scene.clock = {.start = common.start.value_or(utc_now())};
    const auto frames =
        static_cast<std::int64_t>(*common.duration_s * common.picture.rate_num / common.picture.rate_den);
    const auto recorded = record_camera(common.record, scene, frames);
    return recorded ? kExitOk : give_up(recorded.error());
}

std::shared_ptr<Vehicle> make_drone(const DroneOptions& o) {
    return std::make_shared<Vehicle>(drone_shape(aspect_of(o.common.picture)), o.common.place,
                                     drone_mission(o.figure), limits_of(Kind::drone));
}
std::shared_ptr<Vehicle> make_vessel(const CommonOptions& o) {
    return std::make_shared<Vehicle>(vessel_shape(aspect_of(o.picture)), o.place, vessel_mission(),
                                     limits_of(Kind::vessel));
}

} // namespace

int run_drone(const DroneOptions& options) {
    const auto drone = make_drone(options);
    if (options.common.pose_at) {
        return answer_poses(*drone);
    }
    if (!options.common.record.folder.empty()) {
        return record(options.common, {drone, make_vessel(options.common), options.common.picture, {}});
    }
    const SimClock clock =
        SimClock::starting_at(options.common.start.value_or(utc_now()), options.common.speed);
    std::string ready = "ready";
    std::optional<RtspCamera> camera;
    if (options.common.video) {
        auto made = RtspCamera::create(options.rtsp,
                                       {drone, make_vessel(options.common), options.common.picture, clock});
        if (!made) {
            return give_up(made.error());
        }
        camera.emplace(std::move(*made));
        ready += " rtsp://" + options.rtsp.address + ":" + std::to_string(camera->port()) + "/camera";
    }
    std::unique_ptr<MavlinkSide> mavlink;
    if (options.common.telemetry) {
        auto made = MavlinkSide::create(options.mavlink, drone, clock);
        if (!made) {
            return give_up(made.error());
        }
        mavlink = std::move(*made);
        ready += " mavlink+udp://" + options.mavlink.address + ":" + std::to_string(options.mavlink.port);
    }
    std::cout << ready << std::endl;
    run_loop(Owned<GMainLoop>(g_main_loop_new(nullptr, FALSE)), options.common, clock);
    return kExitOk;
}

int run_vessel(const VesselOptions& options) {
    const auto vessel = make_vessel(options.common);
    if (options.common.pose_at) {
        return answer_poses(*vessel);
    }
    if (!options.common.record.folder.empty()) {
        return record(options.common, {vessel, {}, options.common.picture, {}});
    }
    const SimClock clock =
        SimClock::starting_at(options.common.start.value_or(utc_now()), options.common.speed);
    const Owned<GMainLoop> loop(g_main_loop_new(nullptr, FALSE));
    std::optional<Error> broken;
    std::string ready = "ready";
    std::unique_ptr<TsCamera> camera;
    if (options.common.video) {
        auto made = TsCamera::create(options.ts, {vessel, {}, options.common.picture, clock},
                                     [&](const Error& error) {
                                         broken = error;
                                         g_main_loop_quit(loop.get());
                                     });
        if (!made) {
            return give_up(made.error());
        }
        camera = std::move(*made);
        ready += " udp://" + options.ts.address + ":" + std::to_string(options.ts.port);
    }
    std::unique_ptr<NmeaSide> nmea;
    if (options.common.telemetry) {
        auto made = NmeaSide::create(options.nmea, vessel, clock);
        if (!made) {
            return give_up(made.error());
        }
        nmea = std::move(*made);
        ready += " nmea+tcp://" + options.nmea.address + ":" + std::to_string(nmea->port());
    }
    std::unique_ptr<MqttSide> mqtt;
    if (options.common.telemetry && !options.mqtt.uri.empty()) {
        auto made = MqttSide::create(options.mqtt, vessel, clock);
        if (!made) {
            std::cerr << "masthead-sim: " << made.error().message << "\n";
            return kExitUsage;
        }
        mqtt = std::move(*made);
    }
    std::cout << ready << std::endl;
    run_loop(loop, options.common, clock);
    return broken ? give_up(*broken) : kExitOk;
}

} // namespace masthead::sim
