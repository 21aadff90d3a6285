// /api/events: what happened, told to everybody at once and written down.
#pragma once

#include "server/api/live_state.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"
#include "server/store/events.hpp"

#include <deque>
#include <string>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows what it is made from.
class Events {
  public:
    Events(store::Database& database, LiveState& live);

    [[nodiscard]] std::vector<http::Route> routes();
    /// `id` and `time` are filled in. While the database is down the newest 1000 wait for it.
    void post(store::EventRow event);
    /// Only writes down, for those who look at it later, what everybody is shown anyway. Otherwise as post().
    void note(store::EventRow event);
    /// The database is there (again): writes what waited.
    void refresh();

  private:
    void list(const http::Request& request, const http::Reply& reply);
    void write(const store::EventRow& event);

    store::Database& database_;
    LiveState& live_;
    std::deque<store::EventRow> waiting_;
};

} // namespace masthead::api
