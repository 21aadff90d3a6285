// /api/bookmarks: notes on instants and ranges; some protect what was recorded then.
#pragma once

#include "server/http/router.hpp"
#include "server/store/bookmarks.hpp"
#include "server/store/database.hpp"

#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows the database.
class Bookmarks {
  public:
    explicit Bookmarks(store::Database& database) : database_(database) {}

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    void list(const http::Request& request, const http::Reply& reply);
    void add(const http::Request& request, const http::Reply& reply);
    void replace(const http::Request& request, const http::Reply& reply);
    void remove(const http::Request& request, const http::Reply& reply);
    void put(store::Bookmark bookmark, int status, const http::Reply& reply);

    store::Database& database_;
};

} // namespace masthead::api
