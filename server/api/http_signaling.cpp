// An HTTP request and its answer become a session of the fleet.
#include "server/api/http_signaling.hpp"

#include "plugins/glib/log.hpp"
#include "server/auth/secrets.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::size_t kMaxCandidates = 64;
constexpr const char* kSdp = "application/sdp";
constexpr const char* kFragment = "application/trickle-ice-sdpfrag";

http::Response empty_response(int status) {
    return {.status = status, .content_type = {}, .body = {}, .headers = {}};
}

/// The value of the first line that begins with `name`.
std::string line_value(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        const std::string_view line = text.substr(0, end);
        if (line.starts_with(name)) {
            return std::string(line.substr(name.size()));
        }
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return {};
}

std::string etag_of(const std::string& session) { return '"' + session + '"'; }

/// What a browser asks before it lets a page of another origin use the route.
void preflight(const http::Reply& reply, const char* methods, const char* accepts) {
    auto response = empty_response(204);
    response.headers = {{"Access-Control-Allow-Methods", methods},
                        {"Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match"},
                        {"Access-Control-Max-Age", "86400"},
                        {"Allow", methods}};
    response.headers.emplace_back(accepts == kSdp ? "Accept-Post" : "Accept-Patch", accepts);
    reply.send(std::move(response));
}

} // namespace

Result<IceFragment> parse_ice_fragment(std::string_view text) {
    const bool printable =
        std::ranges::all_of(text, [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\r' || c == '\n'; });
    if (!printable) {
        return fail(Code::malformed, "an ICE fragment is printable ASCII");
    }
    IceFragment fragment{.ufrag = line_value(text, "a=ice-ufrag:"), .candidates = {}};
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        const std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (!line.empty() && (line.size() < 2 || line[1] != '=')) {
            return fail(Code::malformed, "an ICE fragment has lines 'x=...' only");
        }
        if (line.starts_with("a=candidate:")) {
            fragment.candidates.emplace_back(line.substr(2));
        }
    }
    if (fragment.candidates.size() > kMaxCandidates) {
        return fail(Code::too_large, "that are more candidates than a peer needs");
    }
    return fragment;
}

const std::array<HttpSignaling::Door, 2> HttpSignaling::kDoors{{
    {"whep", http::Access::viewer, false},
    {"whip", http::Access::operators, true},
}};

std::vector<http::Route> HttpSignaling::routes() {
    using http::Access;
    using http::Reply;
    using http::Request;
    std::vector<http::Route> routes;
    const auto asked_before = [&](const std::string& place, const char* methods, const char* accepts) {
        routes.push_back({"OPTIONS", place, Access::everyone,
                          [=](const Request&, const Reply& reply) { preflight(reply, methods, accepts); }, "",
                          true});
    };
    for (const Door& door : kDoors) {
        for (const auto& [kind, path] : {std::pair(control::VehicleKind::drone, "/api/drones"),
                                         {control::VehicleKind::vessel, "/api/vessels"}}) {
            const std::string place = std::string(path) + "/{id}/cameras/{camera}/" + door.name;
            routes.push_back({"POST", place, door.access,
                              [this, &door, kind = kind](const Request& request, const Reply& reply) {
                                  add_session(door, kind, request, reply);
                              },
                              kSdp, true});
            asked_before(place, "POST, OPTIONS", kSdp);
        }
        const std::string place = std::string("/api/") + door.name + "/{session}";
        routes.push_back({"PATCH", place, door.access,
                          [this, &door](const Request& request, const Reply& reply) {
                              add_candidates(door, request, reply);
                          },
                          kFragment, true});
        routes.push_back(
            {"DELETE", place, door.access,
             [this, &door](const Request& request, const Reply& reply) { remove(door, request, reply); }, "",
             true});
        asked_before(place, "PATCH, DELETE, OPTIONS", kFragment);
    }
    return routes;
}

void HttpSignaling::add_session(const Door& door, control::VehicleKind kind, const http::Request& request,
                                const http::Reply& reply) {
    const Vehicle* const vehicle = directory_.find(request.slots.at("id"));
    if (!vehicle || vehicle->kind != kind) {
        return reply.fail({Code::not_found, "there is no such vehicle"});
    }
    const auto own = std::ranges::count_if(
        sessions_, [&](const auto& entry) { return entry.second.sign_in == request.caller->session; });
    if (own >= static_cast<std::ptrdiff_t>(kMaxSessions)) {
        return reply.send(http::error_response(429, "rate_limited", "this sign-in has 64 streams already"));
    }
    const auto rendition = request.query.find("rendition");
    const control::ViewerAdd viewer{
        .session = auth::new_name(),
        .vehicle = vehicle->id,
        .camera = request.slots.at("camera"),
        .offer = request.body,
        .rendition = rendition == request.query.end() ? std::nullopt : std::optional(rendition->second),
        .publishes = door.publishes};
    if (const auto added = fleet_.add_viewer(viewer); !added) {
        return reply.fail(added.error());
    }
    if (!door.publishes) {
        viewers_.joined(viewer, request.caller->user, utc_now());
    }
    auto patience =
        std::make_unique<Timer>(nullptr, [this, session = viewer.session] { no_answer(session); });
    patience->arm(kPatience);
    sessions_.emplace(viewer.session, Session{.door = &door,
                                              .user = request.caller->user,
                                              .sign_in = request.caller->session,
                                              .offer = request.body,
                                              .reply = reply,
                                              .patience = std::move(patience)});
}

void HttpSignaling::answer(const control::ViewerAnswer& answer) {
    const auto found = sessions_.find(answer.session);
    if (found == sessions_.end() || !found->second.reply) {
        return;
    }
    Session& session = found->second;
    session.patience.reset();
    http::Response response{.status = 201, .content_type = kSdp, .body = answer.sdp, .headers = {}};
    response.headers = {{"Location", std::string("/api/") + session.door->name + '/' + answer.session},
                        {"ETag", etag_of(answer.session)},
                        {"Accept-Patch", kFragment}};
    if (!session.door->publishes && answer.sdp.find("\nm=application 9 ") == std::string::npos) {
        response.headers.emplace_back("Link", R"(</api/telemetry>; rel="urn:masthead:whep:metadata")");
    }
    std::exchange(session.reply, std::nullopt)->send(std::move(response));
}

void HttpSignaling::state(const control::ViewerState& state) {
    const auto found = sessions_.find(state.session);
    if (found == sessions_.end() ||
        (state.state != control::ViewerPhase::failed && state.state != control::ViewerPhase::closed)) {
        return;
    }
    auto node = sessions_.extract(found);
    if (const auto& reply = node.mapped().reply) {
        reply->fail({Code::unsupported, state.detail});
    }
}

void HttpSignaling::no_answer(const std::string& session) {
    fleet_.remove_viewer(session);
    auto node = sessions_.extract(session); // and with it the timer that calls this
    auto response = http::error_response(
        503, "unavailable",
        node.mapped().door->publishes
            ? "the camera's pipeline takes no video now: see its state, and try again"
            : "the camera gives no video now: see its state, and try again when it plays");
    response.headers.emplace_back("Retry-After", "5");
    node.mapped().reply->send(std::move(response));
}

/// Another user's session is as unknown as one that never was.
HttpSignaling::Found HttpSignaling::session_of(const Door& door, const http::Request& request) {
    const auto found = sessions_.find(request.slots.at("session"));
    return found != sessions_.end() && found->second.door == &door &&
                   found->second.user == request.caller->user && !found->second.reply
               ? found
               : sessions_.end();
}

void HttpSignaling::add_candidates(const Door& door, const http::Request& request, const http::Reply& reply) {
    const auto found = session_of(door, request);
    if (found == sessions_.end()) {
        return reply.fail({Code::not_found, "there is no such session, or it has ended"});
    }
    const bool any = request.if_match.empty() || request.if_match == "*";
    if (!any && request.if_match != etag_of(found->first)) {
        return reply.send(http::error_response(412, "precondition_failed", "the ETag is not this session's"));
    }
    const auto fragment = parse_ice_fragment(request.body);
    if (!fragment) {
        return reply.fail(fragment.error());
    }
    if (!fragment->ufrag.empty() && fragment->ufrag != line_value(found->second.offer, "a=ice-ufrag:")) {
        return reply.fail(
            {Code::unsupported, "ICE restarts are not supported: DELETE the session, POST anew"});
    }
    for (const std::string& candidate : fragment->candidates) {
        if (const auto added = fleet_.add_candidate({found->first, 0, candidate}); !added) {
            return reply.fail(added.error());
        }
    }
    reply.send(empty_response(204));
}

void HttpSignaling::remove(const Door& door, const http::Request& request, const http::Reply& reply) {
    const auto found = session_of(door, request);
    if (found == sessions_.end()) {
        return reply.fail({Code::not_found, "there is no such session, or it has ended"});
    }
    fleet_.remove_viewer(found->first);
    sessions_.erase(found);
    reply.send(empty_response(200));
}

void HttpSignaling::end_sessions_of(const std::string& sign_in) {
    std::vector<std::string> ending;
    for (const auto& [name, session] : sessions_) {
        if (session.sign_in == sign_in) {
            ending.push_back(name);
        }
    }
    for (const std::string& name : ending) {
        fleet_.remove_viewer(name);
        const auto node = sessions_.extract(name);
        if (const auto& reply = node.mapped().reply) {
            reply->fail({Code::unauthenticated, "signed out"});
        }
    }
}

} // namespace masthead::api
