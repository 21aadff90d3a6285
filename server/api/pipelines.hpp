// /api/pipelines: pipeline files by the web.
#pragma once

#include "plugins/glib/json.hpp"
#include "server/api/pipeline_shelf.hpp"
#include "server/http/router.hpp"

#include <string>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Borrows what it is made from.
class Pipelines {
  public:
    Pipelines(PipelineShelf& shelf, store::Database& database,
              std::function<std::vector<CameraUse>(const std::string& name)> uses);

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    void list(const http::Reply& reply) const;
    void get(const http::Request& request, const http::Reply& reply) const;
    void put(const http::Request& request, const http::Reply& reply);
    void check(const http::Request& request, const http::Reply& reply);
    void versions(const http::Request& request, const http::Reply& reply);
    void roll_back(const http::Request& request, const http::Reply& reply);
    void apply(PipelineEdit edit, const http::Reply& reply);
    [[nodiscard]] std::string pipeline_json(const std::string& name) const;
    void write_uses(json::Writer& out, const std::string& name) const;

    PipelineShelf& shelf_;
    store::Database& database_;
    std::function<std::vector<CameraUse>(const std::string&)> uses_;
};

} // namespace masthead::api
