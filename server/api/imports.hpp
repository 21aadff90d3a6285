// /api/imports: files from elsewhere, taken to disk and made recordings by jobs.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "plugins/glib/timer.hpp"
#include "server/api/operations.hpp"
#include "server/http/router.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace masthead::api {

struct ImportSettings {
    std::filesystem::path recordings;
    int keep_free_percent = 5; // of their disk: an upload that would leave less is refused
    int max_gigabytes = 20;    // of a file
};

/// Files wait in a hidden folder of the recordings' own disk: RECORDINGS/.imports/OPERATION.video and .log,
/// until their job has ended. Thread: the default GMainContext's. Borrows the operations.
class Imports {
  public:
    /// `recorded` is told of each new recording, as the database names it. What an earlier server had not
    /// taken in whole is removed.
    Imports(Operations& operations, ImportSettings settings,
            std::function<void(const std::string& file)> recorded);

    [[nodiscard]] std::vector<http::Route> routes();

  private:
    struct Log {
        std::shared_ptr<http::UploadedFile> file;
        Utc came;
    };
    void start(const http::Request& request, const http::Reply& reply);
    void add_log(const http::Request& request, const http::Reply& reply);
    [[nodiscard]] Result<void> check_start(const http::Request& request) const;
    void forget_old_logs();

    Operations& operations_;
    ImportSettings settings_;
    std::map<std::string, Log> logs_; // that wait for their videos
    Timer expiry_;
};

} // namespace masthead::api
