#include "server/api/exports.hpp"

#include "plugins/glib/json.hpp"
#include "server/api/queries.hpp"
#include "server/auth/secrets.hpp"
#include "server/control/protocol.hpp"
#include "server/store/recordings.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace masthead::api {
namespace {

constexpr std::size_t kMaxNote = 4000;
constexpr std::chrono::hours kLongest{24};
constexpr std::array<std::string_view, 8> kContents{"ts",  "mp4", "klv_json", "klv_csv",
                                                    "kml", "gpx", "geojson",  "events"};

struct Wish {
    std::string vehicle;
    std::string camera;
    TimeRange range;
    std::vector<std::string> contents;
    bool package = false;
    std::string note;
};

std::string list_of(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words) {
        list += (list.empty() ? "" : ",") + word;
    }
    return list;
}

Result<std::vector<std::string>> contents_in(const json::Value& value) {
    const auto listed = value.array("contents");
    if (!listed) {
        return tl::unexpected(listed.error());
    }
    std::vector<std::string> contents;
    for (const json::Value& item : listed->items()) {
        const auto word = item.as_string();
        if (!word || std::ranges::find(kContents, *word) == kContents.end()) {
            return fail(Code::invalid_argument,
                        "'contents': each must be one of " + list_of({kContents.begin(), kContents.end()}));
        }
        if (std::ranges::find(contents, *word) == contents.end()) {
            contents.push_back(*word);
        }
    }
    return contents.empty() ? fail(Code::invalid_argument, "'contents': one at least is wanted")
                            : Result<std::vector<std::string>>(std::move(contents));
}

Result<Wish> parse(const std::string& body) {
    const auto value = json::Value::parse(body);
    if (!value) {
        return tl::unexpected(value.error());
    }
    auto vehicle = value->string("vehicle");
    auto camera = value->string("camera");
    auto note = value->find("note") ? value->string("note") : Result<std::string>("");
    for (const auto* text : {&vehicle, &camera, &note}) {
        if (!*text) {
            return tl::unexpected(text->error());
        }
    }
    if (!control::is_id(*vehicle) || !control::is_id(*camera)) {
        return fail(Code::invalid_argument, "'vehicle' and 'camera' must be ids");
    }
    if (note->size() > kMaxNote) {
        return fail(Code::invalid_argument, "'note' must be at most 4000 bytes");
    }
    const auto from = value->integer("from");
    const auto to = value->integer("to");
    const auto package = value->find("package") ? value->boolean("package") : Result<bool>(false);
    if (!from || !to || !package) {
        return tl::unexpected(!from ? from.error() : !to ? to.error() : package.error());
    }
    const auto range = time_range(*from, *to);
    if (!range) {
        return tl::unexpected(range.error());
    }
    if (range->to - range->from > kLongest) {
        return fail(Code::invalid_argument, "'to' must be at most 24 hours after 'from'");
    }
    auto contents = contents_in(*value);
    if (!contents) {
        return tl::unexpected(contents.error());
    }
    return Wish{*std::move(vehicle),  *std::move(camera), *range,
                *std::move(contents), *package,           *std::move(note)};
}

std::filesystem::path folder_of(const std::filesystem::path& recordings) { return recordings / ".exports"; }

void clear(const std::filesystem::path& folder, const std::string& id) {
    std::error_code error;
    for (const char* ending : {"", ".part", ".json"}) {
        std::filesystem::remove_all(folder / (id + ending), error);
    }
}

std::uint64_t bytes_under(const std::filesystem::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code unknown;
        const auto size = entry->file_size(unknown);
        bytes += unknown ? 0 : size;
    }
    return bytes;
}

/// What an export needs on the disk while it is made, roughly.
std::uint64_t room_for(const Wish& wish, const std::vector<store::RecordingRow>& rows) {
    double bytes = 0;
    for (const store::RecordingRow& row : rows) {
        const auto whole = static_cast<double>(std::max<std::int64_t>((row.ended - row.began).count(), 1));
        const auto part = std::min(row.ended, wish.range.to) - std::max(row.began, wish.range.from);
        bytes += static_cast<double>(row.bytes) * static_cast<double>(part.count()) / whole;
    }
    double copies = 0.2; // of text
    for (const char* video : {"ts", "mp4"}) {
        copies += std::ranges::find(wish.contents, video) != wish.contents.end() ? 1 : 0;
    }
    return static_cast<std::uint64_t>(bytes * copies * (wish.package ? 2 : 1));
}

/// Whether there is anything to export, and room for it. Reads the disk.
Result<void> check(store::Connection& connection, const ExportSettings& settings, const Wish& wish) {
    const auto rows =
        store::list_recordings(connection, {wish.vehicle, wish.camera, wish.range.from, wish.range.to});
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    if (rows->empty()) {
        return fail(Code::not_found, "nothing was recorded by this camera in this time");
    }
    std::error_code error;
    for (const store::RecordingRow& row : *rows) {
        if (!std::filesystem::exists(settings.recordings / row.file, error)) {
            return fail(Code::not_found,
                        "the recorded file " + row.file +
                            " is not there (any more): it was removed, or its disk is missing");
        }
    }
    const std::uint64_t wanted = room_for(wish, *rows);
    const auto most = static_cast<std::uint64_t>(settings.max_gigabytes) * 1'000'000'000;
    if (bytes_under(folder_of(settings.recordings)) + wanted > most) {
        return fail(Code::too_large,
                    "exports would take more than " + std::to_string(settings.max_gigabytes) +
                        " GB (settings: max_export_gigabytes): remove old ones, or export less");
    }
    const auto space = std::filesystem::space(settings.recordings, error);
    if (!error && space.available < wanted + space.capacity / 100 *
                                                 static_cast<std::uint64_t>(settings.keep_free_percent)) {
        return fail(Code::too_large, "the disk for recordings has no room for this export");
    }
    return {};
}

/// The program's --about.
Result<void> write_about(store::Connection& connection, const store::OperationRow& row,
                         const std::filesystem::path& path) {
    const auto happened = store::happened_json(connection, row.vehicle, row.camera, *row.from, *row.to);
    if (!happened) {
        return tl::unexpected(happened.error());
    }
    const auto request = json::Value::parse(row.request);
    const std::string note = request ? request->string("note").value_or("") : "";
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << "{\"user\":" << json::quote(row.user) << ",\"note\":" << json::quote(note) << ","
         << happened->substr(1);
    file.close();
    return file ? Result<void>() : fail(Code::unavailable, path.string() + " cannot be written");
}

Result<std::vector<std::string>> prepare(store::Connection& connection,
                                         const std::filesystem::path& recordings,
                                         const store::OperationRow& row) {
    const auto folder = folder_of(recordings);
    clear(folder, row.id);
    std::error_code error;
    std::filesystem::create_directories(folder, error); // said below if it failed
    const auto about = folder / (row.id + ".json");
    if (auto written = write_about(connection, row, about); !written) {
        return tl::unexpected(written.error());
    }
    const auto request = json::Value::parse(row.request);
    if (!request) {
        return tl::unexpected(request.error());
    }
    const auto contents = contents_in(*request);
    if (!contents) {
        return tl::unexpected(contents.error());
    }
    std::vector<std::string> arguments{"export",     recordings / row.vehicle / row.camera,
                                       "--from",     std::to_string(row.from->us),
                                       "--to",       std::to_string(row.to->us),
                                       "--out",      folder / (row.id + ".part"),
                                       "--contents", list_of(*contents),
                                       "--about",    about,
                                       "--json"};
    if (request->boolean("package").value_or(false)) {
        arguments.emplace_back("--package");
    }
    return arguments;
}

Result<void> keep(const std::filesystem::path& folder, store::OperationRow& row, const json::Value& outcome) {
    std::error_code error;
    std::filesystem::remove(folder / (row.id + ".json"), error);
    std::filesystem::rename(folder / (row.id + ".part"), folder / row.id, error);
    if (error) {
        return fail(Code::unavailable, "the export cannot be kept: " + error.message());
    }
    row.files = outcome.find("files") ? outcome.find("files")->text() : "[]";
    return {};
}

std::string type_of(const std::filesystem::path& file) {
    static const std::map<std::string, std::string> kTypes{{".ts", "video/mp2t"},
                                                           {".mp4", "video/mp4"},
                                                           {".zip", "application/zip"},
                                                           {".json", "application/json"},
                                                           {".jsonl", "application/jsonl"},
                                                           {".csv", "text/csv; charset=utf-8"},
                                                           {".geojson", "application/geo+json"},
                                                           {".gpx", "application/gpx+xml"},
                                                           {".kml", "application/vnd.google-earth.kml+xml"}};
    const auto found = kTypes.find(file.extension());
    return found == kTypes.end() ? "application/octet-stream" : found->second;
}

/// A single name of no hidden file.
bool is_plain(const std::string& name) {
    return !name.empty() && name[0] != '.' && name.find_first_of("/\\") == std::string::npos;
}

} // namespace

Exports::Exports(Operations& operations, ExportSettings settings)
    : operations_(operations), settings_(std::move(settings)) {
    const auto folder = folder_of(settings_.recordings);
    operations_.define(
        "export", {.prepare = [root = settings_.recordings](
                                  store::Connection& connection,
                                  const store::OperationRow& row) { return prepare(connection, root, row); },
                   .keep = [folder](store::OperationRow& row,
                                    const json::Value& outcome) { return keep(folder, row, outcome); },
                   .clear = [folder](const std::string& id) { clear(folder, id); }});
}

std::vector<http::Route> Exports::routes() {
    using http::Access;
    return {{"POST", "/api/exports", Access::operators,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { start(request, reply); })},
            {"GET", "/api/exports/{operation}/{file}", Access::viewer,
             http::Handler(
                 [this](const http::Request& request, const http::Reply& reply) { file(request, reply); })}};
}

void Exports::start(const http::Request& request, const http::Reply& reply) {
    const auto wish = parse(request.body);
    if (!wish) {
        return reply.fail(wish.error());
    }
    json::Writer asked;
    asked.begin_object().key("contents").begin_array();
    for (const std::string& content : wish->contents) {
        asked.value(content);
    }
    asked.end_array().member("package", wish->package).member("note", wish->note).end_object();
    operations_.add(
        {.id = auth::new_name(),
         .kind = "export",
         .state = "queued",
         .detail = "",
         .user = request.caller->user,
         .created = utc_now(),
         .ended = {},
         .vehicle = wish->vehicle,
         .camera = wish->camera,
         .from = wish->range.from,
         .to = wish->range.to,
         .request = asked.release()},
        [settings = settings_, wish = *wish](store::Connection& connection) {
            return check(connection, settings, wish);
        },
        reply);
}

/// A folder has its operation's name once the export is done.
void Exports::file(const http::Request& request, const http::Reply& reply) const {
    const std::string& id = request.slots.at("operation");
    const std::string& name = request.slots.at("file");
    const bool named = is_plain(name) && is_plain(id) && id.find('.') == std::string::npos;
    const auto path = folder_of(settings_.recordings) / id / name;
    std::error_code error;
    const std::uint64_t size = named ? std::filesystem::file_size(path, error) : 0;
    if (!named || error) {
        return reply.fail({Code::not_found, "there is no such exported file (any more)"});
    }
    auto response = http::file_response(request, path, size, type_of(path),
                                        "\"" + id + "-" + std::to_string(size) + "\"");
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
    reply.send(std::move(response));
}

} // namespace masthead::api
