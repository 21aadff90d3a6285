#include "plugins/elements/time_system.hpp"

namespace masthead {

GType written_time_system_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(TimeSystemChoice::posix), "POSIX time: UTC as most tools read it", "posix"},
        {static_cast<gint>(TimeSystemChoice::misp), "MISP time (ST 0603): no leap seconds, 29 s ahead of UTC",
         "misp"},
        {0, nullptr, nullptr},
    };
    static const GType type = g_enum_register_static("MastheadWrittenTimeSystem", values);
    return type;
}

GType read_time_system_type() {
    static const GEnumValue values[] = {
        {static_cast<gint>(TimeSystemChoice::posix), "POSIX time", "posix"},
        {static_cast<gint>(TimeSystemChoice::misp), "MISP time (ST 0603)", "misp"},
        {static_cast<gint>(TimeSystemChoice::automatic),
         "told by item 136, or by which lies closer to arrival", "auto"},
        {0, nullptr, nullptr},
    };
    static const GType type = g_enum_register_static("MastheadReadTimeSystem", values);
    return type;
}

std::optional<klv::TimeSystem> chosen(TimeSystemChoice choice) {
    switch (choice) {
    case TimeSystemChoice::posix: return klv::TimeSystem::posix;
    case TimeSystemChoice::misp: return klv::TimeSystem::misp;
    case TimeSystemChoice::automatic: break;
    }
    return std::nullopt;
}

} // namespace masthead
