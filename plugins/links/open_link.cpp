// URI -> link.
#include "plugins/links/link.hpp"
#include "plugins/links/link_uri.hpp"
#include "plugins/links/mavlink/mavlink_link.hpp"
#include "plugins/links/mqtt/mqtt_link.hpp"
#include "plugins/links/nmea/nmea_link.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

namespace masthead {

namespace {

struct Protocol {
    std::string_view scheme;
    Result<std::unique_ptr<Link>> (*open)(const LinkUri&, LinkEvents, GMainContext*);
    std::span<const std::string_view> options; // what may stand after the '?'
};

constexpr std::string_view kMqttOptions[] = {"password-env", "password-file"};
constexpr std::string_view kMqttsOptions[] = {"password-env", "password-file", "ca-file"};

constexpr std::string_view kMavlinkOptions[] = {"signing-key-env", "signing-key-file", "signing-link-id"};

constexpr Protocol kProtocols[] = {
    {"mavlink+udp", mavlink::open_mavlink, kMavlinkOptions},
    {"mavlink+udpout", mavlink::open_mavlink, kMavlinkOptions},
    {"mavlink+tcp", mavlink::open_mavlink, kMavlinkOptions},
    {"nmea+tcp", nmea::open_nmea, {}},
    {"nmea+udp", nmea::open_nmea, {}},
    {"mqtt", mqtt_link::open_mqtt, kMqttOptions},
    {"mqtts", mqtt_link::open_mqtt, kMqttsOptions},
};

std::string known_schemes() {
    std::string text;
    for (const Protocol& protocol : kProtocols) {
        text += text.empty() ? "" : ", ";
        text += protocol.scheme;
    }
    return text;
}

} // namespace

Result<std::unique_ptr<Link>> open_link(const std::string& uri, LinkEvents events, GMainContext* context) {
    const auto parsed = parse_link_uri(uri);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    const auto protocol = std::ranges::find(kProtocols, parsed->scheme, &Protocol::scheme);
    if (protocol == std::end(kProtocols)) {
        return fail(Code::invalid_argument,
                    "'" + parsed->scheme + "' is no protocol of a link: known are " + known_schemes());
    }
    for (const auto& [name, value] : parsed->options) {
        if (std::ranges::find(protocol->options, name) == protocol->options.end()) {
            return fail(Code::invalid_argument,
                        "a link of " + parsed->scheme + " has no option '" + name + "'");
        }
    }
    return protocol->open(*parsed, std::move(events), context);
}

} // namespace masthead
