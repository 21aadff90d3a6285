// Settings file -> Settings.
#include "server/config/settings.hpp"

#include "plugins/bytes/port_range.hpp"
#include "server/config/document.hpp"
#include "settings_schema.hpp"

#include <charconv>

namespace masthead {
namespace {

using config::Document;
using config::Json;

std::filesystem::path absolute_from(const std::filesystem::path& base, const std::string& path) {
    return (base / path).lexically_normal();
}

BrokerSettings broker_settings(const Json& value, const std::filesystem::path& base) {
    BrokerSettings broker{.uri = value["uri"], .user = {}, .password_file = {}, .ca_file = {}};
    if (const auto at = broker.uri.find('@'); at != std::string::npos) {
        const auto host = broker.uri.find("://") + 3;
        broker.user = broker.uri.substr(host, at - host);
        broker.uri.erase(host, at + 1 - host);
    }
    if (value.contains("password_file")) {
        broker.password_file = absolute_from(base, value["password_file"]);
    }
    if (value.contains("ca_file")) {
        broker.ca_file = absolute_from(base, value["ca_file"]);
    }
    return broker;
}

AlertSettings alert_settings(const Json& value, const std::filesystem::path& base) {
    AlertSettings alerts;
    if (value.contains("rules")) {
        alerts.rules = absolute_from(base, value["rules"]);
    }
    if (value.contains("webhook")) {
        alerts.webhook = value["webhook"]["url"];
        alerts.webhook_secret = value["webhook"].value("secret", "");
    }
    return alerts;
}

Result<void> read_optional_parts(const Document& document, const std::filesystem::path& base,
                                 Settings& settings) {
    const Json& value = document.value;
    if (value.contains("listen")) {
        auto listen = parse_listen_address(value["listen"]);
        if (!listen) {
            return document.fail_at("/listen", listen.error().message);
        }
        settings.listen = *listen;
    }
    if (value.contains("tls")) {
        settings.tls = TlsFiles{absolute_from(base, value["tls"]["certificate"]),
                                absolute_from(base, value["tls"]["key"])};
    }
    if (value.contains("broker")) {
        settings.broker = broker_settings(value["broker"], base);
    }
    if (value.contains("web_edits")) {
        const Json& rules = value["web_edits"];
        settings.web_edits.schemes = rules.value("schemes", settings.web_edits.schemes);
        settings.web_edits.hosts = rules.value("hosts", settings.web_edits.hosts);
        settings.web_edits.secrets = rules.value("secrets", settings.web_edits.secrets);
    }
    settings.origins = value.value("origins", std::vector<std::string>());
    settings.ice_addresses = value.value("ice_addresses", std::vector<std::string>{"127.0.0.1"});
    settings.ice_ports = value.value("ice_ports", "");
    if (const auto range = parse_port_range(settings.ice_ports); !settings.ice_ports.empty() && !range) {
        return document.fail_at("/ice_ports", range.error().message);
    }
    settings.ice_tcp = value.value("ice_tcp", false);
    for (const Json& server : value.value("ice_servers", Json::array())) {
        settings.ice_servers.push_back({.urls = server.at("urls"),
                                        .secret_file = server.contains("secret_file")
                                                           ? absolute_from(base, server.at("secret_file"))
                                                           : std::filesystem::path()});
    }
    settings.alerts = alert_settings(value.value("alerts", Json::object()), base);
    settings.telemetry_spool_mib = value.value("telemetry_spool_mib", settings.telemetry_spool_mib);
    return {};
}

} // namespace

Result<Settings> load_settings(const std::filesystem::path& path) {
    auto document = config::read_yaml(path);
    if (!document) {
        return tl::unexpected(document.error());
    }
    if (auto checked = config::check(*document, embedded::kSettingsSchema); !checked) {
        return tl::unexpected(checked.error());
    }
    const auto base = std::filesystem::absolute(path).parent_path();
    const Json& value = document->value;
    Settings settings;
    settings.database = value["database"];
    settings.pipelines = absolute_from(base, value["pipelines"]);
    settings.web = absolute_from(base, value["web"]);
    settings.data = absolute_from(base, value["data"]);
    settings.keep_free_percent = value.value("keep_free_percent", settings.keep_free_percent);
    settings.recordings = value.contains("recordings") ? absolute_from(base, value["recordings"])
                                                       : settings.data / "recordings";
    settings.max_export_gigabytes = value.value("max_export_gigabytes", settings.max_export_gigabytes);
    settings.max_import_gigabytes = value.value("max_import_gigabytes", settings.max_import_gigabytes);
    settings.worker = absolute_from(base, value["worker"]);
    const auto tool = [&](const char* name, const char* program) {
        return value.contains(name) ? absolute_from(base, value[name])
                                    : settings.worker.parent_path() / program;
    };
    settings.pipeline_tool = tool("pipeline_tool", "masthead-pipeline");
    settings.recording_tool = tool("recording_tool", "masthead-recording");
    if (auto read = read_optional_parts(*document, base, settings); !read) {
        return tl::unexpected(read.error());
    }
    return settings;
}

Result<ListenAddress> parse_listen_address(const std::string& text) {
    const auto colon = text.rfind(':');
    const auto bad = [&text] {
        return fail(Code::invalid_argument,
                    "'" + text + "' is no address and port, such as 127.0.0.1:8080 or [::1]:8080");
    };
    if (colon == std::string::npos) {
        return bad();
    }
    ListenAddress address;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
    if (error != std::errc() || stop != end) {
        return bad();
    }
    address.host = text.substr(0, colon);
    if (address.host.empty()) {
        address.host = "0.0.0.0";
    } else if (address.host.front() == '[' && address.host.back() == ']') {
        address.host = address.host.substr(1, address.host.size() - 2);
    } else if (address.host.find(':') != std::string::npos) {
        return bad();
    }
    return address;
}

} // namespace masthead
