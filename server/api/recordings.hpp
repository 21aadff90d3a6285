// /api/recordings: what was recorded, as playlists over the recorded files, and the files themselves.
#pragma once

#include "server/control/protocol.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"
#include "server/store/recordings.hpp"

#include <deque>
#include <filesystem>
#include <map>
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
    /// A worker writes a file.
    void arrived(const control::RecordingState& state);
    /// A vehicle's worker is gone, and has finished what it wrote.
    void retired(const std::string& vehicle);

    /// A file is new, or there is more of it.
    void look_at(const std::string& file);

  private:
    void look_at_next();
    void list(const http::Request& request, const http::Reply& reply);
    void playlist(const http::Request& request, const http::Reply& reply);
    void live(const http::Request& request, const http::Reply& reply);
    void file(const http::Request& request, const http::Reply& reply) const;

    std::filesystem::path folder_;
    std::deque<std::string> waiting_;                // files to be looked at, each once
    std::map<archive::CameraKey, std::string> last_; // of which a worker spoke
    bool looking_ = false;
    store::Database& database_;
    HlsWindow hls_window_s_;
};

} // namespace masthead::api
