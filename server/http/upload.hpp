// Bodies that are too large for memory: they go to disk as they come.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <utility>

namespace masthead::http {

struct Request;

/// Where the bodies of a route go.
struct Upload {
    std::filesystem::path folder; // is there
    std::uint64_t max_bytes = 0;
    int keep_free_percent = 0; // of the disk
    /// Asked before the body is read, so that what cannot be is refused before it is sent.
    std::function<Result<void>(const Request&)> check = {};
};

/// A body as a file. It goes with this unless it is taken.
class UploadedFile {
  public:
    UploadedFile(std::filesystem::path path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}
    ~UploadedFile();
    UploadedFile(const UploadedFile&) = delete;
    UploadedFile& operator=(const UploadedFile&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// Whoever asks owns the file from now on.
    [[nodiscard]] std::filesystem::path take() noexcept { return std::exchange(path_, {}); }

  private:
    std::filesystem::path path_;
    std::uint64_t bytes_;
};

inline constexpr const char* kUploadPrefix = ".upload-";

/// What a server that was killed left there.
void remove_unfinished_uploads(const std::filesystem::path& folder);

} // namespace masthead::http
