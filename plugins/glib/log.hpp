// One line an event, with fields. Goes to standard error; journald and a terminal both read it well.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace masthead {

enum class LogLevel { debug, info, warning, error };

struct LogField {
    std::string_view name; // "vehicle", "camera", "session", "link" ...
    std::string value;     // never a secret
};

/// "2026-11-22T07:41:10.123456Z INFO camera is playing vehicle=kestrel camera=nose". One line an event,
/// values quoted where needed; UTF-8 stays readable; passwords within URIs are written as ***. Thread-safe.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

/// Events below this level are dropped; info unless told otherwise. Thread-safe.
void set_log_level(LogLevel level);

/// Puts this before every later message of the process ("worker[kestrel]"). Call once, before threads start.
void set_log_name(std::string name);

} // namespace masthead
