// Signaling messages, checked and passed on.
#include "server/api/signaling.hpp"

#include "plugins/glib/log.hpp"
#include "server/api/ice_servers.hpp"
#include "server/auth/secrets.hpp"

namespace masthead::api {
namespace {

std::string error_text(const Error& error, const std::string& session, const std::string& vehicle = {},
                       const std::string& camera = {}) {
    json::Writer out;
    out.begin_object().member("type", "error");
    for (const auto& [name, value] :
         {std::pair("session", session), {"vehicle", vehicle}, {"camera", camera}}) {
        if (!value.empty()) {
            out.member(name, value);
        }
    }
    out.member("error", to_string(error.code)).member("message", error.message);
    return out.end_object().release();
}

} // namespace

std::vector<http::Route> Signaling::routes() {
    return {
        {"GET", "/api/signaling", http::Access::viewer,
         http::SocketHandler([this](const http::Request& request, std::shared_ptr<http::WebSocket> socket) {
             opened(request.caller->user, std::move(socket));
         })}};
}

void Signaling::opened(const std::string& user, std::shared_ptr<http::WebSocket> socket) {
    const auto client = clients_.insert(clients_.end(), Client{std::move(socket), user, {}});
    client->socket->on_message = [this, client](const std::string& text) { message(*client, text); };
    client->socket->on_close = [this, client] { closed(client); };
}

void Signaling::closed(std::list<Client>::iterator client) {
    for (const std::string& session : client->sessions) {
        owners_.erase(session);
        fleet_.remove_viewer(session);
    }
    clients_.erase(client);
}

void Signaling::message(Client& client, const std::string& text) {
    const auto request = json::Value::parse(text, http::WebSocket::kMaxMessageBytes);
    if (!request) {
        client.socket->send(error_text(request.error(), ""));
        return;
    }
    const std::string type = request->string("type").value_or("");
    if (type == "watch") {
        watch(client, *request);
    } else if (type == "answer" || type == "candidate" || type == "close" || type == "seen") {
        within_session(client, type, *request);
    } else {
        client.socket->send(error_text(
            {Code::invalid_argument, "'type' must be watch, answer, candidate, close or seen"}, ""));
    }
}

void Signaling::watch(Client& client, const json::Value& request) {
    const std::string vehicle = request.string("vehicle").value_or("");
    const std::string camera = request.string("camera").value_or("");
    const auto refuse = [&](const Error& error) {
        client.socket->send(error_text(error, "", vehicle, camera));
    };
    if (!control::is_id(vehicle) || !control::is_id(camera)) {
        return client.socket->send(
            error_text({Code::invalid_argument, "'vehicle' and 'camera' must name what to watch"}, ""));
    }
    if (client.sessions.size() >= kMaxSessions) {
        return refuse({Code::too_large, "one page watches at most 16 cameras; close one first"});
    }
    const auto rendition = request.string("rendition");
    const control::ViewerAdd viewer{.session = auth::new_name(),
                                    .vehicle = vehicle,
                                    .camera = camera,
                                    .rendition = rendition ? std::optional(*rendition) : std::nullopt};
    if (const auto added = fleet_.add_viewer(viewer); !added) {
        return refuse(added.error());
    }
    viewers_.joined(viewer, client.user, utc_now());
    client.sessions.insert(viewer.session);
    owners_[viewer.session] = &client;
    json::Writer out;
    out.begin_object().member("type", "session").member("session", viewer.session);
    out.member("vehicle", vehicle).member("camera", camera);
    if (!ice_servers_.empty()) {
        out.key("ice_servers").raw(ice_servers_json(ice_servers_, client.user));
    }
    client.socket->send(out.end_object().text());
}

void Signaling::within_session(Client& client, const std::string& type, const json::Value& request) {
    const std::string session = request.string("session").value_or("");
    if (!client.sessions.contains(session)) {
        // Also for sessions that have just ended: a candidate may cross the end on its way.
        return client.socket->send(error_text({Code::not_found, "there is no such session here"}, ""));
    }
    if (type == "close") {
        fleet_.remove_viewer(session);
        return forget(session);
    }
    Result<void> done;
    if (type == "answer") {
        auto sdp = request.string("sdp");
        done =
            sdp ? fleet_.set_answer({session, std::move(*sdp)}) : Result<void>(tl::unexpected(sdp.error()));
    } else if (type == "seen") {
        const auto seen = parse_seen(request);
        done = seen ? Result<void>() : tl::unexpected(seen.error());
        if (seen) {
            viewers_.seen(session, *seen);
        }
    } else {
        const auto mline = request.integer("mline");
        auto candidate = request.string("candidate");
        if (!mline || *mline < 0 || *mline > 15 || !candidate) {
            done = fail(Code::invalid_argument, "'mline' (0 to 15) and 'candidate' are wanted");
        } else {
            done = fleet_.add_candidate({session, static_cast<int>(*mline), std::move(*candidate)});
        }
    }
    if (!done) {
        client.socket->send(error_text(done.error(), session));
    }
}

void Signaling::send(const std::string& session, const std::string& text) {
    if (const auto owner = owners_.find(session); owner != owners_.end()) {
        owner->second->socket->send(text);
    }
}

void Signaling::forget(const std::string& session) {
    if (const auto owner = owners_.find(session); owner != owners_.end()) {
        owner->second->sessions.erase(session);
        owners_.erase(owner);
    }
}

void Signaling::offer(const control::ViewerOffer& offer) {
    json::Writer out;
    out.begin_object()
        .member("type", "offer")
        .member("session", offer.session)
        .member("sdp", offer.sdp)
        .end_object();
    send(offer.session, out.text());
}

void Signaling::candidate(const control::ViewerCandidate& candidate) {
    json::Writer out;
    out.begin_object().member("type", "candidate").member("session", candidate.session);
    out.member("mline", candidate.mline).member("candidate", candidate.candidate).end_object();
    send(candidate.session, out.text());
}

void Signaling::figures(const control::ViewerFigures& figures) {
    send(figures.session, R"({"type":"figures","session":)" + json::quote(figures.session) + ',' +
                              figures_json(figures) + '}');
}

void Signaling::state(const control::ViewerState& state) {
    json::Writer out;
    out.begin_object().member("type", "state").member("session", state.session);
    out.member("state", control::to_string(state.state));
    if (!state.detail.empty()) {
        out.member("detail", state.detail);
    }
    send(state.session, out.end_object().text());
    if (state.state == control::ViewerPhase::failed || state.state == control::ViewerPhase::closed) {
        forget(state.session);
    }
}

} // namespace masthead::api
