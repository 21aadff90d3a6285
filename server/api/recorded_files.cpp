#include "server/api/recorded_files.hpp"

#include "plugins/glib/log.hpp"
#include "plugins/recording/file_names.hpp"
#include "plugins/recording/index_repair.hpp"
#include "server/control/protocol.hpp"

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

/// Both are kept and played; who looks at that time should know.
Result<void> warn_of_overlap(store::Connection& connection, const std::string& file) {
    const auto other = store::overlapping_recording(connection, file);
    if (!other) {
        return tl::unexpected(other.error());
    }
    if (*other) {
        log(LogLevel::warning,
            "a time was recorded twice by one camera: a clock stepped back, or two recorders ran",
            {{"file", file}, {"other", **other}});
    }
    return {};
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
    if (const auto added = store::add_to_recording(
            connection, file, index, known->index_bytes + static_cast<std::int64_t>(text->size()));
        !added) {
        return added;
    }
    return known->index_bytes == 0 ? warn_of_overlap(connection, file) : Result<void>();
}

/// Slots are single names of no folder: the router splits at every slash, and ".." has none of the right
/// shape.
std::optional<std::filesystem::path> recorded_path(const std::filesystem::path& root,
                                                   const http::Request& request) {
    const std::string& name = request.slots.at("file");
    const std::string& day = request.slots.at("day");
    const bool named = control::is_id(request.slots.at("id")) && control::is_id(request.slots.at("camera")) &&
                       name.ends_with(recording::kExtension) &&
                       name.find_first_of("/\\") == std::string::npos &&
                       day.find_first_not_of("0123456789-") == std::string::npos;
    return named ? std::optional(root / request.slots.at("id") / request.slots.at("camera") / day / name)
                 : std::nullopt;
}

Result<Bytes> read_bytes(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t bytes) {
    std::ifstream file(path, std::ios::binary);
    Bytes read(bytes);
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(reinterpret_cast<char*>(read.data()), static_cast<std::streamsize>(bytes));
    return file ? Result<Bytes>(std::move(read))
                : fail(Code::not_found,
                       path.filename().string() +
                           " has no such bytes (any more): it was removed, or its disk is missing");
}

std::vector<std::string> files_under(const std::filesystem::path& root) {
    std::vector<std::string> names;
    for (const auto& path : recording::recordings_under(root)) {
        names.push_back(path.lexically_relative(root));
    }
    return names;
}

std::vector<archive::PlaylistFile> playlist_files(const std::filesystem::path& root,
                                                  const std::vector<store::RecordingRow>& rows) {
    std::vector<archive::PlaylistFile> files;
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
