// /api/signaling: browsers and workers agree on WebRTC sessions. The server offers, the browser answers.
#pragma once

#include "plugins/glib/json.hpp"
#include "server/api/viewers.hpp"
#include "server/config/settings.hpp"
#include "server/control/fleet.hpp"
#include "server/http/router.hpp"
#include "server/http/websocket.hpp"

#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace masthead::api {

/// A session belongs to the WebSocket that asked for it: no other can answer or close it, and it ends with
/// that WebSocket. Thread: the default GMainContext's. Borrows the fleet and the viewers.
class Signaling {
  public:
    static constexpr std::size_t kMaxSessions = 16; // of one WebSocket

    Signaling(control::Fleet& fleet, Viewers& viewers, std::vector<IceServer> ice_servers)
        : fleet_(fleet), viewers_(viewers), ice_servers_(std::move(ice_servers)) {}

    [[nodiscard]] std::vector<http::Route> routes();
    void offer(const control::ViewerOffer& offer);
    void candidate(const control::ViewerCandidate& candidate);
    void state(const control::ViewerState& state);
    void figures(const control::ViewerFigures& figures);

  private:
    struct Client {
        std::shared_ptr<http::WebSocket> socket;
        std::string user;
        std::set<std::string> sessions;
    };
    void opened(const std::string& user, std::shared_ptr<http::WebSocket> socket);
    void closed(std::list<Client>::iterator client);
    void message(Client& client, const std::string& text);
    void watch(Client& client, const json::Value& request);
    void within_session(Client& client, const std::string& type, const json::Value& request);
    void send(const std::string& session, const std::string& text);
    void forget(const std::string& session);

    control::Fleet& fleet_;
    Viewers& viewers_;
    std::vector<IceServer> ice_servers_;
    std::list<Client> clients_;
    std::map<std::string, Client*> owners_; // session -> the client in clients_ whose it is
};

} // namespace masthead::api
