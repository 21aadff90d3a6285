// /api/drones/{id}/cameras/{camera}/graph and /api/drones/{id}/log, and the same for vessels: how a vehicle's
// worker does.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/directory.hpp"
#include "server/control/fleet.hpp"
#include "server/http/router.hpp"

#include <map>
#include <string>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows what it is made from.
class Inspection {
  public:
    Inspection(const Directory& directory, const PipelineShelf& shelf, control::Fleet& fleet);

    [[nodiscard]] std::vector<http::Route> routes();
    void arrived(const control::Graph& graph);

  private:
    struct Asked {
        http::Reply reply;
        std::string pipeline; // the file's name
        std::int64_t until_us;
    };
    void graph(control::VehicleKind kind, const http::Request& request, const http::Reply& reply);
    void log(control::VehicleKind kind, const http::Request& request, const http::Reply& reply) const;
    void give_up_old();

    const Directory& directory_;
    const PipelineShelf& shelf_;
    control::Fleet& fleet_;
    std::map<std::string, Asked> asked_; // by request id
    Timer timer_;
};

} // namespace masthead::api
