// /api/drones/{id}/cameras/{camera}/whep and vessels': players that are not ours watch a camera (WHEP,
// draft-ietf-wish-whep). The player offers, the server answers; the player may trickle its candidates.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/directory.hpp"
#include "server/control/fleet.hpp"
#include "server/http/router.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace masthead::api {

/// What a player adds to its offer later (RFC 8840 9).
struct IceFragment {
    std::string ufrag;                   // "" when it says none
    std::vector<std::string> candidates; // "candidate:..."
};
/// Errors: malformed; too_large (more than 64 candidates).
[[nodiscard]] Result<IceFragment> parse_ice_fragment(std::string_view text);

/// A session belongs to the user who asked for it, and ends with the sign-in it came by. Thread: the default
/// GMainContext's. Borrows directory and fleet.
class Whep {
  public:
    static constexpr std::size_t kMaxSessions = 64; // of one sign-in

    Whep(const Directory& directory, control::Fleet& fleet) : directory_(directory), fleet_(fleet) {}

    [[nodiscard]] std::vector<http::Route> routes();
    void answer(const control::ViewerAnswer& answer);
    void state(const control::ViewerState& state);
    /// A sign-in ended.
    void end_sessions_of(const std::string& sign_in);

  private:
    struct Session {
        std::string user;
        std::string sign_in;
        std::string offer;
        std::optional<http::Reply> reply; // until it is answered
        std::unique_ptr<Timer> patience;
    };
    using Found = std::map<std::string, Session>::iterator;

    [[nodiscard]] http::Handler posting(control::VehicleKind kind);
    void watch(control::VehicleKind kind, const http::Request& request, const http::Reply& reply);
    void add_candidates(const http::Request& request, const http::Reply& reply);
    void remove(const http::Request& request, const http::Reply& reply);
    void no_answer(const std::string& session);
    [[nodiscard]] Found session_of(const http::Request& request);

    const Directory& directory_;
    control::Fleet& fleet_;
    std::map<std::string, Session> sessions_;
};

} // namespace masthead::api
