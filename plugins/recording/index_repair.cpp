#include "plugins/recording/index_repair.hpp"

#include "plugins/recording/frame_reader.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace masthead::recording {

namespace {

constexpr std::size_t kChunk = 1 << 20;

/// What a file's bytes say.
struct Scan {
    std::string lines; // of its index, without those of the last GOP
    GopTally tally;    // which holds the last GOP
    FrameReader reader;

    Result<void> run(const std::filesystem::path& recording) {
        std::ifstream file(recording, std::ios::binary);
        if (!file) {
            return fail(Code::not_found, recording.string() + " cannot be read");
        }
        Bytes chunk(kChunk);
        while (file) {
            file.read(reinterpret_cast<char*>(chunk.data()), kChunk);
            const auto size = static_cast<std::size_t>(file.gcount());
            reader.feed(ByteSpan(chunk).first(size),
                        [this](const FrameFacts& frame) { tally.take(frame, lines); });
        }
        return {};
    }
};

/// A lock that says: nobody writes it. Goes with this.
class Lock {
  public:
    explicit Lock(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
        locked_ = fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
    }
    ~Lock() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    [[nodiscard]] bool open() const noexcept { return fd_ >= 0; }
    [[nodiscard]] bool held() const noexcept { return locked_; }
    [[nodiscard]] bool cut(std::uint64_t size) const {
        return ::ftruncate(fd_, static_cast<off_t>(size)) == 0;
    }

  private:
    int fd_;
    bool locked_ = false;
};

tl::unexpected<Error> broken(const std::filesystem::path& path, const char* what) {
    return fail(Code::unavailable, path.string() + " " + what + ": " + std::strerror(errno));
}

Result<void> replace_index(const std::filesystem::path& recording, const std::string& text) {
    const std::filesystem::path index = index_of(recording);
    std::filesystem::path fresh = index;
    fresh += ".new";
    {
        std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
        file << text;
        file.close();
        if (!file) {
            return broken(fresh, "cannot be written");
        }
    }
    std::error_code error;
    std::filesystem::rename(fresh, index, error);
    return error ? fail(Code::unavailable, index.string() + " cannot be written: " + error.message())
                 : Result<void>();
}

bool is_complete(const std::filesystem::path& recording, std::uint64_t size) {
    const auto index = load_index(recording);
    if (!index || index->gops.empty()) {
        return false;
    }
    const Gop& last = index->gops.back();
    return last.offset + last.bytes == size;
}

/// Nothing had reached the disk.
Repair remove_empty(const std::filesystem::path& recording) {
    std::error_code error;
    std::filesystem::remove(recording, error);
    std::filesystem::remove(index_of(recording), error);
    return Repair::removed;
}

} // namespace

Result<Index> load_index(const std::filesystem::path& recording, Read read) {
    const std::filesystem::path path = index_of(recording);
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        return fail(Code::not_found, path.string() + " cannot be read");
    }
    std::string text(size, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount())); // shorter than it was a moment ago
    auto index = parse_index(text, read);
    return index ? index : fail(index.error().code, path.string() + ": " + index.error().message);
}

Result<std::string> scan(const std::filesystem::path& recording) {
    Scan scan;
    if (auto read = scan.run(recording); !read) {
        return tl::unexpected(read.error());
    }
    scan.tally.finish(scan.reader.whole(), scan.lines);
    if (scan.reader.whole() == 0 || scan.lines.empty() || !scan.reader.codec()) {
        return fail(Code::malformed, recording.string() + " has no video that can be played");
    }
    return header_line(*scan.reader.codec()) + scan.lines;
}

Result<Repair> repair(const std::filesystem::path& recording) {
    const Lock lock(recording);
    if (!lock.open()) {
        return broken(recording, "cannot be opened");
    }
    if (!lock.held()) {
        return Repair::busy;
    }
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(recording, error);
    if (!error && is_complete(recording, size)) {
        return Repair::not_needed;
    }
    if (!error && size == 0) {
        return remove_empty(recording);
    }
    Scan first;
    if (auto read = first.run(recording); !read) {
        return tl::unexpected(read.error());
    }
    const std::uint64_t whole = first.reader.whole();
    if (first.reader.codec() && whole > 0 && whole < size && !lock.cut(whole)) {
        return broken(recording, "cannot be cut where its last frame is not whole");
    }
    const auto text = scan(recording);
    if (!text) {
        return tl::unexpected(text.error());
    }
    const auto written = replace_index(recording, *text);
    return written ? Result<Repair>(Repair::done) : tl::unexpected(written.error());
}

} // namespace masthead::recording
