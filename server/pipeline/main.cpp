// masthead-pipeline: pipeline files by hand. Exit codes: 0, 1 a file is wrong or could not run, 2 usage.
#include "server/pipeline/commands.hpp"
#include "version.hpp"

#include <gst/gst.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

namespace {

using namespace masthead::pipeline;

constexpr const char* kUsage =
    "masthead-pipeline list FOLDER                    the recipes there and their parameters\n"
    "masthead-pipeline check FILE|FOLDER...           says what is wrong, and where: file:line:column\n"
    "masthead-pipeline check --json                   the same for programs: requests on standard input,\n"
    "                                                 verdicts on standard output\n"
    "masthead-pipeline explain FILE                   the gst-launch text it becomes\n"
    "masthead-pipeline graph FILE [--svg]             the same as a drawing: DOT, or SVG by Graphviz\n"
    "masthead-pipeline run FILE [--duration SECONDS]  without server or database; figures once a second\n"
    "masthead-pipeline probe URI [--duration SECONDS] what a camera sends, and which recipe fits it\n"
    "masthead-pipeline --help | --version\n"
    "\n"
    "  --set NAME=VALUE   a parameter of the recipe; check, explain and graph put samples for those not set\n"
    "\n"
    "Exit codes: 0, 1 a file is wrong or could not run, 2 usage.\n";

struct Command {
    const char* name;
    int (*run)(const Arguments&);
    std::size_t most_paths;
};
constexpr Command kCommands[] = {
    {"list", list, 1},   {"check", check, 1000}, {"explain", explain, 1},
    {"graph", graph, 1}, {"run", run, 1},        {"probe", probe, 1},
};

int usage_error(const std::string& sentence) {
    std::fprintf(stderr, "masthead-pipeline: %s\n\n%s", sentence.c_str(), kUsage);
    return kWrongUsage;
}

/// Empty, or what is wrong.
std::string read(std::span<const std::string> words, Arguments& arguments) {
    arguments.command = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!word.starts_with("--")) {
            arguments.paths.emplace_back(word);
            continue;
        }
        if (word == "--json" || word == "--svg") {
            (word == "--json" ? arguments.json : arguments.svg) = true;
            continue;
        }
        if (word != "--set" && word != "--duration") {
            return "there is no option " + word;
        }
        if (++i == words.size()) {
            return word + " wants a value";
        }
        const std::size_t equals = words[i].find('=');
        if (word == "--set" && equals != std::string::npos && equals > 0) {
            arguments.values.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
        } else if (word == "--duration" && std::atoi(words[i].c_str()) > 0) {
            arguments.duration_s = std::atoi(words[i].c_str());
        } else {
            return word + (word == "--set" ? " wants NAME=VALUE" : " wants a number of seconds");
        }
    }
    return {};
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 1 && words[0] == "--help") {
        std::fputs(kUsage, stdout);
        return kGood;
    }
    if (words.size() == 1 && words[0] == "--version") {
        std::puts("masthead-pipeline " MASTHEAD_VERSION);
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
    Arguments arguments;
    if (const std::string wrong = read(words, arguments); !wrong.empty()) {
        return usage_error(wrong);
    }
    if (arguments.json != (arguments.paths.empty() && words[0] == "check")) {
        return usage_error(arguments.json ? "--json is for check, without files"
                                          : words[0] + " wants a file");
    }
    if (arguments.svg && words[0] != "graph") {
        return usage_error("--svg is for graph");
    }
    if (arguments.paths.size() > command->most_paths) {
        return usage_error(words[0] + " wants one file only");
    }
    gst_init(nullptr, nullptr);
    return command->run(arguments);
}
