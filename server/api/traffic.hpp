// /api/traffic: who else is about, and who comes too near to which of our vehicles. Looks once a second, and
// alerts.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/alerts.hpp"
#include "server/api/directory.hpp"
#include "server/api/live_state.hpp"
#include "server/http/router.hpp"
#include "server/traffic/watch.hpp"

#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows everything it is made from.
class Traffic {
  public:
    Traffic(LiveState& live, const Directory& directory, Alerts& alerts);

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    void look();
    void alert(const std::vector<traffic::Encounter>& encounters);

    LiveState& live_;
    const Directory& directory_;
    Alerts& alerts_;
    traffic::Watch watch_;
    Timer timer_;
};

} // namespace masthead::api
