#include "server/api/recordings.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/log.hpp"
#include "server/api/queries.hpp"
#include "server/api/recorded_files.hpp"
#include "server/archive/coverage.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

constexpr const char* kPlaylistType = "application/vnd.apple.mpegurl";
constexpr const char* kTsType = "video/mp2t";
constexpr int kLiveFiles = 8; // of the newest: an hour's window at the shortest usual file

std::string coverage_json(const std::vector<store::RecordingRow>& rows,
                          std::chrono::microseconds resolution) {
    json::Writer out;
    out.begin_array();
    for (auto row = rows.begin(); row != rows.end();) {
        const auto end = std::find_if(row, rows.end(), [&](const auto& other) {
            return other.vehicle != row->vehicle || other.camera != row->camera;
        });
        out.begin_object()
            .member("vehicle", row->vehicle)
            .member("camera", row->camera)
            .key("ranges")
            .begin_array();
        std::vector<archive::Range> ranges;
        for (; row != end; ++row) {
            ranges.push_back({row->began, row->ended});
        }
        for (const archive::Range& range : archive::joined(std::move(ranges), resolution)) {
            out.begin_object().member("from", range.from.us).member("to", range.to.us).end_object();
        }
        out.end_array().end_object();
    }
    return out.end_array().release();
}

void send_playlist(const http::Reply& reply, const Result<std::string>& text) {
    if (!text) {
        return reply.fail(text.error());
    }
    if (text->empty()) {
        return reply.fail({Code::not_found, "nothing was recorded by this camera in this time"});
    }
    http::Response response;
    response.content_type = kPlaylistType;
    response.body = *text;
    reply.send(std::move(response));
}

} // namespace

std::vector<http::Route> Recordings::routes() {
    using http::Access;
    const auto to =
        [this](void (Recordings::*handle)(const http::Request&, const http::Reply&)) -> http::Handler {
        return [this, handle](const http::Request& request, const http::Reply& reply) {
            (this->*handle)(request, reply);
        };
    };
    return {{"GET", "/api/recordings", Access::viewer, to(&Recordings::list)},
            {"GET", "/api/recordings/{id}/{camera}/playlist.m3u8", Access::viewer, to(&Recordings::playlist)},
            {"GET", "/api/recordings/{id}/{camera}/live.m3u8", Access::viewer, to(&Recordings::live)},
            {"GET", "/api/recordings/{id}/{camera}/{day}/{file}", Access::viewer,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { file(request, reply); })}};
}

// --- Keeping the database up with the files ---

void Recordings::arrived(const control::RecordingState& state) {
    if (!state.file.empty()) {
        last_[{state.vehicle, state.camera}] = state.file;
        look_at(state.file);
    }
}

void Recordings::retired(const std::string& vehicle) {
    for (const auto& [camera, file] : last_) {
        if (camera.first == vehicle) {
            look_at(file);
        }
    }
    std::erase_if(last_, [&](const auto& each) { return each.first.first == vehicle; });
}

void Recordings::look_at(const std::string& file) {
    if (std::ranges::find(waiting_, file) == waiting_.end()) {
        waiting_.push_back(file);
        look_at_next();
    }
}

void Recordings::refresh() {
    auto files = std::make_shared<std::vector<std::string>>();
    database_.post([files, folder = folder_](store::Connection*) { *files = files_under(folder); },
                   [this, files] {
                       for (const std::string& file : *files) {
                           look_at(file);
                       }
                   });
}

/// One at a time, so that questions come in between.
void Recordings::look_at_next() {
    if (looking_ || waiting_.empty()) {
        return;
    }
    looking_ = true;
    const std::string file = std::move(waiting_.front());
    waiting_.pop_front();
    database_.run<void>(
        [file, folder = folder_](store::Connection& connection) { return catalog(connection, folder, file); },
        [this, file](const Result<void>& done) {
            looking_ = false;
            if (!done && done.error().code == Code::unavailable) {
                return waiting_.clear(); // all are found again when the database is back
            }
            if (!done) {
                log(LogLevel::warning, "a recording cannot be listed",
                    {{"file", file}, {"reason", done.error().message}});
            }
            look_at_next();
        });
}

// --- Answers ---

void Recordings::list(const http::Request& request, const http::Reply& reply) {
    const auto range = query_range(request);
    const auto resolution = query_integer(request, "resolution", 0);
    if (!range || !resolution || *resolution < 0) {
        return reply.fail(
            !range ? range.error()
                   : Error{Code::invalid_argument, "'resolution' must be a whole number from 0 up"});
    }
    database_.run<std::vector<store::RecordingRow>>(
        [range = *range](store::Connection& connection) {
            return store::list_recordings(connection,
                                          {.vehicle = "", .camera = "", .from = range.from, .to = range.to});
        },
        [reply, resolution = *resolution](const Result<std::vector<store::RecordingRow>>& rows) {
            if (!rows) {
                return reply.fail(rows.error());
            }
            reply.send(http::json_response(200, coverage_json(*rows, std::chrono::microseconds(resolution))));
        });
}

void Recordings::playlist(const http::Request& request, const http::Reply& reply) {
    const auto range = query_range(request);
    if (!range) {
        return reply.fail(range.error());
    }
    const std::string name = query_text(request, "container");
    if (!name.empty() && name != "ts" && name != "fmp4") {
        return reply.fail({Code::invalid_argument, "'container' must be ts or fmp4"});
    }
    const auto container = name == "fmp4" ? archive::Container::fmp4 : archive::Container::ts;
    const store::RecordingRange wanted{request.slots.at("id"), request.slots.at("camera"), range->from,
                                       range->to};
    database_.run<std::string>(
        [wanted, container, folder = folder_](store::Connection& connection) {
            return store::list_recordings(connection, wanted).map([&](const auto& rows) {
                return archive::vod_playlist(playlist_files(folder, rows), wanted.from, wanted.to, container);
            });
        },
        [reply](const Result<std::string>& text) { send_playlist(reply, text); });
}

void Recordings::live(const http::Request& request, const http::Reply& reply) {
    const auto window = hls_window_s_({request.slots.at("id"), request.slots.at("camera")});
    if (!window) {
        return reply.fail(
            {Code::not_found, "this camera has no live playlist: its pipeline file has no output 'hls'"});
    }
    database_.run<std::string>(
        [vehicle = request.slots.at("id"), camera = request.slots.at("camera"), window = *window,
         folder = folder_](store::Connection& connection) {
            return store::newest_recordings(connection, vehicle, camera, kLiveFiles).map([&](auto rows) {
                std::ranges::reverse(rows);
                return archive::live_playlist(playlist_files(folder, rows), std::chrono::seconds(window));
            });
        },
        [reply](const Result<std::string>& text) { send_playlist(reply, text); });
}

void Recordings::file(const http::Request& request, const http::Reply& reply) const {
    const std::string& name = request.slots.at("file");
    const auto path = recorded_path(folder_, request);
    std::error_code error;
    const std::uint64_t size = path ? std::filesystem::file_size(*path, error) : 0;
    if (!path || error) {
        return reply.fail(
            {Code::not_found, "the recorded file " + name +
                                  " is not there (any more): it was removed, or its disk is missing"});
    }
    // Append-only: the size tells one state from another.
    reply.send(
        http::file_response(request, *path, size, kTsType,
                            "\"" + name.substr(0, name.size() - 3) + "-" + std::to_string(size) + "\""));
}

} // namespace masthead::api
