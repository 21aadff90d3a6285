// /api/recordings/sightings: which recordings saw a place, and when.
#pragma once

#include "server/http/router.hpp"
#include "server/store/database.hpp"

#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's.
class Sightings {
  public:
    /// Borrows the database, which must be for searches alone: one may take seconds.
    explicit Sightings(store::Database& database) : database_(database) {}

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    void find(const http::Request& request, const http::Reply& reply);

    store::Database& database_;
};

} // namespace masthead::api
