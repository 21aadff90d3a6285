// Static files: path checks, content types, caching.
#include "server/http/static_files.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace masthead::http {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 256u << 20;

constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".geojson", "application/geo+json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".pbf", "application/x-protobuf"},
};

std::string_view type_of(const std::filesystem::path& file) {
    const std::string extension = file.extension().string();
    const auto* row = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const auto& type) { return type.first == extension; });
    return row == std::end(kTypes) ? "application/octet-stream" : row->second;
}

/// No empty, hidden or dot segments, no backslash: such names are not ours.
bool plain(std::string_view path) {
    if (!path.starts_with('/') || path.find('\\') != std::string_view::npos) {
        return false;
    }
    while (!path.empty()) {
        const auto slash = path.find('/', 1);
        const std::string_view segment = path.substr(1, slash == std::string_view::npos ? slash : slash - 1);
        const bool last = slash == std::string_view::npos;
        if (segment.starts_with('.') || (segment.empty() && !last)) {
            return false;
        }
        path = last ? std::string_view() : path.substr(slash);
    }
    return true;
}

/// The regular file, with all links resolved, if it lies within `directory`.
std::filesystem::path inside(const std::filesystem::path& directory, std::string_view path) {
    std::error_code error;
    const auto root = std::filesystem::canonical(directory, error);
    if (error) {
        return {};
    }
    const auto file = std::filesystem::canonical(root / path.substr(1), error);
    if (error || !std::filesystem::is_regular_file(file, error)) {
        return {};
    }
    const auto [end, unused] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
    return end == root.end() ? file : std::filesystem::path();
}

Response not_found() { return error_response({Code::not_found, "there is no such file"}); }

} // namespace

Response static_file(const std::filesystem::path& directory, std::string_view path,
                     std::string_view if_none_match) {
    if (!plain(path)) {
        return error_response({Code::malformed, "this path cannot name a file"});
    }
    auto file = inside(directory, path);
    if (file.empty()) {
        const bool app_route = path.substr(path.rfind('/')).find('.') == std::string_view::npos;
        file = app_route && !path.starts_with("/assets/") ? inside(directory, "/index.html") : file;
    }
    std::error_code error;
    const auto size = file.empty() ? 0 : std::filesystem::file_size(file, error);
    if (file.empty() || error || size > kMaxFileBytes) {
        return not_found();
    }
    const auto changed = std::filesystem::last_write_time(file, error).time_since_epoch().count();
    const std::string tag = "\"" + std::to_string(size) + "-" + std::to_string(changed) + "\"";
    Response response{.status = 200, .content_type = std::string(type_of(file)), .body = {}, .headers = {}};
    response.headers = {
        {"ETag", tag},
        {"Cache-Control", path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache"}};
    if (tag == if_none_match) {
        response.status = 304;
        response.content_type.clear();
        return response;
    }
    std::ifstream in(file, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    if (!in) {
        return not_found();
    }
    response.body = std::move(bytes).str();
    return response;
}

} // namespace masthead::http
