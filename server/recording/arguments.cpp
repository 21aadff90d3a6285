// What was given on the command line, read; and how failure is said.
#include "plugins/glib/date.hpp"
#include "server/recording/commands.hpp"

#include <charconv>
#include <cstdio>

namespace masthead::recording_tool {

std::string Arguments::value(const std::string& option) const {
    const auto found = options.find(option);
    return found == options.end() ? "" : found->second;
}

Result<Utc> Arguments::time(const std::string& option) const {
    const std::string text = value(option);
    Utc time;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), time.us);
    if (error == std::errc() && stop == text.data() + text.size() && time.us >= 0) {
        return time;
    }
    if (const auto date = utc_from_iso8601(text)) {
        return *date;
    }
    return fail(Code::invalid_argument,
                "--" + option + " wants microseconds UTC or ISO 8601, such as 2026-11-22T14:03:22.5Z");
}

int give_up(const Error& error) {
    std::fprintf(stderr, "masthead-recording: %s\n", error.message.c_str());
    return error.code == Code::invalid_argument ? kWrongUsage
           : error.code == Code::not_found      ? kNothingThere
                                                : kFailed;
}

} // namespace masthead::recording_tool
