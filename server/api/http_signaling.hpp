// /api/drones/{id}/cameras/{camera}/whep and whip, and vessels': players that are not ours watch a camera
// (WHEP, draft-ietf-wish-whep), and programs send a camera its video (WHIP, RFC 9725). They offer, the server
// answers; they may trickle their candidates.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/directory.hpp"
#include "server/api/viewers.hpp"
#include "server/control/fleet.hpp"
#include "server/http/router.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace masthead::api {

/// What a peer adds to its offer later (RFC 8840 9).
struct IceFragment {
    std::string ufrag;                   // "" when it says none
    std::vector<std::string> candidates; // "candidate:..."
};
/// Errors: malformed; too_large (more than 64 candidates).
[[nodiscard]] Result<IceFragment> parse_ice_fragment(std::string_view text);

/// A session belongs to the user who asked for it, and ends with the sign-in it came by. Thread: the default
/// GMainContext's. Borrows directory, fleet and viewers.
class HttpSignaling {
  public:
    static constexpr std::size_t kMaxSessions = 64; // of one sign-in

    HttpSignaling(const Directory& directory, control::Fleet& fleet, Viewers& viewers)
        : directory_(directory), fleet_(fleet), viewers_(viewers) {}

    [[nodiscard]] std::vector<http::Route> routes();
    void answer(const control::ViewerAnswer& answer);
    void state(const control::ViewerState& state);
    /// A sign-in ended.
    void end_sessions_of(const std::string& sign_in);

  private:
    /// One of the two protocols, which differ in what is asked of the camera and who may.
    struct Door {
        const char* name; // as in paths
        http::Access access;
        bool publishes;
    };
    static const std::array<Door, 2> kDoors;

    struct Session {
        const Door* door;
        std::string user;
        std::string sign_in;
        std::string offer;
        std::optional<http::Reply> reply; // until it is answered
        std::unique_ptr<Timer> patience;
    };
    using Found = std::map<std::string, Session>::iterator;

    void add_session(const Door& door, control::VehicleKind kind, const http::Request& request,
                     const http::Reply& reply);
    void add_candidates(const Door& door, const http::Request& request, const http::Reply& reply);
    void remove(const Door& door, const http::Request& request, const http::Reply& reply);
    void no_answer(const std::string& session);
    [[nodiscard]] Found session_of(const Door& door, const http::Request& request);

    const Directory& directory_;
    control::Fleet& fleet_;
    Viewers& viewers_;
    std::map<std::string, Session> sessions_;
};

} // namespace masthead::api
