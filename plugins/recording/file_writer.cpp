#include "plugins/recording/file_writer.hpp"

#include "plugins/recording/file_names.hpp"
#include "plugins/recording/ticks.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace masthead::recording {

namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr unsigned kMostOfOneInstant = 100;
constexpr ts::Ticks kLongestGap = 2 * 90'000;
constexpr std::chrono::microseconds kLargestJump{1'000'000};

} // namespace

/// A file descriptor that is closed with this.
class Recorder::Handle {
  public:
    /// Negative: errno says why.
    explicit Handle(const std::filesystem::path& path)
        : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640)) {}
    ~Handle() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_; }
    /// False: errno says why.
    [[nodiscard]] bool write(ByteSpan bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR) {
                return false;
            }
            bytes = bytes.subspan(written > 0 ? static_cast<std::size_t>(written) : 0);
        }
        return true;
    }

  private:
    int fd_;
};

Recorder::Recorder(RecorderSettings settings) : settings_(std::move(settings)), writer_(settings_.codec) {}

Recorder::~Recorder() { (void)finish(); }

tl::unexpected<Error> Recorder::broken(const std::string& what) const {
    return fail(Code::unavailable, path_.string() + " " + what + ": " + std::strerror(errno));
}

Result<void> Recorder::open(Utc start) {
    tally_ = {};
    size_ = whole_ = index_bytes_ = 0; // first: giving up goes by them
    for (unsigned again = 1; again < kMostOfOneInstant; ++again) {
        path_ = settings_.folder / (stem_of(start, again) + std::string(kExtension));
        std::error_code error;
        std::filesystem::create_directories(path_.parent_path(), error); // said below if it failed
        recording_ = std::make_unique<Handle>(path_);
        if (recording_->fd() >= 0 || errno != EEXIST) {
            break;
        }
    }
    if (recording_->fd() < 0) {
        recording_.reset();
        return broken("cannot be made");
    }
    ::flock(recording_->fd(), LOCK_EX | LOCK_NB); // tells a repair that it is being written
    index_ = std::make_unique<Handle>(index_of(path_));
    const std::string header = header_line(settings_.codec);
    if (index_->fd() < 0 || !index_->write(as_bytes(header))) {
        const auto why = broken("cannot have an index beside it");
        give_up();
        return why;
    }
    index_bytes_ = header.size();
    return {};
}

Result<void> Recorder::flush() {
    if (!recording_->write(waiting_)) {
        const auto why = broken("cannot be written");
        give_up();
        return why;
    }
    waiting_.clear();
    return {};
}

/// What the lines speak of is on the disk first.
Result<void> Recorder::commit(const std::string& lines) {
    const std::uint64_t end = size_;
    if (auto flushed = flush(); !flushed) {
        return flushed;
    }
    if (::fdatasync(recording_->fd()) != 0 || !index_->write(as_bytes(lines))) {
        const auto why = broken("cannot be written");
        give_up();
        return why;
    }
    whole_ = end;
    index_bytes_ += lines.size();
    return {};
}

/// The file ends at its last whole GOP; an empty one goes.
void Recorder::give_up() {
    waiting_.clear();
    if (recording_ && ::ftruncate(recording_->fd(), static_cast<off_t>(whole_)) == 0 && index_ &&
        index_->fd() >= 0) {
        (void)::ftruncate(index_->fd(), static_cast<off_t>(index_bytes_));
    }
    recording_.reset();
    index_.reset();
    if (whole_ == 0) {
        std::error_code error;
        std::filesystem::remove(path_, error);
        std::filesystem::remove(index_of(path_), error);
    }
}

bool Recorder::is_over(const Frame& key_frame) const {
    const ts::Ticks step = ticks_between(last_pts_, key_frame.pts);
    const auto by_clock = Utc{static_cast<std::int64_t>(key_frame.header.utc_us)} - last_time_;
    const auto drift = by_clock - duration_of(step);
    return ticks_between(began_, key_frame.pts) >= settings_.longest || size_ >= settings_.largest ||
           step > kLongestGap || drift > kLargestJump || drift < -kLargestJump;
}

Result<void> Recorder::take(const Frame& frame) {
    const Utc time{static_cast<std::int64_t>(frame.header.utc_us)};
    if (frame.key && recording_) {
        std::string lines;
        tally_.finish(size_, lines);
        if (auto committed = commit(lines); !committed) {
            return committed;
        }
        if (is_over(frame)) {
            recording_.reset();
            index_.reset();
        }
    }
    if (!recording_) {
        if (!frame.key) {
            return {};
        }
        if (auto opened = open(time); !opened) {
            return opened;
        }
        began_ = frame.pts;
    }
    const std::size_t before = waiting_.size();
    writer_.write(frame, waiting_);
    std::string none; // a key frame's lines were told above
    tally_.take({.offset = size_, .pts = frame.pts, .key = frame.key, .time = time, .klv = frame.klv}, none);
    size_ += waiting_.size() - before;
    bytes_ += waiting_.size() - before;
    ++frames_;
    last_pts_ = frame.pts;
    last_time_ = time;
    return waiting_.size() < kChunk ? Result<void>() : flush();
}

Result<void> Recorder::finish() {
    if (!recording_) {
        return {};
    }
    std::string lines;
    tally_.finish(size_, lines);
    auto committed = commit(lines);
    recording_.reset();
    index_.reset();
    return committed;
}

} // namespace masthead::recording
