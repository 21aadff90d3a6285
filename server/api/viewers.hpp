// /api/viewers: who watches what, since when, and what gets through to them.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/glib/json.hpp"
#include "server/control/fleet.hpp"
#include "server/http/router.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace masthead::api {

/// The members of the schema ViewerFigures, without braces around them.
[[nodiscard]] std::string figures_json(const control::ViewerFigures& figures);

/// What only the viewer's own browser knows; nobody else vouches for it.
struct ViewerSeen {
    std::uint64_t freezes = 0; // since it joined, as the next
    std::uint64_t frozen_ms = 0;
    std::optional<std::uint64_t> glass_to_glass_ms;
};
/// Of the schema ViewerSeen. Error: invalid_argument naming the member.
[[nodiscard]] Result<ViewerSeen> parse_seen(const json::Value& request);

/// Thread: the default GMainContext's. Borrows the fleet.
class Viewers {
  public:
    explicit Viewers(const control::Fleet& fleet) : fleet_(fleet) {}

    [[nodiscard]] std::vector<http::Route> routes();
    void joined(const control::ViewerAdd& viewer, const std::string& user, Utc now);
    void figures(const control::ViewerFigures& figures);
    void seen(const std::string& session, const ViewerSeen& seen);

    /// Of all viewers of one camera.
    struct Camera {
        unsigned viewers = 0; // that figures are known of: connected ones
        std::uint64_t bitrate_bps = 0;
        int worst_loss_permille = 0;
        int worst_round_trip_us = 0;
        std::uint64_t worst_glass_to_glass_ms = 0;
        std::uint64_t packets_sent = 0; // these are totals, of viewers who left as well
        std::uint64_t packets_lost = 0;
        std::uint64_t dropped_frames = 0;
        std::uint64_t freezes = 0;
    };
    /// By vehicle and camera.
    [[nodiscard]] std::map<std::pair<std::string, std::string>, Camera> cameras();

  private:
    struct Viewer {
        std::string user;
        std::string vehicle;
        std::string camera;
        bool offered; // it is a player that came over HTTP
        Utc since;
        std::optional<control::ViewerFigures> figures;
        std::optional<ViewerSeen> seen;
    };
    /// The fleet knows which sessions there still are.
    void forget_the_gone();
    [[nodiscard]] std::string list();

    const control::Fleet& fleet_;
    std::map<std::string, Viewer> viewers_; // by session
    std::map<std::pair<std::string, std::string>, Camera> totals_;
};

} // namespace masthead::api
