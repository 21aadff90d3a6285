#include "server/api/ice_servers.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "server/auth/turn.hpp"

#include <fstream>

namespace masthead::api {

std::string ice_servers_json(const std::vector<IceServer>& servers, const std::string& user) {
    json::Writer out;
    out.begin_array();
    for (const IceServer& server : servers) {
        std::string secret;
        if (!server.secret_file.empty()) {
            std::ifstream file(server.secret_file); // it may have been changed since the last time
            if (!std::getline(file, secret) || secret.empty()) {
                log(LogLevel::error, "a TURN server's secret cannot be read",
                    {{"file", server.secret_file.string()}});
                continue;
            }
        }
        out.begin_object().key("urls").begin_array();
        for (const std::string& url : server.urls) {
            out.value(url);
        }
        out.end_array();
        if (!secret.empty()) {
            const auth::TurnCredentials credentials = auth::turn_credentials(secret, user, utc_now());
            out.member("username", credentials.username).member("credential", credentials.password);
        }
        out.end_object();
    }
    return out.end_array().release();
}

} // namespace masthead::api
