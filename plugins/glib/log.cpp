// Writes a line at once; what comes from outside cannot break it in two or steer a terminal.
#include "plugins/glib/log.hpp"

#include "plugins/bytes/secrets.hpp"
#include "plugins/bytes/utc.hpp"

#include <glib.h>

#include <atomic>
#include <cstdio>
#include <optional>

namespace masthead {

namespace {

std::atomic<LogLevel> threshold{LogLevel::info};
std::string process_name;

const char* level_name(LogLevel level) {
    switch (level) {
    case LogLevel::debug: return "DEBUG";
    case LogLevel::info: return "INFO";
    case LogLevel::warning: return "WARNING";
    case LogLevel::error: return "ERROR";
    }
    return "ERROR";
}

/// One character of UTF-8 at the front of `text`, or nothing where there is none.
struct Character {
    std::size_t size;
    std::optional<gunichar> code;
};

Character front_of(std::string_view text) {
    const gunichar code = g_utf8_get_char_validated(text.data(), static_cast<gssize>(text.size()));
    if (code == static_cast<gunichar>(-1) || code == static_cast<gunichar>(-2)) {
        return {1, std::nullopt};
    }
    return {static_cast<std::size_t>(g_utf8_skip[static_cast<unsigned char>(text.front())]), code};
}

/// Of no line, or dangerous to a terminal.
bool is_control(const Character& character) { return !character.code || g_unichar_iscntrl(*character.code); }

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return text;
}

std::string escape(std::string_view text) {
    std::string escaped;
    while (!text.empty()) {
        const Character character = front_of(text);
        const std::string_view bytes = text.substr(0, character.size);
        text.remove_prefix(character.size);
        if (bytes == "\n") {
            escaped += "\\n";
        } else if (is_control(character)) {
            escaped += hexadecimal(bytes);
        } else {
            escaped += bytes == "\"" || bytes == "\\" ? "\\" : "";
            escaped += bytes;
        }
    }
    return escaped;
}

std::string one_line(std::string_view message) {
    std::string line;
    while (!message.empty()) {
        const Character character = front_of(message);
        line += is_control(character) ? " " : message.substr(0, character.size);
        message.remove_prefix(character.size);
    }
    return line;
}

bool needs_quotes(std::string_view value) {
    if (value.empty()) {
        return true;
    }
    while (!value.empty()) {
        const Character character = front_of(value);
        if (is_control(character) ||
            std::string_view(" \"=\\").find(value.front()) != std::string_view::npos) {
            return true;
        }
        value.remove_prefix(character.size);
    }
    return false;
}

} // namespace

void set_log_level(LogLevel level) { threshold = level; }

void set_log_name(std::string name) { process_name = std::move(name); }

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    if (level < threshold.load()) {
        return;
    }
    std::string line = to_iso8601(utc_now()) + ' ' + level_name(level) + ' ';
    if (!process_name.empty()) {
        line += process_name + ": ";
    }
    line += one_line(without_password(message));
    for (const LogField& field : fields) {
        const std::string value = without_password(field.value);
        line += ' ';
        line += field.name;
        line += '=';
        line += needs_quotes(value) ? '"' + escape(value) + '"' : value;
    }
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace masthead
