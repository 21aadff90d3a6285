// /metrics: the server, its workers, cameras and viewers for Prometheus (text format 0.0.4). Labels name
// vehicles and cameras, never people or addresses.
#pragma once

#include "server/api/alerts.hpp"
#include "server/api/directory.hpp"
#include "server/api/viewers.hpp"

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows all of them.
class Metrics {
  public:
    Metrics(const Directory& directory, const control::Fleet& fleet, Viewers& viewers, const Alerts& alerts)
        : directory_(directory), fleet_(fleet), viewers_(viewers), alerts_(alerts) {}

    /// For users of any role: give the scraper a user of its own and its token.
    [[nodiscard]] std::vector<http::Route> routes();
    void camera_state(const control::CameraState& state);
    void camera_figures(const control::CameraFigures& figures);
    void camera_down(const std::string& vehicle, const std::string& camera);

  private:
    [[nodiscard]] std::string text();

    const Directory& directory_;
    const control::Fleet& fleet_;
    Viewers& viewers_;
    const Alerts& alerts_;
    std::map<std::pair<std::string, std::string>, std::string> states_;
    std::map<std::pair<std::string, std::string>, control::CameraFigures> figures_; // of those that are up
};

} // namespace masthead::api
