// CSV.
#pragma once

#include <string>
#include <string_view>

namespace masthead {

/// A field of text (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front.
[[nodiscard]] inline std::string csv_field(std::string_view words) {
    const bool formula = !words.empty() && std::string_view("=+-@\t\r").find(words[0]) != std::string::npos;
    const std::string text = (formula ? "'" : "") + std::string(words);
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

} // namespace masthead
