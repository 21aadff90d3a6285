// A file that is being made, and what is known of one that is there.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace masthead::recording_tool {

/// Errors: unavailable (the disk does not let us; the sentence says why).
class OutputFile {
  public:
    explicit OutputFile(std::filesystem::path path);
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] Result<void> write(std::string_view text);
    [[nodiscard]] Result<void> write(ByteSpan bytes) { return write(as_text(bytes)); }
    /// Nothing more comes; it is on the disk as far as the system knows.
    [[nodiscard]] Result<void> close();

  private:
    [[nodiscard]] tl::unexpected<Error> broken() const;
    std::filesystem::path path_;
    std::ofstream stream_;
};

/// The whole of a small file.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view text);

struct FileFacts {
    std::string name;
    std::uint64_t bytes = 0;
    std::string sha256; // hexadecimal
};
/// Reads all of it. `progress` is told the bytes read so far. Error: unavailable.
[[nodiscard]] Result<FileFacts> facts_of(const std::filesystem::path& path,
                                         const std::function<void(std::uint64_t)>& progress);

} // namespace masthead::recording_tool
