#include "plugins/elements/source_uri.hpp"

#include "plugins/glib/error.hpp"
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
};

std::string text_or_empty(const gchar* text) { return text ? text : ""; }

} // namespace

Result<SourceUri> parse_source_uri(const std::string& text) {
    GError* error = nullptr;
    const Owned<GUri> uri(g_uri_parse(text.c_str(), G_URI_FLAGS_HAS_PASSWORD, &error));
    if (!uri) {
        auto failure = fail_from(error, "camera URI");
        failure.value().code = Code::invalid_argument;
        return failure;
    }
    const std::string_view name = g_uri_get_scheme(uri.get());
    const auto scheme = std::ranges::find(kSchemes, name, &Scheme::name);
    if (scheme == kSchemes.end()) {
        return fail(Code::invalid_argument, "camera URI: scheme '" + std::string(name) +
                                                "' is none of rtsp, rtsps, udp, rtp, srt, file");
    }
    SourceUri source;
    source.kind = scheme->kind;
    source.text = text;
    source.host = text_or_empty(g_uri_get_host(uri.get()));
    const int port = g_uri_get_port(uri.get());
    if (scheme->needs_port && (port < 1 || port > 65535)) {
        return fail(Code::invalid_argument, "camera URI: a port from 1 to 65535 is wanted, as in " +
                                                std::string(name) + "://127.0.0.1:5000");
    }
    source.port = port > 0 ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
    source.path = text_or_empty(g_uri_get_path(uri.get()));
    if (source.kind == SourceKind::file && source.path.empty()) {
        return fail(Code::invalid_argument, "camera URI: a path is wanted, as in file:///srv/flight.ts");
    }
    if (source.kind == SourceKind::rtsp && source.host.empty()) {
        return fail(Code::invalid_argument,
                    "camera URI: a host is wanted, as in rtsp://192.0.2.1:554/stream");
    }
    source.shown = take_string(g_uri_to_string_partial(
        uri.get(), static_cast<GUriHideFlags>(G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT)));
    return source;
}

} // namespace masthead
