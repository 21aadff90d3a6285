#include "server/api/recorded_files.hpp"

#include "plugins/glib/log.hpp"
#include "plugins/recording/file_names.hpp"
#include "plugins/recording/index_repair.hpp"

#include <fstream>
#include <iterator>

namespace masthead::api {

namespace {

/// Of an index, from `offset` on, to its last line end.
Result<std::string> whole_lines(const std::filesystem::path& index, std::int64_t offset) {
    std::ifstream file(index, std::ios::binary);
    file.seekg(offset);
    if (!file) {
        return fail(Code::not_found, index.string() + " cannot be read");
    }
    std::string text{std::istreambuf_iterator<char>(file), {}};
    text.resize(text.rfind('\n') + 1);
    return text;
}

/// Whether nothing was added since, and nothing is unfinished.
bool is_known(const std::filesystem::path& path, const store::KnownRecording& known) {
    std::error_code error;
    const auto index_bytes = std::filesystem::file_size(recording::index_of(path), error);
    const auto bytes = error ? 0 : std::filesystem::file_size(path, error);
    return !error && static_cast<std::int64_t>(index_bytes) == known.index_bytes &&
           static_cast<std::int64_t>(bytes) == known.bytes;
}

/// "DAY/TIME.ts": relative to the camera's playlist.
std::string uri_of(const store::RecordingRow& row) {
    return row.file.substr(row.vehicle.size() + row.camera.size() + 2);
}

} // namespace

Result<void> catalog(store::Connection& connection, const std::filesystem::path& root,
                     const std::string& file) {
    const auto path = root / file;
    const auto known = store::known_recording(connection, file);
    if (!known) {
        return tl::unexpected(known.error());
    }
    if (is_known(path, *known)) {
        return {};
    }
    if (const auto repaired = recording::repair(path); !repaired) {
        return tl::unexpected(repaired.error());
    } else if (*repaired == recording::Repair::done) {
        log(LogLevel::info, "a recording that a crash had left unfinished is in order again",
            {{"file", file}});
    } else if (*repaired == recording::Repair::removed) {
        return {};
    }
    const auto text = whole_lines(recording::index_of(path), known->index_bytes);
    if (!text || text->empty()) {
        return text ? Result<void>() : tl::unexpected(text.error());
    }
    recording::Index index;
    std::size_t head = 0;
    if (known->index_bytes == 0) {
        head = text->find('\n') + 1;
        const auto codec = recording::parse_header(std::string_view(*text).substr(0, head - 1));
        if (!codec) {
            return fail(codec.error().code, file + ": " + codec.error().message);
        }
        index.codec = *codec;
    }
    if (const auto read = recording::parse_lines(std::string_view(*text).substr(head), index); !read) {
        return fail(read.error().code, file + ": its index, " + read.error().message);
    }
    return store::add_to_recording(connection, file, index,
                                   known->index_bytes + static_cast<std::int64_t>(text->size()));
}

std::vector<std::string> files_under(const std::filesystem::path& root) {
    std::vector<std::string> names;
    for (const auto& path : recording::recordings_under(root)) {
        names.push_back(path.lexically_relative(root));
    }
    return names;
}

std::vector<recordings::PlaylistFile> playlist_files(const std::filesystem::path& root,
                                                     const std::vector<store::RecordingRow>& rows) {
    std::vector<recordings::PlaylistFile> files;
    for (const store::RecordingRow& row : rows) {
        auto index = recording::load_index(root / row.file, recording::Read::gops);
        if (!index) {
            log(LogLevel::warning, "a recording's index cannot be read", {{"reason", index.error().message}});
            continue;
        }
        std::error_code error;
        files.push_back({.uri = uri_of(row),
                         .gops = std::move(index->gops),
                         .number = row.number,
                         .first_gop = row.first_gop,
                         .missing = !std::filesystem::exists(root / row.file, error)});
    }
    return files;
}

} // namespace masthead::api
