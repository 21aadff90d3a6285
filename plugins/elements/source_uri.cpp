#include "plugins/elements/source_uri.hpp"

#include "plugins/glib/ref.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace masthead {

namespace {

struct Scheme {
    std::string_view name;
    SourceKind kind;
    bool needs_port;
};

constexpr std::array kSchemes{
    Scheme{"rtsp", SourceKind::rtsp, false}, Scheme{"rtsps", SourceKind::rtsp, false},
    Scheme{"udp", SourceKind::ts_udp, true}, Scheme{"rtp", SourceKind::ts_rtp, true},
    Scheme{"srt", SourceKind::ts_srt, true}, Scheme{"file", SourceKind::file, false},
    Scheme{"whip", SourceKind::whip, false},
};

std::string text_or_empty(const gchar* text) { return text ? text : ""; }

tl::unexpected<Error> bad(const std::string& what) {
    return fail(Code::invalid_argument, "camera URI: " + what);
}

/// GLib's own sentences quote what they could not read, which may be the password.
std::string sentence_for(const GError& error) {
    struct Known {
        gint code;
        const char* sentence;
    };
    constexpr std::array kKnown{
        Known{G_URI_ERROR_BAD_SCHEME,
              "it must begin with rtsp://, rtsps://, udp://, rtp://, srt:// or file://, or be whip:"},
        Known{G_URI_ERROR_BAD_HOST, "its host is neither a name nor an address"},
        Known{G_URI_ERROR_BAD_PORT, "its port is no number from 1 to 65535"},
        Known{G_URI_ERROR_BAD_PASSWORD, "a character of its password must be written as %XX"},
        Known{G_URI_ERROR_BAD_USER, "a character of its user name must be written as %XX"},
        Known{G_URI_ERROR_BAD_PATH, "a character of its path must be written as %XX"},
        Known{G_URI_ERROR_BAD_QUERY, "a character behind its '?' must be written as %XX"},
    };
    const auto known = std::ranges::find(kKnown, error.code, &Known::code);
    return known == kKnown.end() ? "it is no URI" : known->sentence;
}

/// What its kind of source needs to be found at all.
Result<void> check_place(const SourceUri& source, const Scheme& scheme, int port) {
    if (port == 0 || (scheme.needs_port && port < 0)) {
        return bad("a port from 1 to 65535 is wanted, as in " + std::string(scheme.name) +
                   "://127.0.0.1:5000");
    }
    if (source.kind == SourceKind::rtsp && source.host.empty()) {
        return bad("a host is wanted, as in rtsp://192.0.2.1:554/stream");
    }
    if (source.kind == SourceKind::whip && (!source.host.empty() || !source.path.empty())) {
        return bad("whip: is all of it; the one who sends posts to the camera's own address, "
                   "/api/drones/ID/cameras/NAME/whip");
    }
    if (source.kind == SourceKind::file && source.path.empty()) {
        return bad("a path is wanted, as in file:///srv/flight.ts");
    }
    if (source.kind == SourceKind::file && !source.host.empty() && source.host != "localhost") {
        return bad("a file has no host: '" + source.host +
                   "' stands where the path begins; three slashes are wanted, as in file:///srv/flight.ts");
    }
    return {};
}

} // namespace

Result<SourceUri> parse_source_uri(const std::string& text) {
    if (text.empty()) {
        return bad("it is empty; rtsp://192.0.2.1:554/stream would be one");
    }
    GError* raw = nullptr;
    const Owned<GUri> uri(g_uri_parse(text.c_str(), G_URI_FLAGS_HAS_PASSWORD, &raw));
    if (!uri) {
        const Owned<GError> error(raw);
        return bad(sentence_for(*error));
    }
    const std::string_view name = g_uri_get_scheme(uri.get());
    const auto scheme = std::ranges::find(kSchemes, name, &Scheme::name);
    if (scheme == kSchemes.end()) {
        return bad("scheme '" + std::string(name) + "' is none of rtsp, rtsps, udp, rtp, srt, file, whip");
    }
    SourceUri source;
    source.kind = scheme->kind;
    source.text = text;
    source.host = text_or_empty(g_uri_get_host(uri.get()));
    source.path = text_or_empty(g_uri_get_path(uri.get()));
    const int port = g_uri_get_port(uri.get()); // -1: none; GLib refuses those past 65535
    if (auto well = check_place(source, *scheme, port); !well) {
        return tl::unexpected(well.error());
    }
    source.port = port > 0 ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
    source.shown = take_string(g_uri_to_string_partial(
        uri.get(), static_cast<GUriHideFlags>(G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT)));
    return source;
}

} // namespace masthead
