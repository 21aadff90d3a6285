// /api/geofences: where vehicles must stay and must not go; in memory, in the database, and told to who uses
// them.
#pragma once

#include "server/api/directory.hpp"
#include "server/api/events.hpp"
#include "server/fences/fence.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace masthead::api {

/// A change is written to the database first, then taken in. Thread: the default GMainContext's. Borrows what
/// it is made from.
class Geofences {
  public:
    /// `changed` gets all of them, each time.
    Geofences(store::Database& database, const Directory& directory, Events& events,
              std::function<void(const std::vector<fences::Fence>&)> changed)
        : database_(database), directory_(directory), events_(events), changed_(std::move(changed)) {}

    [[nodiscard]] std::vector<http::Route> routes();
    /// The database is there (again): takes in what it knows. `done` is called when that is so.
    void refresh(std::function<void()> done);
    [[nodiscard]] const std::vector<fences::Fence>& all() const noexcept { return fences_; }

  private:
    void list(const http::Request& request, const http::Reply& reply) const;
    void get(const http::Request& request, const http::Reply& reply) const;
    void add(const http::Request& request, const http::Reply& reply);
    void replace(const http::Request& request, const http::Reply& reply);
    void remove(const http::Request& request, const http::Reply& reply);
    [[nodiscard]] Result<fences::Fence> parse(const http::Request& request) const;
    void take_in(std::optional<fences::Fence> fence, const std::string& id, const std::string& user,
                 const std::string& what);

    store::Database& database_;
    const Directory& directory_;
    Events& events_;
    std::function<void(const std::vector<fences::Fence>&)> changed_;
    std::vector<fences::Fence> fences_; // by name
};

} // namespace masthead::api
