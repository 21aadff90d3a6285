#include "server/config/resolve_restream.hpp"

#include "plugins/bytes/similar.hpp"
#include "plugins/glib/ref.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace masthead::config {

namespace {

using Query = std::vector<std::pair<std::string, std::string>>; // what stands behind the ?

struct Target {
    std::string scheme;
    std::string host;
    std::uint16_t port = 0;
    Query query;
};

std::optional<int> whole(const std::string& text, int low, int high) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool good = error == std::errc() && end == text.data() + text.size();
    return good && number >= low && number <= high ? std::optional(number) : std::nullopt;
}

bool has_only(const std::string& text, std::string_view others) {
    return std::ranges::all_of(
        text, [&](char c) { return g_ascii_isalnum(c) || others.find(c) != std::string_view::npos; });
}

/// Reads and checks one output. Every method gives the first rule that is broken.
class Reader {
  public:
    Reader(const Document& document, std::string place) : document_(document), place_(std::move(place)) {}

    Result<Restream> read(const std::string& name, const Json& value) const {
        Restream restream{.name = name, .rendition = value.value("rendition", ""), .target = UdpTarget{}};
        if (value.contains("uri") == value.contains("rtsp")) {
            return bad("", "either 'uri' or 'rtsp' says where the video goes");
        }
        auto target = value.contains("rtsp") ? read_rtsp(value.at("rtsp")) : read_uri(value);
        if (!target) {
            return tl::unexpected(target.error());
        }
        const bool is_srt = std::holds_alternative<SrtTarget>(*target);
        for (const char* key : {"passphrase_file", "passphrase_env"}) {
            if (value.contains(key) && !is_srt) {
                return bad(key, std::string("only SRT has a passphrase"));
            }
        }
        restream.target = *std::move(target);
        return restream;
    }

  private:
    [[nodiscard]] tl::unexpected<Error> bad(const std::string& key, const std::string& sentence) const {
        return document_.fail_at(place_ + (key.empty() ? "" : "/" + key), sentence);
    }

    Result<OutputTarget> read_uri(const Json& value) const {
        const auto target = split(value.at("uri").get<std::string>());
        if (!target) {
            return tl::unexpected(target.error());
        }
        return target->scheme == "udp" ? read_udp(*target) : read_srt(*target, value);
    }

    Result<Target> split(const std::string& text) const {
        GError* raw = nullptr;
        const Owned<GUri> uri(g_uri_parse(text.c_str(), G_URI_FLAGS_NONE, &raw));
        const Owned<GError> error(raw);
        const std::string scheme = uri ? g_uri_get_scheme(uri.get()) : "";
        if (scheme != "udp" && scheme != "srt") {
            return bad("uri", "'uri' must start with udp:// or srt://, as in udp://192.0.2.7:5000");
        }
        const gchar* host = g_uri_get_host(uri.get());
        const int port = g_uri_get_port(uri.get());
        if (!host || !*host) {
            return bad("uri", scheme == "srt"
                                  ? "a host is wanted: whom to call, or the address to listen at (0.0.0.0 "
                                    "for all)"
                                  : "a host or multicast group is wanted, as in udp://239.0.0.7:5000");
        }
        if (port < 1) {
            return bad("uri", "a port from 1 to 65535 is wanted, as in " + scheme + "://" + host + ":5000");
        }
        const std::string path = g_uri_get_path(uri.get());
        if (g_uri_get_userinfo(uri.get()) || (!path.empty() && path != "/") ||
            g_uri_get_fragment(uri.get())) {
            return bad("uri", "only host, port and settings behind '?' can stand here");
        }
        auto query = split_query(g_uri_get_query(uri.get()));
        if (!query) {
            return tl::unexpected(query.error());
        }
        return Target{scheme, host, static_cast<std::uint16_t>(port), *std::move(query)};
    }

    Result<Query> split_query(const gchar* text) const {
        Query query;
        GUriParamsIter at;
        g_uri_params_iter_init(&at, text ? text : "", -1, "&", G_URI_PARAMS_NONE);
        GError* raw = nullptr;
        gchar* name = nullptr;
        gchar* value = nullptr;
        while (g_uri_params_iter_next(&at, &name, &value, &raw)) {
            const std::string key = take_string(name);
            std::string setting = take_string(value);
            if (std::ranges::find(query, key, &Query::value_type::first) != query.end()) {
                return bad("uri", "'" + key + "' stands twice behind '?'");
            }
            query.emplace_back(key, std::move(setting));
        }
        if (const Owned<GError> error(raw); error) {
            return bad("uri", "NAME=VALUE, joined by '&', is wanted behind '?'");
        }
        return query;
    }

    [[nodiscard]] tl::unexpected<Error> unknown(const std::string& scheme, const std::string& key,
                                                const std::vector<std::string>& known) const {
        return bad("uri", scheme + ":// has no setting '" + key + "'" + did_you_mean(key, known));
    }

    Result<OutputTarget> read_udp(const Target& target) const {
        const auto address = Ref<GInetAddress>::adopt(g_inet_address_new_from_string(target.host.c_str()));
        const bool group = address && g_inet_address_get_is_multicast(address.get());
        if (address && g_inet_address_get_is_any(address.get())) {
            return bad("uri", target.host + " is no address to send to");
        }
        if (target.host == "255.255.255.255") {
            return bad("uri",
                       "broadcast is not sent; a multicast group (239.0.0.0 to 239.255.255.255) is for many");
        }
        if (target.host.starts_with("224.0.0.")) {
            return bad("uri", "224.0.0.x belongs to routers; take a group from 239.0.0.0 to 239.255.255.255");
        }
        UdpTarget udp{.host = target.host, .port = target.port, .ttl = group ? 1 : 64, .interface_name = {}};
        for (const auto& [key, value] : target.query) {
            if (key == "ttl") {
                const auto ttl = whole(value, 1, 255);
                if (!ttl) {
                    return bad("uri", "'ttl' must be a whole number from 1 to 255");
                }
                udp.ttl = *ttl;
            } else if (key == "interface") {
                if (!group) {
                    return bad("uri", "'interface' is for multicast groups; " + target.host + " is none");
                }
                if (value.empty() || value.size() > 15 || !has_only(value, "._-")) {
                    return bad("uri", "'interface' must be the name of a network interface, such as eth0");
                }
                udp.interface_name = value;
            } else {
                return unknown("udp", key, {"ttl", "interface"});
            }
        }
        return udp;
    }

    Result<OutputTarget> read_srt(const Target& target, const Json& value) const {
        SrtTarget srt{.host = target.host, .port = target.port};
        for (const auto& [key, text] : target.query) {
            if (key == "mode") {
                if (text != "caller" && text != "listener") {
                    return bad("uri", "'mode' must be caller or listener");
                }
                srt.listens = text == "listener";
            } else if (key == "latency") {
                const auto latency = whole(text, 20, 8000);
                if (!latency) {
                    return bad("uri", "'latency' must be a whole number of milliseconds from 20 to 8000");
                }
                srt.latency_ms = *latency;
            } else if (key == "streamid") {
                if (text.empty() || text.size() > 512) {
                    return bad("uri", "'streamid' must have 1 to 512 characters");
                }
                srt.stream_id = text;
            } else if (key == "passphrase") {
                return bad("uri",
                           "a passphrase must not stand in a pipeline file; name the file or variable that "
                           "holds it with passphrase_file or passphrase_env");
            } else {
                return unknown("srt", key, {"mode", "latency", "streamid"});
            }
        }
        return with_passphrase(std::move(srt), value);
    }

    Result<OutputTarget> with_passphrase(SrtTarget srt, const Json& value) const {
        if (srt.listens && !Ref<GInetAddress>::adopt(g_inet_address_new_from_string(srt.host.c_str()))) {
            return bad("uri", "an address to listen at is wanted, such as 127.0.0.1, or 0.0.0.0 for all");
        }
        if (srt.listens && !srt.stream_id.empty()) {
            return bad("uri", "'streamid' is what a caller says; a listener has none");
        }
        srt.passphrase_file = value.value("passphrase_file", "");
        srt.passphrase_env = value.value("passphrase_env", "");
        if (value.contains("passphrase_file") && value.contains("passphrase_env")) {
            return bad("passphrase_env", "one of passphrase_file and passphrase_env is enough");
        }
        if (value.contains("passphrase_file") && !srt.passphrase_file.starts_with('/')) {
            return bad("passphrase_file", "an absolute path is wanted");
        }
        if (value.contains("passphrase_env") &&
            (srt.passphrase_env.empty() || !has_only(srt.passphrase_env, "_"))) {
            return bad("passphrase_env", "the name of an environment variable is wanted");
        }
        return srt;
    }

    Result<OutputTarget> read_rtsp(const Json& value) const {
        RtspMount mount;
        mount.path = value.value("path", mount.path);
        mount.address = value.value("address", mount.address);
        if (mount.path.size() < 2 || mount.path.size() > 128 || !mount.path.starts_with('/') ||
            !has_only(mount.path, "._-/")) {
            return bad("rtsp/path",
                       "'path' must be a slash followed by letters, digits, '.', '_', '-' and '/'");
        }
        if (!Ref<GInetAddress>::adopt(g_inet_address_new_from_string(mount.address.c_str()))) {
            return bad("rtsp/address",
                       "'address' must be one of this machine's IP addresses, or 0.0.0.0 for all");
        }
        if (value.contains("port")) {
            const Json& port = value.at("port");
            if (!port.is_number_integer() || port.get<std::int64_t>() < 1 ||
                port.get<std::int64_t>() > 65535) {
                return bad("rtsp/port", "'port' must be a whole number from 1 to 65535");
            }
            mount.port = port.get<std::uint16_t>();
        }
        if (value.contains("max_clients")) {
            const Json& most = value.at("max_clients");
            if (!most.is_number_integer() || most.get<std::int64_t>() < 1 ||
                most.get<std::int64_t>() > 1000) {
                return bad("rtsp/max_clients", "'max_clients' must be a whole number from 1 to 1000");
            }
            mount.max_clients = most.get<int>();
        }
        return mount;
    }

    const Document& document_;
    std::string place_;
};

} // namespace

Result<std::vector<Restream>> resolve_restream(const Document& document) {
    std::vector<Restream> outputs;
    std::set<std::uint16_t> rtsp_ports;
    const Json& all = document.value.at("outputs");
    const Json declared = all.value("restream", Json::object());
    for (const auto& [name, value] : declared.items()) {
        const std::string place = "/outputs/restream" + pointer_step(name);
        auto output = Reader(document, place).read(name, value);
        if (!output) {
            return tl::unexpected(output.error());
        }
        if (const auto* mount = std::get_if<RtspMount>(&output->target);
            mount && !rtsp_ports.insert(mount->port).second) {
            return document.fail_at(place + "/rtsp", "another output of this file serves RTSP at port " +
                                                         std::to_string(mount->port));
        }
        outputs.push_back(*std::move(output));
    }
    return outputs;
}

} // namespace masthead::config
