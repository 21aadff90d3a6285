// Takes a link's URI apart with GLib's parser.
#include "plugins/links/link_uri.hpp"

#include "plugins/glib/error.hpp"
#include "plugins/glib/ref.hpp"

namespace masthead {

namespace {

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

} // namespace

Result<LinkUri> parse_link_uri(const std::string& text) {
    GError* error = nullptr;
    const auto flags = static_cast<GUriFlags>(G_URI_FLAGS_HAS_PASSWORD);
    const Owned<GUri> uri(g_uri_parse(text.c_str(), flags, &error));
    if (!uri) {
        const Owned<GError> owned(error);
        return fail(Code::invalid_argument, "the link's address is no URI: " + std::string(owned->message));
    }
    if (g_uri_get_password(uri.get()) != nullptr) {
        return fail(Code::invalid_argument,
                    "a password does not belong into the link's URI, where logs and lists show it: use "
                    "?password-env=NAME or ?password-file=PATH");
    }
    LinkUri result{.scheme = text_or_empty(g_uri_get_scheme(uri.get())),
                   .user = text_or_empty(g_uri_get_user(uri.get())),
                   .host = text_or_empty(g_uri_get_host(uri.get())),
                   .path = text_or_empty(g_uri_get_path(uri.get()))};
    const int port = g_uri_get_port(uri.get());
    if (port < 1 || port > 65535) {
        return fail(Code::invalid_argument, "the link's URI '" + text +
                                                "' needs a port from 1 to 65535, as in " + result.scheme +
                                                "://HOST:PORT");
    }
    result.port = static_cast<std::uint16_t>(port);
    if (result.path.starts_with('/')) {
        result.path.erase(0, 1);
    }
    const char* query = g_uri_get_query(uri.get());
    if (query == nullptr) {
        return result;
    }
    GUriParamsIter iter;
    g_uri_params_iter_init(&iter, query, -1, "&", G_URI_PARAMS_NONE);
    gchar* name = nullptr;
    gchar* value = nullptr;
    while (g_uri_params_iter_next(&iter, &name, &value, &error) != 0) {
        std::string key = take_string(name);
        result.options[std::move(key)] = take_string(value);
    }
    if (error != nullptr) {
        const Owned<GError> owned(error);
        return fail(Code::invalid_argument,
                    "the link's URI has a broken query: " + std::string(owned->message));
    }
    return result;
}

} // namespace masthead
