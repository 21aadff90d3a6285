// /api/exports: files of a range of a camera, made as jobs, and their download.
#pragma once

#include "server/api/operations.hpp"
#include "server/http/router.hpp"

#include <filesystem>
#include <vector>

namespace masthead::api {

struct ExportSettings {
    std::filesystem::path recordings;
    int keep_free_percent = 5; // of their disk: an export that would leave less is refused
    int max_gigabytes = 100;   // all exports together
};

/// Files stand in a hidden folder of the recordings' own disk: RECORDINGS/.exports/OPERATION. Thread: the
/// default GMainContext's. Borrows the operations.
class Exports {
  public:
    Exports(Operations& operations, ExportSettings settings);

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    void start(const http::Request& request, const http::Reply& reply);
    void file(const http::Request& request, const http::Reply& reply) const;

    Operations& operations_;
    ExportSettings settings_;
};

} // namespace masthead::api
