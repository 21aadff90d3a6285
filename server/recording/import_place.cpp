#include "server/recording/import_place.hpp"

#include "plugins/recording/file_names.hpp"
#include "plugins/recording/index_repair.hpp"
#include "plugins/recording/ticks.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace masthead::recording_tool {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = ".import-";
constexpr std::chrono::hours kLongestFile{24};

tl::unexpected<Error> broken(const fs::path& path, const char* what, const std::string& why) {
    return fail(Code::unavailable, path.string() + " " + what + ": " + why);
}

/// Negative: somebody has it, or it is not there.
int lock(const fs::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        return -1;
    }
    return fd;
}

void remove_leftovers(const fs::path& recordings) {
    std::error_code error;
    for (fs::directory_iterator entry(recordings, error), end; !error && entry != end;
         entry.increment(error)) {
        const fs::path folder = entry->path();
        if (!folder.filename().string().starts_with(kPrefix)) {
            continue;
        }
        if (const int fd = lock(folder); fd >= 0) {
            std::error_code ignored; // the next import tries again
            fs::remove_all(folder, ignored);
            ::close(fd);
        }
    }
}

/// Never over a file that is there.
Result<void> move_file(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (error) {
        return broken(to.parent_path(), "cannot be made", error.message());
    }
    int failure =
        ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
    if (failure == EINVAL && !fs::exists(to, error)) { // a file system that cannot do both at once
        failure = ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
    }
    if (failure == EEXIST || failure == EINVAL) {
        return fail(Code::conflict, to.string() + " is there already");
    }
    return failure == 0 ? Result<void>() : broken(to, "cannot be put in its place", std::strerror(failure));
}

std::string day_of(Utc time) { return to_iso8601(time).substr(0, 10); }

struct Span {
    Utc from;
    Utc to;
};

std::optional<Span> span_of(const fs::path& file) {
    const auto index = recording::load_index(file, recording::Read::gops);
    if (!index || index->gops.empty()) {
        return std::nullopt;
    }
    Span span{index->gops.front().time, index->gops.front().time};
    for (const recording::Gop& gop : index->gops) {
        span.from = std::min(span.from, gop.time);
        span.to = std::max(span.to, gop.time + recording::duration_of(gop.ticks));
    }
    return span;
}

} // namespace

Result<ImportPlace> ImportPlace::create(const fs::path& recordings, const fs::path& camera) {
    std::error_code error;
    fs::create_directories(recordings, error);
    if (error) {
        return broken(recordings, "cannot be made", error.message());
    }
    remove_leftovers(recordings);
    std::string name = recordings / (std::string(kPrefix) + "XXXXXX");
    if (!::mkdtemp(name.data())) {
        return broken(recordings, "cannot be written", std::strerror(errno));
    }
    return ImportPlace(recordings, camera, name, lock(name));
}

ImportPlace::ImportPlace(ImportPlace&& other) noexcept
    : recordings_(std::move(other.recordings_)), camera_(std::move(other.camera_)),
      folder_(std::exchange(other.folder_, {})), lock_(std::exchange(other.lock_, -1)) {}

ImportPlace::~ImportPlace() {
    if (!folder_.empty()) {
        std::error_code ignored; // the next import tries again
        fs::remove_all(folder_, ignored);
    }
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

Result<std::vector<std::string>> ImportPlace::publish() {
    std::vector<std::string> published;
    std::vector<fs::path> moved;
    const auto undo = [&](const Error& error) {
        for (const fs::path& path : moved) {
            std::error_code ignored; // what cannot be removed is named below, with what went wrong
            fs::remove(path, ignored);
        }
        return tl::unexpected(error);
    };
    for (const fs::path& file : recording::recordings_under(folder_)) {
        const fs::path to = camera_ / file.lexically_relative(folder_);
        // The index first: a recording without one would be read through by whoever finds it.
        for (const auto& [source, target] :
             {std::pair(recording::index_of(file), recording::index_of(to)), std::pair(file, to)}) {
            if (const auto done = move_file(source, target); !done) {
                return undo(done.error());
            }
            moved.push_back(target);
        }
        published.push_back(to.lexically_relative(recordings_));
    }
    return published;
}

Result<void> check_free(const fs::path& camera, Utc from, Utc to) {
    const std::string first_day = day_of(from - kLongestFile);
    const std::string last_day = day_of(to);
    for (const fs::path& file : recording::recordings_under(camera)) {
        const std::string day = file.parent_path().filename();
        if (day < first_day || day > last_day) {
            continue;
        }
        const auto span = span_of(file);
        if (span && span->from < to && from < span->to) {
            return fail(Code::conflict,
                        "this camera was recording then: " + file.lexically_relative(camera).string() +
                            " is from " + to_iso8601(span->from) + " to " + to_iso8601(span->to) +
                            ", this file from " + to_iso8601(from) + " to " + to_iso8601(to) +
                            "; give another camera or another start");
        }
    }
    return {};
}

} // namespace masthead::recording_tool
