// /api/traffic: who else is about, and who comes too near to which of our vehicles. Looks once a second.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/directory.hpp"
#include "server/api/live_state.hpp"
#include "server/http/router.hpp"
#include "server/traffic/watch.hpp"

#include <functional>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows everything it is made from.
class Traffic {
  public:
    /// `looked` (may be empty) is called after each look with all encounters that there are.
    using Looked = std::function<void(const std::vector<traffic::Encounter>&)>;
    Traffic(LiveState& live, const Directory& directory, Looked looked);

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    void look();

    LiveState& live_;
    const Directory& directory_;
    Looked looked_;
    traffic::Watch watch_;
    Timer timer_;
};

} // namespace masthead::api
