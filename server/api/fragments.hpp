// /api/recordings/.../init.mp4 and gop.m4s: recorded GOPs as fragmented MP4, made when they are asked for.
#pragma once

#include "plugins/bytes/bytes.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"

#include <filesystem>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Files are read and remuxed on the database's thread, whether the
/// database is there or not.
class Fragments {
  public:
    /// `folder`: where all recordings are. Borrows the database, which must be for recordings alone.
    Fragments(std::filesystem::path folder, store::Database& database)
        : folder_(std::move(folder)), database_(database) {}

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    using Make = std::function<Result<Bytes>(const std::filesystem::path&)>;
    void answer(const http::Request& request, const http::Reply& reply, Make make);
    void init(const http::Request& request, const http::Reply& reply);
    void gop(const http::Request& request, const http::Reply& reply);

    std::filesystem::path folder_;
    store::Database& database_;
};

} // namespace masthead::api
