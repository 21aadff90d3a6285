// The commands of masthead-recording, one function each. They print; each gives the program's exit code.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace masthead::recording_tool {

struct Arguments {
    std::string command;
    std::vector<std::filesystem::path> paths;
    std::map<std::string, std::string> options; // without "--"; of those that want none the value is ""

    [[nodiscard]] bool has(const std::string& option) const { return options.contains(option); }
    /// "" where it was not given.
    [[nodiscard]] std::string value(const std::string& option) const;
    /// An option that must be there: microseconds UTC, or ISO 8601 with its zone. Error: invalid_argument.
    [[nodiscard]] Result<Utc> time(const std::string& option) const;
};

inline constexpr int kGood = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kNothingThere = 3;

/// Says what went wrong on standard error, in one line; gives the exit code that belongs to it.
int give_up(const Error& error);

int export_range(const Arguments& arguments);
int import_video(const Arguments& arguments);
int info(const Arguments& arguments);
int snapshot(const Arguments& arguments);

} // namespace masthead::recording_tool
