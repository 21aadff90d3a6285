#include "plugins/glib/log.hpp"

#include "plugins/bytes/utc.hpp"
#include "plugins/glib/ref.hpp"

#include <atomic>
#include <cstdio>

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

std::string escape(const std::string& text) { return take_string(g_strescape(text.c_str(), nullptr)); }

std::string one_line(std::string_view message) {
    std::string line(message);
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20) {
            c = ' ';
        }
    }
    return line;
}

bool needs_quotes(const std::string& value) {
    for (const char c : value) {
        if (c == ' ' || c == '"' || c == '=' || static_cast<unsigned char>(c) < 0x20) {
            return true;
        }
    }
    return value.empty();
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
    line += one_line(message);
    for (const LogField& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        line += needs_quotes(field.value) ? '"' + escape(field.value) + '"' : field.value;
    }
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace masthead
