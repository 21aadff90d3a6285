// masthead-recording: recorded files by hand, and the server's hand where it is heavy work. Exit codes: 0, 1
// it failed, 2 usage, 3 nothing was recorded there.
#include "server/recording/commands.hpp"
#include "version.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string_view>

namespace {

using namespace masthead::recording_tool;

constexpr const char* kUsage =
    "masthead-recording export CAMERA --from TIME --to TIME --out FOLDER\n"
    "                          files of what a camera recorded in a time. CAMERA is its folder: "
    "RECORDINGS/VEHICLE/CAMERA\n"
    "    --contents LIST       of ts, mp4, klv_json, klv_csv, kml, gpx, geojson, events; comma separated "
    "(ts)\n"
    "    --package             one zip of them, with manifest.json and SHA256SUMS\n"
    "    --about FILE          JSON: user and note for the manifest; events, commands, bookmarks; - is "
    "standard input\n"
    "    --json                progress as JSON lines on standard output\n"
    "masthead-recording snapshot CAMERA --at TIME [--out FILE]\n"
    "                          the frame that is shown at a time: what it says of itself, as JSON; --out: as "
    "a PNG that\n"
    "                          holds that too, to FILE, or - for standard output\n"
    "masthead-recording import FILE --recordings FOLDER --vehicle NAME --camera NAME\n"
    "                          a video from elsewhere (MPEG-TS, MP4, MOV; H.264, H.265) becomes a recording\n"
    "    --telemetry LOG       gives frames what the video does not say: MAVLink tlog, NMEA 0183, CSV, DJI "
    ".SRT\n"
    "    --start TIME          of the first frame; used where the video has no MISP time and no KLV\n"
    "    --offset MS           is added to the times of the log\n"
    "    --json                progress, and at the end what it became, as JSON lines on standard output\n"
    "masthead-recording info FILE... [--json]\n"
    "                          what recorded files hold\n"
    "masthead-recording --help | --version\n"
    "\n"
    "TIME is microseconds UTC, or ISO 8601: 2026-11-22T14:03:22.5Z. It works below normal priority.\n"
    "Exit codes: 0, 1 it failed, 2 usage, 3 nothing was recorded there.\n";

struct Command {
    const char* name;
    int (*run)(const Arguments&);
    std::size_t most_paths;
    std::string_view options; // a space before each; with '=' where it wants a value
};
constexpr Command kCommands[] = {
    {"export", export_range, 1, " from= to= out= contents= package about= json"},
    {"import", import_video, 1, " telemetry= start= offset= vehicle= camera= recordings= json"},
    {"snapshot", snapshot, 1, " at= out="},
    {"info", info, 1000, " json"},
};

int usage_error(const std::string& sentence) {
    std::fprintf(stderr, "masthead-recording: %s\n\n%s", sentence.c_str(), kUsage);
    return kWrongUsage;
}

/// Whether `options` has `word` as one of its words.
bool holds(std::string_view options, const std::string& word) {
    return (std::string(options) + " ").find(" " + word + " ") != std::string::npos;
}

/// Empty, or what is wrong.
std::string read(const std::vector<std::string>& words, const Command& command, Arguments& arguments) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (!words[i].starts_with("--")) {
            arguments.paths.emplace_back(words[i]);
            continue;
        }
        const std::string option = words[i].substr(2);
        if (holds(command.options, option)) {
            arguments.options[option] = "";
        } else if (!holds(command.options, option + "=")) {
            return words[0] + " has no option " + words[i];
        } else if (++i == words.size()) {
            return "--" + option + " wants a value";
        } else {
            arguments.options[option] = words[i];
        }
    }
    if (arguments.paths.empty()) {
        return words[0] + " wants a path";
    }
    return arguments.paths.size() > command.most_paths ? words[0] + " wants one path only" : "";
}

/// Live video comes first; and what a server has started goes with it.
void stand_back() {
    setpriority(PRIO_PROCESS, 0, 10);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 1 && words[0] == "--help") {
        std::fputs(kUsage, stdout);
        return kGood;
    }
    if (words.size() == 1 && words[0] == "--version") {
        std::puts("masthead-recording " MASTHEAD_VERSION);
        return kGood;
    }
    if (words.empty()) {
        return usage_error("a command is wanted");
    }
    const auto* command =
        std::ranges::find_if(kCommands, [&](const Command& each) { return words[0] == each.name; });
    if (command == std::end(kCommands)) {
        return usage_error("there is no command '" + words[0] + "'");
    }
    Arguments arguments{.command = words[0], .paths = {}, .options = {}};
    if (const std::string wrong = read(words, *command, arguments); !wrong.empty()) {
        return usage_error(wrong);
    }
    stand_back();
    return command->run(arguments);
}
