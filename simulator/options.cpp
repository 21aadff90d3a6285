// The rows of both subcommands' options.
#include "simulator/options.hpp"

#include <charconv>
#include <numeric>

namespace masthead::sim {

namespace {

std::vector<OptionRow> common_rows(CommonOptions& o) {
    const auto start = [&o](const std::string& text) -> Result<void> {
        std::int64_t us = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), us);
        if (error != std::errc() || stop != text.data() + text.size() || us < 0 ||
            us > 32'503'680'000'000'000) {
            return fail(Code::invalid_argument, "wants microseconds since 1970, not '" + text + "'");
        }
        o.start = Utc{us};
        return {};
    };
    return {
        {"--help", "", "this text", flag(o.show_help, true)},
        {"--pose-at", "",
         "read UTC microseconds, one a line, from standard input; answer each with the true sample as JSON",
         flag(o.pose_at, true)},
        {"--no-video", "", "no camera", flag(o.video, false)},
        {"--no-telemetry", "", "no telemetry link", flag(o.telemetry, false)},
        {"--telemetry-stop-after", "S",
         "fall silent on the telemetry link after S seconds while the camera goes on",
         number(o.stop_telemetry_after_s, 0, 1e9)},
        {"--duration", "S", "end by itself after S seconds of simulated time",
         number(o.duration_s, 0.001, 1e9)},
        {"--record", "FOLDER",
         "no links: record the camera into FOLDER, --duration seconds of it, as fast as it goes",
         text(o.record.folder)},
        {"--record-file", "S", "seconds of a recorded file (600)",
         whole_number(o.record.file_seconds, 1, 86'400)},
        {"--speed", "X", "simulated seconds a second (1); other than 1 only with --no-video",
         number(o.speed, 0.01, 1000)},
        {"--start-utc", "US", "simulated time at the start, microseconds since 1970 (now)", start},
        {"--latitude", "DEG", "the world's home (59.44)", number(o.place.home.latitude_deg, -85, 85)},
        {"--longitude", "DEG", "the world's home (24.75)", number(o.place.home.longitude_deg, -180, 180)},
    };
}

std::function<Result<void>(const std::string&)> pair_of(int& first, int& second, char separator, int min,
                                                        int max, const char* wanted) {
    return [&first, &second, separator, min, max, wanted](const std::string& text) -> Result<void> {
        const std::size_t middle = text.find(separator);
        const bool both = whole_number(first, min, max)(text.substr(0, middle)) &&
                          (middle == std::string::npos
                               ? separator == '/' && (second = 1) == 1
                               : whole_number(second, min, max)(text.substr(middle + 1)).has_value());
        if (!both) {
            return fail(Code::invalid_argument, std::string("wants ") + wanted + ", not '" + text + "'");
        }
        return {};
    };
}

std::vector<OptionRow> picture_rows(VideoOptions& v) {
    return {
        {"--size", "WxH", "picture (640x360); even numbers",
         pair_of(v.width, v.height, 'x', 16, 3840, "WIDTHxHEIGHT, each up to 3840")},
        {"--rate", "N[/D]", "frames a second (30); 30000/1001 for 29.97",
         pair_of(v.rate_num, v.rate_den, '/', 1, 120'000, "a number or a fraction such as 30000/1001")},
        {"--bitrate", "KBPS", "of the video (1500)", whole_number(v.bitrate_kbps, 50, 50'000)},
        {"--gop", "FRAMES", "between key frames (one second)", whole_number(v.gop_frames, 1, 10'000)},
        {"--b-frames", "N", "in a row (0)", whole_number(v.b_frames, 0, 3)},
        {"--profile", "NAME", "constrained-baseline (default), main or high",
         one_of(v.profile, {"constrained-baseline", "main", "high"})},
        {"--cell-px", "PX", "cells of the machine-readable block (8)", whole_number(v.cell_px, 6, 64)},
    };
}

Result<void> check(const CommonOptions& o) {
    const VideoOptions& v = o.picture;
    if (v.width % 2 != 0 || v.height % 2 != 0 || v.cell_px % 2 != 0) {
        return fail(Code::invalid_argument, "--size and --cell-px want even numbers");
    }
    if (o.video && (v.width < barcode_width_px(v.cell_px) || v.height < barcode_height_px(v.cell_px))) {
        return fail(Code::invalid_argument, "--size: the machine-readable block takes " +
                                                std::to_string(barcode_width_px(v.cell_px)) + "x" +
                                                std::to_string(barcode_height_px(v.cell_px)) + " pixels");
    }
    if (v.rate_num > 120 * v.rate_den) {
        return fail(Code::invalid_argument, "--rate: at most 120 frames a second");
    }
    if (v.b_frames > 0 && v.profile == "constrained-baseline") {
        return fail(Code::invalid_argument,
                    "--b-frames: the constrained baseline profile has none; add --profile main");
    }
    if (!o.record.folder.empty() && (!o.video || !o.duration_s)) {
        return fail(Code::invalid_argument, "--record: wants --duration, and a camera");
    }
    if (o.video && !o.pose_at && o.speed != 1) {
        return fail(Code::invalid_argument, "--speed: a camera runs in real time; add --no-video");
    }
    return {};
}

void append(std::vector<OptionRow>& rows, std::vector<OptionRow> more) {
    rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<OptionRow> drone_rows(DroneOptions& o, std::string& figure, int& seed) {
    std::vector<OptionRow> rows = common_rows(o.common);
    append(rows, {{"--figure", "NAME", "what it flies: lanes (default) or orbit",
                   one_of(figure, {"lanes", "orbit"})}});
    append(rows, picture_rows(o.common.picture));
    append(rows,
           {
               {"--rtsp-address", "IP", "where the camera is served (127.0.0.1)", text(o.rtsp.address)},
               {"--rtsp-port", "PORT", "0 takes a free one (8554)", whole_number(o.rtsp.port, 0, 65535)},
               {"--mavlink-address", "IP", "where telemetry goes (127.0.0.1)", text(o.mavlink.address)},
               {"--mavlink-port", "PORT", "UDP (14550)", whole_number(o.mavlink.port, 1, 65535)},
               {"--system-id", "N", "MAVLink system id (1)", whole_number(o.mavlink.system_id, 1, 254)},
               {"--delay-max", "MS", "hold each message back by a random 0..MS; their order may change (0)",
                whole_number(o.mavlink.delay_max_ms, 0, 10'000)},
               {"--seed", "N", "of the random delays (1)", whole_number(seed, 0, 2'147'483'647)},
           });
    return rows;
}

std::vector<OptionRow> vessel_rows(VesselOptions& o) {
    std::vector<OptionRow> rows = common_rows(o.common);
    append(rows, picture_rows(o.common.picture));
    append(
        rows,
        {
            {"--ts-address", "IP", "where the camera's MPEG-TS goes (127.0.0.1)", text(o.ts.address)},
            {"--ts-port", "PORT", "UDP (15600)", whole_number(o.ts.port, 1, 65535)},
            {"--nmea-address", "IP", "where NMEA 0183 and AIS are served (127.0.0.1)", text(o.nmea.address)},
            {"--nmea-port", "PORT", "TCP; 0 takes a free one (10110)", whole_number(o.nmea.port, 0, 65535)},
            {"--mqtt", "URI",
             "publish telemetry as JSON and take commands: mqtt://[USER@]HOST:PORT/TOPIC"
             "[?password-env=NAME or ?password-file=PATH]",
             text(o.mqtt.uri)},
            {"--mmsi", "N", "its own (276999001)", whole_number(o.nmea.mmsi, 200'000'000, 799'999'999)},
        });
    return rows;
}

} // namespace

Result<DroneOptions> parse_drone(std::span<const std::string> arguments) {
    DroneOptions o;
    std::string figure = "lanes";
    int seed = 1;
    const auto rows = drone_rows(o, figure, seed);
    const auto parsed = parse_arguments(arguments, rows).and_then([&] { return check(o.common); });
    if (!parsed && !o.common.show_help) {
        return tl::unexpected(parsed.error());
    }
    o.figure = figure == "orbit" ? Figure::orbit : Figure::lanes;
    o.mavlink.seed = static_cast<std::uint32_t>(seed);
    o.mavlink.stop_after_s = o.common.stop_telemetry_after_s;
    return o;
}

std::string help_drone() {
    DroneOptions o;
    std::string figure;
    int seed = 0;
    return "masthead-sim drone: a quadcopter with a camera on a levelled gimbal. RTSP at\n"
           "rtsp://ADDRESS:PORT/camera (H.264 with the capture time as MISP-time SEI), MAVLink 2 by "
           "UDP.\n\n" +
           help_text(drone_rows(o, figure, seed));
}

Result<VesselOptions> parse_vessel(std::span<const std::string> arguments) {
    VesselOptions o;
    const auto rows = vessel_rows(o);
    const auto parsed = parse_arguments(arguments, rows).and_then([&] { return check(o.common); });
    if (!parsed && !o.common.show_help) {
        return tl::unexpected(parsed.error());
    }
    o.nmea.stop_after_s = o.common.stop_telemetry_after_s;
    o.mqtt.stop_after_s = o.common.stop_telemetry_after_s;
    return o;
}

std::string help_vessel() {
    VesselOptions o;
    return "masthead-sim vessel: a survey vessel with a camera on its mast. MPEG-TS by UDP (H.264 with the "
           "capture\n"
           "time as MISP-time SEI, one ST 0601 packet a frame), NMEA 0183 and AIS by TCP. NMEA 0183 has no "
           "commands.\n\n" +
           help_text(vessel_rows(o));
}

} // namespace masthead::sim
