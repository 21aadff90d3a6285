// /api/recordings/.../snapshot: one recorded frame as a picture, and what it says of itself.
#pragma once

#include "plugins/glib/ref.hpp"
#include "server/http/router.hpp"

#include <deque>
#include <filesystem>
#include <functional>
#include <vector>

namespace masthead::api {

/// Frames are read and decoded by masthead-recording, two at a time; 20 more may wait. Thread: the default
/// GMainContext's.
class Snapshots {
  public:
    Snapshots(std::filesystem::path recordings, std::filesystem::path tool);
    /// Nothing is answered any more.
    ~Snapshots();
    Snapshots(const Snapshots&) = delete;
    Snapshots& operator=(const Snapshots&) = delete;

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    void take(const http::Request& request, const http::Reply& reply, bool picture);
    void next();

    std::filesystem::path recordings_;
    std::filesystem::path tool_;
    std::deque<std::function<void()>> waiting_;
    int running_ = 0;
    Ref<GCancellable> cancellable_;
};

} // namespace masthead::api
