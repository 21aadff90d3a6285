// /api/disk: how full the disk for recordings is, and what keeps it from filling up: old recordings are
// removed, and people are told in time.
#pragma once

#include "plugins/glib/timer.hpp"
#include "server/api/events.hpp"
#include "server/archive/retention.hpp"
#include "server/control/protocol.hpp"
#include "server/http/router.hpp"
#include "server/store/database.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace masthead::api {

struct DiskSettings {
    std::filesystem::path recordings;
    int keep_free_percent = 5;
    /// How long each camera's recordings are kept.
    std::function<std::map<archive::CameraKey, archive::KeepRule>()> rules;
};

/// Looks once a minute, and at once when a worker says that it cannot write. Thread: the default
/// GMainContext's. Borrows the database and events.
class DiskWatch {
  public:
    DiskWatch(store::Database& database, Events& events, DiskSettings settings);

    [[nodiscard]] std::vector<http::Route> routes();
    void arrived(const control::RecordingState& state);

  private:
    struct Outcome {
        archive::Disk disk;
        std::optional<double> days_left;
        std::vector<archive::Removal> removed;
        std::uint64_t removed_bytes = 0;
    };
    [[nodiscard]] static Result<Outcome> tidy(store::Connection& connection,
                                              const std::filesystem::path& folder,
                                              archive::Retention retention, int keep_free_percent, Utc now);
    void look();
    void tell(const Outcome& outcome);
    void say(const char* level, const std::string& subject, const std::string& message);

    store::Database& database_;
    Events& events_;
    DiskSettings settings_;
    Outcome last_;
    bool looking_ = false;
    bool warned_ = false;                        // that the disk fills up
    std::map<std::string, std::string> failing_; // why, by "vehicle/camera"
    Timer timer_;
};

} // namespace masthead::api
