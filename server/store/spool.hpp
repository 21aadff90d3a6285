// A bounded file of records that wait for the database: appended and fsynced, read in order, emptied when all
// is done.
#pragma once

#include "plugins/bytes/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace masthead::store {

/// Record: u32 length, u32 FNV-1a of the bytes, the bytes; big-endian. A torn record at the end (power cut)
/// is cut off when the file is opened. After a restart, records that had been read but not cleared come
/// again: what they do must bear that. Thread: any one at a time.
class Spool {
  public:
    /// Makes the file, readable by its owner only. Errors: unavailable (cannot be made, read or written).
    [[nodiscard]] static Result<Spool> open(const std::filesystem::path& file, std::uint64_t max_bytes);
    ~Spool();
    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&& other) = delete;

    /// On disk when this returns. Errors: too_large (the spool is full), unavailable (the disk refuses).
    [[nodiscard]] Result<void> append(std::string_view record);
    /// The oldest record not yet taken; nothing at the end. Error: unavailable.
    [[nodiscard]] Result<std::optional<std::string>> front() const;
    /// Moves past front(); at the end the file is emptied.
    [[nodiscard]] Result<void> pop();
    [[nodiscard]] bool empty() const noexcept { return read_at_ == size_; }

  private:
    Spool(int fd, std::uint64_t size, std::uint64_t max_bytes)
        : fd_(fd), size_(size), max_bytes_(max_bytes) {}

    int fd_;
    std::uint64_t size_;
    std::uint64_t max_bytes_;
    std::uint64_t read_at_ = 0;
};

} // namespace masthead::store
