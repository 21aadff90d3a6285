#include "server/api/imports.hpp"

#include "plugins/glib/json.hpp"
#include "plugins/glib/main_loop.hpp"
#include "server/api/queries.hpp"
#include "server/auth/secrets.hpp"
#include "server/control/protocol.hpp"

#include <algorithm>

namespace masthead::api {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBodyType = "application/octet-stream";
constexpr std::uint64_t kMaxLogBytes = 512u << 20; // what masthead-recording reads
constexpr std::size_t kMaxLogs = 16;               // that wait
constexpr std::size_t kMaxName = 255;
constexpr std::chrono::minutes kLogLife{60};

fs::path folder_of(const fs::path& recordings) { return recordings / ".imports"; }
fs::path video_of(const fs::path& folder, const std::string& id) { return folder / (id + ".video"); }
fs::path log_of(const fs::path& folder, const std::string& id) { return folder / (id + ".log"); }

void clear(const fs::path& folder, const std::string& id) {
    std::error_code ignored; // a file that is not there is fine
    fs::remove(video_of(folder, id), ignored);
    fs::remove(log_of(folder, id), ignored);
}

Result<void> check_name(const http::Request& request) {
    const std::string name = query_text(request, "name");
    return name.empty() || name.size() > kMaxName
               ? Result<void>(
                     fail(Code::invalid_argument, "'name' must be the file's name, at most 255 bytes"))
               : Result<void>();
}

/// From now on it is the job's.
Result<void> hand_over(http::UploadedFile& upload, const fs::path& to) {
    std::error_code error;
    fs::rename(upload.path(), to, error);
    if (error) {
        return fail(Code::unavailable, "the file cannot be kept: " + error.message());
    }
    (void)upload.take();
    return {};
}

Result<std::vector<std::string>> prepare(const fs::path& recordings, const store::OperationRow& row) {
    const fs::path folder = folder_of(recordings);
    std::error_code error;
    if (!fs::exists(video_of(folder, row.id), error)) {
        return fail(Code::not_found, "the file that was sent is not there any more");
    }
    std::vector<std::string> arguments{"import",       video_of(folder, row.id),
                                       "--recordings", recordings,
                                       "--vehicle",    row.vehicle,
                                       "--camera",     row.camera,
                                       "--json"};
    if (row.from) {
        arguments.insert(arguments.end(), {"--start", std::to_string(row.from->us)});
    }
    if (fs::exists(log_of(folder, row.id), error)) {
        arguments.insert(arguments.end(), {"--telemetry", log_of(folder, row.id)});
    }
    return arguments;
}

/// What the job says of itself, with what the program found out.
Result<void> keep(const fs::path& folder, const std::function<void(const std::string&)>& recorded,
                  store::OperationRow& row, const json::Value& outcome) {
    const auto from = outcome.integer("from");
    const auto to = outcome.integer("to");
    const auto files = outcome.array("files");
    if (!from || !to || !files) {
        return fail(Code::internal, "masthead-recording did not say what the file became");
    }
    row.from = Utc{*from};
    row.to = Utc{*to};
    row.detail = "capture times: by " + outcome.string("time_source").value_or("");
    if (const auto warnings = outcome.array("warnings")) {
        for (const json::Value& warning : warnings->items()) {
            row.detail += "; " + warning.as_string().value_or("");
        }
    }
    for (const json::Value& file : files->items()) {
        on_main_loop([recorded, name = file.string("name").value_or("")] { recorded(name); });
    }
    clear(folder, row.id);
    return {};
}

} // namespace

Imports::Imports(Operations& operations, ImportSettings settings,
                 std::function<void(const std::string& file)> recorded)
    : operations_(operations), settings_(std::move(settings)),
      expiry_(nullptr, [this] { forget_old_logs(); }) {
    const fs::path folder = folder_of(settings_.recordings);
    std::error_code error; // an upload says it
    fs::create_directories(folder, error);
    http::remove_unfinished_uploads(folder);
    operations_.define(
        "import",
        {.prepare = [root = settings_.recordings](
                        store::Connection&, const store::OperationRow& row) { return prepare(root, row); },
         .keep =
             [folder, recorded = std::move(recorded)](store::OperationRow& row, const json::Value& outcome) {
                 return keep(folder, recorded, row, outcome);
             },
         .clear = [folder](const std::string& id) { clear(folder, id); }});
}

std::vector<http::Route> Imports::routes() {
    using http::Access;
    const auto largest = static_cast<std::uint64_t>(settings_.max_gigabytes) * 1'000'000'000;
    const auto upload = [this](std::uint64_t max_bytes,
                               std::function<Result<void>(const http::Request&)> check) {
        return http::Upload{.folder = folder_of(settings_.recordings),
                            .max_bytes = max_bytes,
                            .keep_free_percent = settings_.keep_free_percent,
                            .check = std::move(check)};
    };
    return {
        {.method = "POST",
         .pattern = "/api/imports",
         .access = Access::operators,
         .handler = http::Handler(
             [this](const http::Request& request, const http::Reply& reply) { start(request, reply); }),
         .body_type = kBodyType,
         .upload = upload(largest, [this](const http::Request& request) { return check_start(request); })},
        {.method = "POST",
         .pattern = "/api/imports/logs",
         .access = Access::operators,
         .handler = http::Handler(
             [this](const http::Request& request, const http::Reply& reply) { add_log(request, reply); }),
         .body_type = kBodyType,
         .upload = upload(std::min(largest, kMaxLogBytes), check_name)}};
}

Result<void> Imports::check_start(const http::Request& request) const {
    if (!control::is_id(query_text(request, "vehicle")) || !control::is_id(query_text(request, "camera"))) {
        return fail(Code::invalid_argument, "'vehicle' and 'camera' must be ids");
    }
    const auto begin = query_integer(request, "begin", 0);
    if (!begin || *begin < 0 || *begin > klv::kLastUtc.us) {
        return fail(Code::invalid_argument, "'begin' must be microseconds UTC");
    }
    if (const std::string log = query_text(request, "log"); !log.empty() && !logs_.contains(log)) {
        return fail(Code::not_found, "the telemetry log is not there (any more): send it again");
    }
    return check_name(request);
}

/// The log may have gone, or been used, since the headers were looked at.
void Imports::start(const http::Request& request, const http::Reply& reply) {
    if (const auto good = check_start(request); !good) {
        return reply.fail(good.error());
    }
    store::OperationRow row{
        .id = auth::new_name(),
        .kind = "import",
        .state = "queued",
        .detail = "",
        .user = request.caller->user,
        .created = utc_now(),
        .ended = {},
        .vehicle = query_text(request, "vehicle"),
        .camera = query_text(request, "camera"),
        .from = {},
        .to = {},
        .request =
            json::Writer().begin_object().member("name", query_text(request, "name")).end_object().release()};
    if (request.query.contains("begin")) {
        row.from = Utc{*query_integer(request, "begin")};
    }
    std::shared_ptr<http::UploadedFile> log;
    if (auto waiting = logs_.extract(query_text(request, "log"))) {
        log = waiting.mapped().file;
    }
    operations_.add(
        row,
        [id = row.id, folder = folder_of(settings_.recordings), video = request.upload,
         log](store::Connection&) {
            return hand_over(*video, video_of(folder, id)).and_then([&] {
                return log ? hand_over(*log, log_of(folder, id)) : Result<void>();
            });
        },
        reply);
}

void Imports::add_log(const http::Request& request, const http::Reply& reply) {
    forget_old_logs();
    if (logs_.size() >= kMaxLogs) {
        return reply.fail({Code::conflict, "16 telemetry logs wait for their videos already"});
    }
    const std::string name = auth::new_name();
    logs_.emplace(name, Log{request.upload, utc_now()});
    expiry_.arm(kLogLife);
    reply.send(
        http::json_response(201, json::Writer().begin_object().member("log", name).end_object().release()));
}

void Imports::forget_old_logs() {
    std::erase_if(logs_, [now = utc_now()](const auto& log) { return now - log.second.came >= kLogLife; });
    if (!logs_.empty()) {
        expiry_.arm(kLogLife);
    }
}

} // namespace masthead::api
