// /api/viewers: who watches what, since when, and what gets through to them.
#pragma once

#include "plugins/bytes/utc.hpp"
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

/// Thread: the default GMainContext's. Borrows the fleet.
class Viewers {
  public:
    explicit Viewers(const control::Fleet& fleet) : fleet_(fleet) {}

    [[nodiscard]] std::vector<http::Route> routes();
    void joined(const control::ViewerAdd& viewer, const std::string& user, Utc now);
    void figures(const control::ViewerFigures& figures);

    /// Of all viewers of one camera.
    struct Camera {
        unsigned viewers = 0; // that figures are known of: connected ones
        std::uint64_t bitrate_bps = 0;
        std::uint64_t packets_sent = 0; // these are totals, of viewers who left as well
        std::uint64_t packets_lost = 0;
        std::uint64_t dropped_frames = 0;
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
    };
    /// The fleet knows which sessions there still are.
    void forget_the_gone();
    [[nodiscard]] std::string list();

    const control::Fleet& fleet_;
    std::map<std::string, Viewer> viewers_; // by session
    std::map<std::pair<std::string, std::string>, Camera> totals_;
};

} // namespace masthead::api
