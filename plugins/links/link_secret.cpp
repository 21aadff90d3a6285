// Reads a link's secret from the environment or from a file.
#include "plugins/links/link_secret.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/ref.hpp"

#include <cstdlib>

namespace masthead {

namespace {

std::string without_line_end(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.pop_back();
    }
    return text;
}

} // namespace

Result<std::string> link_secret(const LinkUri& uri, const std::string& name) {
    const auto env = uri.options.find(name + "-env");
    if (env != uri.options.end()) {
        const char* value = std::getenv(env->second.c_str());
        if (value == nullptr) {
            return fail(Code::invalid_argument,
                        "the environment variable '" + env->second + "' (" + name + "-env) is not set");
        }
        return std::string(value);
    }
    const auto file = uri.options.find(name + "-file");
    if (file == uri.options.end()) {
        return std::string();
    }
    GError* error = nullptr;
    gchar* text = nullptr;
    if (g_file_get_contents(file->second.c_str(), &text, nullptr, &error) == 0) {
        const Owned<GError> owned(error);
        return fail(Code::invalid_argument, "the " + name + "-file cannot be read: " + owned->message);
    }
    return without_line_end(take_string(text));
}

} // namespace masthead
