// masthead-sim: a simulated drone and a simulated vessel that speak the real protocols.
#include "plugins/glib/log.hpp"
#include "simulator/run.hpp"
#include "version.hpp"

#include <gst/gst.h>

#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace masthead;

constexpr const char* kUsage =
    "usage: masthead-sim drone [OPTION...]     a quadcopter: MAVLink by UDP, camera by RTSP\n"
    "       masthead-sim vessel [OPTION...]    a survey vessel: NMEA 0183 and AIS by TCP, camera by "
    "MPEG-TS/UDP\n"
    "       masthead-sim --help | --version\n"
    "Each subcommand has its own --help. Exit codes: 0 ended as told, 1 could not run, 2 wrong usage.\n";

template <typename Options>
int run(Result<Options> (*parse)(std::span<const std::string>), std::string (*help)(),
        int (*live)(const Options&), std::span<const std::string> arguments) {
    const auto options = parse(arguments);
    if (!options) {
        std::cerr << "masthead-sim: " << options.error().message << "\n";
        return sim::kExitUsage;
    }
    if (options->common.show_help) {
        std::cout << help();
        return sim::kExitOk;
    }
    return live(*options);
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const std::string what = arguments.empty() ? "" : arguments.front();
    if (what == "--help" || what == "-h") {
        std::cout << kUsage;
        return sim::kExitOk;
    }
    if (what == "--version") {
        std::cout << "masthead-sim " << MASTHEAD_VERSION << "\n";
        return sim::kExitOk;
    }
    const auto rest = std::span(arguments).subspan(arguments.empty() ? 0 : 1);
    if (what == "drone" || what == "vessel") {
        gst_init(nullptr, nullptr);
        set_log_name("sim " + what);
        return what == "drone" ? run(sim::parse_drone, sim::help_drone, sim::run_drone, rest)
                               : run(sim::parse_vessel, sim::help_vessel, sim::run_vessel, rest);
    }
    std::cerr << (what.empty() ? "" : "masthead-sim: there is no '" + what + "'\n") << kUsage;
    return sim::kExitUsage;
}
