// The folder of pipeline files, as texts.
#pragma once

#include "plugins/bytes/result.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace masthead::api {

inline constexpr std::size_t kMaxPipelineBytes = 128 * 1024;

/// The text of each NAME.yaml whose name is an id, by name; a file that cannot be read, or is larger than
/// kMaxPipelineBytes, holds why instead. Error: not_found (no such folder).
[[nodiscard]] Result<std::map<std::string, Result<std::string>>>
read_pipeline_files(const std::filesystem::path& folder);

/// A text on its way into the folder: it is written beside the file at once, takes its place with commit(),
/// and goes away without it.
class PipelineFileWrite {
  public:
    /// Error: unavailable, with what the system says.
    [[nodiscard]] static Result<PipelineFileWrite> prepare(const std::filesystem::path& folder,
                                                           const std::string& name, const std::string& text);
    PipelineFileWrite(PipelineFileWrite&& other) noexcept;
    PipelineFileWrite& operator=(PipelineFileWrite&&) = delete;
    ~PipelineFileWrite();

    [[nodiscard]] Result<void> commit();

  private:
    PipelineFileWrite(std::filesystem::path temporary, std::filesystem::path target);
    std::filesystem::path temporary_; // empty: nothing to clean up
    std::filesystem::path target_;
};

} // namespace masthead::api
