#include "plugins/glib/date.hpp"

#include <glib.h>

#include <memory>

namespace masthead {

namespace {

struct Unref {
    void operator()(GDateTime* date) const noexcept { g_date_time_unref(date); }
};

} // namespace

std::optional<Utc> utc_from_iso8601(const std::string& text) {
    const std::unique_ptr<GDateTime, Unref> date(g_date_time_new_from_iso8601(text.c_str(), nullptr));
    if (!date) {
        return std::nullopt;
    }
    return Utc{g_date_time_to_unix(date.get()) * 1'000'000 + g_date_time_get_microsecond(date.get())};
}

} // namespace masthead
