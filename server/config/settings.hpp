// The server's settings file: YAML, checked against schema/settings.schema.json. See
// deploy/masthead.example.yaml.
#pragma once

#include "plugins/bytes/result.hpp"
#include "server/config/web_edits.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace masthead {

struct ListenAddress {
    std::string host = "127.0.0.1"; // a numeric IPv4 or IPv6 address
    std::uint16_t port = 8080;      // 0: any free one
};

struct TlsFiles {
    std::filesystem::path certificate; // PEM, the chain
    std::filesystem::path key;         // PEM
};

struct BrokerSettings {
    std::string uri; // mqtt://HOST:PORT or mqtts://HOST:PORT
    std::string user;
    std::filesystem::path password_file; // empty: none
    std::filesystem::path ca_file;       // PEM, for mqtts; empty: the system's authorities
};

/// A STUN or TURN server that browsers may use to reach a worker.
struct IceServer {
    std::vector<std::string> urls;     // stun:..., turn:..., turns:... (RFC 7064, 7065)
    std::filesystem::path secret_file; // shared with a TURN server (coturn's static-auth-secret); empty: none
};

struct AlertSettings {
    std::filesystem::path rules; // the file of rules; empty: as they are built in
    std::string webhook;         // URL; may hold a secret: never logged. Empty: none
    std::string webhook_secret;  // where it is: file:/path or env:NAME; empty: messages are not signed
};

/// Relative paths in the file are taken from the file's own directory; here they are absolute.
struct Settings {
    ListenAddress listen;
    std::optional<TlsFiles> tls;
    std::string database;                 // libpq connection string; may hold a password: never logged
    std::optional<BrokerSettings> broker; // absent: telemetry is not published
    std::filesystem::path pipelines;
    std::filesystem::path web;
    std::filesystem::path data;
    std::filesystem::path recordings;
    int keep_free_percent = 5;            // of the recordings' disk
    int max_export_gigabytes = 100;       // all exports together
    int max_import_gigabytes = 20;        // one file
    std::filesystem::path worker;         // program
    std::filesystem::path pipeline_tool;  // program masthead-pipeline, which checks pipeline files
    std::filesystem::path recording_tool; // program masthead-recording, which makes exports and snapshots
    WebEditRules web_edits;
    std::vector<std::string> origins;       // further origins a browser may come from ("https://ops.example")
    std::vector<std::string> ice_addresses; // local addresses viewers may connect to; empty: all but loopback
    std::string ice_ports;                  // that viewers may connect to, "40000-40999"; empty: any
    bool ice_tcp = false;                   // viewers may come over TCP too
    std::vector<IceServer> ice_servers;
    std::int64_t telemetry_spool_mib = 256;
    AlertSettings alerts;
};

/// Errors: not_found; malformed and invalid_argument with "file:line:column: ...".
[[nodiscard]] Result<Settings> load_settings(const std::filesystem::path& path);

/// "127.0.0.1:8080", "[::1]:8080" or ":8080" (all IPv4 addresses). Error: invalid_argument.
[[nodiscard]] Result<ListenAddress> parse_listen_address(const std::string& text);

} // namespace masthead
