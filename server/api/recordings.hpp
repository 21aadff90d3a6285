// /api/recordings: what was recorded, as playlists over the recorded files, and the files themselves.
#pragma once

#include "server/control/protocol.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"
#include "server/store/recordings.hpp"

#include <deque>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace masthead::api {

/// Thread: the default GMainContext's. Files are read on the database's thread, which is this resource's own,
/// so that a slow disk holds up nothing else.
class Recordings {
  public:
    /// `folder`: where all recordings are.
    Recordings(std::filesystem::path folder, const std::string& conninfo);

    [[nodiscard]] std::vector<http::Route> routes();
    /// There is more of a file.
    void arrived(const control::RecordingState& state);

  private:
    void found_all();
    void look_at_next();
    void list(const http::Request& request, const http::Reply& reply);
    void playlist(const http::Request& request, const http::Reply& reply);
    void live(const http::Request& request, const http::Reply& reply);
    void file(const http::Request& request, const http::Reply& reply) const;

    std::filesystem::path folder_;
    std::deque<std::string> waiting_; // files to be looked at, each once
    bool looking_ = false;
    store::Database database_; // last: its thread ends first
};

} // namespace masthead::api
