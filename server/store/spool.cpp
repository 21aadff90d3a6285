// The spool file.
#include "server/store/spool.hpp"

#include "plugins/bytes/bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace masthead::store {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::uint32_t kMaxRecordBytes = 64u << 20;

std::uint32_t fnv1a(std::string_view bytes) {
    std::uint32_t hash = 2166136261u;
    for (const char c : bytes) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    }
    return hash;
}

tl::unexpected<Error> disk_failure(const char* what) {
    return fail(Code::unavailable, std::string("spool: ") + what + ": " + std::strerror(errno));
}

struct Header {
    std::uint32_t length = 0;
    std::uint32_t hash = 0;
};

std::optional<Header> read_header(int fd, std::uint64_t at) {
    std::byte bytes[kHeaderBytes];
    if (pread(fd, bytes, kHeaderBytes, static_cast<off_t>(at)) != static_cast<ssize_t>(kHeaderBytes)) {
        return std::nullopt;
    }
    ByteReader reader{ByteSpan(bytes)};
    const auto length = reader.uint_be(4);
    const auto hash = reader.uint_be(4);
    return Header{static_cast<std::uint32_t>(*length), static_cast<std::uint32_t>(*hash)};
}

std::optional<std::string> read_record(int fd, std::uint64_t at) {
    const auto header = read_header(fd, at);
    if (!header || header->length > kMaxRecordBytes) {
        return std::nullopt;
    }
    std::string record(header->length, '\0');
    const auto got = pread(fd, record.data(), record.size(), static_cast<off_t>(at + kHeaderBytes));
    if (got != static_cast<ssize_t>(record.size()) || fnv1a(record) != header->hash) {
        return std::nullopt;
    }
    return record;
}

/// Where the last whole record ends.
std::uint64_t whole_size(int fd) {
    std::uint64_t at = 0;
    while (const auto record = read_record(fd, at)) {
        at += kHeaderBytes + record->size();
    }
    return at;
}

} // namespace

Result<Spool> Spool::open(const std::filesystem::path& file, std::uint64_t max_bytes) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return disk_failure(file.c_str());
    }
    Spool spool(fd, whole_size(fd), max_bytes);
    if (ftruncate(fd, static_cast<off_t>(spool.size_)) != 0) {
        return disk_failure(file.c_str());
    }
    return spool;
}

Spool::Spool(Spool&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), size_(other.size_), max_bytes_(other.max_bytes_),
      read_at_(other.read_at_) {}

Spool::~Spool() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

Result<void> Spool::append(std::string_view record) {
    if (record.size() > kMaxRecordBytes || size_ + kHeaderBytes + record.size() > max_bytes_) {
        return fail(Code::too_large, "the spool is full");
    }
    ByteWriter writer;
    writer.uint_be(record.size(), 4);
    writer.uint_be(fnv1a(record), 4);
    writer.append(as_bytes(record));
    const auto bytes = writer.view();
    const auto written = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written != static_cast<ssize_t>(bytes.size()) || fdatasync(fd_) != 0) {
        const auto failed = disk_failure("writing");
        // What was half written would hide every later record.
        const int cut = ftruncate(fd_, static_cast<off_t>(size_));
        return cut == 0 ? failed : disk_failure("cutting off what was half written");
    }
    size_ += bytes.size();
    return {};
}

Result<std::optional<std::string>> Spool::front() const {
    if (empty()) {
        return std::nullopt;
    }
    auto record = read_record(fd_, read_at_);
    if (!record) {
        return fail(Code::unavailable, "spool: a record that was written cannot be read back");
    }
    return record;
}

Result<void> Spool::pop() {
    if (empty()) {
        return {};
    }
    const auto header = read_header(fd_, read_at_);
    read_at_ = header ? read_at_ + kHeaderBytes + header->length : size_;
    if (empty() && size_ > 0) {
        if (ftruncate(fd_, 0) != 0 || fdatasync(fd_) != 0) {
            return disk_failure("emptying");
        }
        size_ = 0;
        read_at_ = 0;
    }
    return {};
}

} // namespace masthead::store
