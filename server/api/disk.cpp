#include "server/api/disk.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "plugins/recording/index.hpp"
#include "server/store/recordings.hpp"

#include <algorithm>
#include <cmath>

namespace masthead::api {
namespace {

constexpr std::chrono::seconds kEvery{60};
constexpr double kWarnDays = 3;

std::string gigabytes(std::uint64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
    return text;
}

archive::Disk disk_of(const std::filesystem::path& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    return error ? archive::Disk{} : archive::Disk{.free = space.available, .total = space.capacity};
}

} // namespace

DiskWatch::DiskWatch(store::Database& database, Events& events, DiskSettings settings)
    : database_(database), events_(events), settings_(std::move(settings)),
      timer_(nullptr, [this] { look(); }) {
    timer_.repeat(kEvery);
    last_.disk = disk_of(settings_.recordings);
}

std::vector<http::Route> DiskWatch::routes() {
    return {{"GET", "/api/disk", http::Access::viewer,
             http::Handler([this](const http::Request&, const http::Reply& reply) {
                 const archive::Disk disk = disk_of(settings_.recordings);
                 json::Writer out;
                 out.begin_object().member("free_bytes", disk.free).member("total_bytes", disk.total);
                 out.member("days_until_full", last_.days_left).key("failing").begin_array();
                 for (const auto& [camera, why] : failing_) {
                     const std::size_t slash = camera.find('/');
                     out.begin_object()
                         .member("vehicle", camera.substr(0, slash))
                         .member("camera", camera.substr(slash + 1))
                         .member("detail", why)
                         .end_object();
                 }
                 reply.send(http::json_response(200, out.end_array().end_object().release()));
             })}};
}

void DiskWatch::arrived(const control::RecordingState& state) {
    using control::RecordingPhase;
    const std::string camera = state.vehicle + "/" + state.camera;
    if (state.state == RecordingPhase::failing) {
        const bool is_new = failing_.insert_or_assign(camera, state.detail).second;
        if (is_new) {
            say("caution", "recording/" + camera, "nothing is recorded: " + state.detail);
        }
        return look();
    }
    if (failing_.erase(camera) > 0 && state.state == RecordingPhase::recording) {
        say("info", "recording/" + camera, "is recorded again");
    }
}

/// Reads and changes the disk: on the database's thread.
Result<DiskWatch::Outcome> DiskWatch::tidy(store::Connection& connection, const std::filesystem::path& folder,
                                           archive::Retention retention, int keep_free_percent, Utc now) {
    const auto files = store::kept_files(connection);
    if (!files) {
        return tl::unexpected(files.error());
    }
    Outcome outcome{.disk = disk_of(folder)};
    retention.keep_free = outcome.disk.total / 100 * static_cast<std::uint64_t>(keep_free_percent);
    outcome.removed = archive::removals(*files, retention, outcome.disk, now);
    for (const archive::Removal& removal : outcome.removed) {
        std::error_code error;
        const auto path = folder / removal.file;
        const auto bytes = std::filesystem::file_size(path, error);
        outcome.removed_bytes += error ? 0 : bytes;
        std::filesystem::remove(path, error);
        std::filesystem::remove(recording::index_of(path), error);
        if (const auto forgotten = store::remove_recording(connection, removal.file); !forgotten) {
            return tl::unexpected(forgotten.error());
        }
    }
    outcome.disk = disk_of(folder);
    outcome.days_left = archive::days_until_full(*files, outcome.disk, retention.keep_free, now);
    return outcome;
}

void DiskWatch::look() {
    if (std::exchange(looking_, true)) {
        return;
    }
    database_.run<Outcome>(
        [folder = settings_.recordings, rules = settings_.rules(), percent = settings_.keep_free_percent,
         now = utc_now()](store::Connection& connection) {
            return tidy(connection, folder, {.rules = rules, .otherwise = {}}, percent, now);
        },
        [this](const Result<Outcome>& outcome) {
            looking_ = false;
            if (outcome) {
                tell(*outcome);
            } else if (outcome.error().code != Code::unavailable) {
                log(LogLevel::error, "old recordings could not be removed",
                    {{"reason", outcome.error().message}});
            }
        });
}

void DiskWatch::tell(const Outcome& outcome) {
    last_ = outcome;
    const auto for_disk =
        std::ranges::count(outcome.removed, archive::Reason::disk, &archive::Removal::reason);
    if (!outcome.removed.empty()) {
        log(LogLevel::info, "old recordings were removed",
            {{"files", std::to_string(outcome.removed.size())}, {"size", gigabytes(outcome.removed_bytes)}});
    }
    if (for_disk > 0) {
        say("caution", "disk",
            "the disk for recordings was full: the oldest " + std::to_string(for_disk) +
                " files went; free " + gigabytes(outcome.disk.free));
    }
    const bool fills = outcome.days_left && *outcome.days_left < kWarnDays;
    if (fills && !warned_) {
        say("caution", "disk",
            "the disk for recordings will be full in " +
                std::to_string(static_cast<int>(std::ceil(*outcome.days_left))) +
                " days; then the oldest that nobody protected go");
    }
    warned_ = fills;
}

void DiskWatch::say(const char* level, const std::string& subject, const std::string& message) {
    events_.post({.id = "", .time = {}, .level = level, .subject = subject, .user = "", .message = message});
}

} // namespace masthead::api
