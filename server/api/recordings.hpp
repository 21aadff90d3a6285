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

/// Thread: the default GMainContext's. Files are read on the database's thread, which must be for recordings
/// alone: a slow disk holds up nothing else then.
class Recordings {
  public:
    /// `folder`: where all recordings are. Borrows the database.
    /// `hls_window_s`: seconds of a camera's live playlist; nothing: it has none.
    using HlsWindow = std::function<std::optional<int>(const archive::CameraKey&)>;
    Recordings(std::filesystem::path folder, store::Database& database, HlsWindow hls_window_s)
        : folder_(std::move(folder)), database_(database), hls_window_s_(std::move(hls_window_s)) {}

    [[nodiscard]] std::vector<http::Route> routes();
    /// The database is there (again): it may lack anything.
    void refresh();
    /// There is more of a file.
    void arrived(const control::RecordingState& state);

  private:
    void look_at_next();
    void list(const http::Request& request, const http::Reply& reply);
    void playlist(const http::Request& request, const http::Reply& reply);
    void live(const http::Request& request, const http::Reply& reply);
    void file(const http::Request& request, const http::Reply& reply) const;

    std::filesystem::path folder_;
    std::deque<std::string> waiting_; // files to be looked at, each once
    bool looking_ = false;
    store::Database& database_;
    HlsWindow hls_window_s_;
};

} // namespace masthead::api
