// Where an imported recording comes to stand: made in a hidden folder beside, moved into the camera's when it
// is whole.
#pragma once

#include "plugins/bytes/result.hpp"
#include "plugins/bytes/utc.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace masthead::recording_tool {

/// A hidden folder under the recordings', gone with this. It is locked as long as its maker lives, so that
/// what a killed import left is known and removed by the next one.
class ImportPlace {
  public:
    /// `camera`: RECORDINGS/VEHICLE/CAMERA; need not be there. Error: unavailable (the disk does not let us).
    [[nodiscard]] static Result<ImportPlace> create(const std::filesystem::path& recordings,
                                                    const std::filesystem::path& camera);
    ImportPlace(ImportPlace&& other) noexcept;
    ImportPlace& operator=(ImportPlace&&) = delete;
    ~ImportPlace();

    /// To record into: laid out as the camera's.
    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
    /// Moves all that was recorded to the camera, or nothing; gives the files, relative to the recordings'
    /// folder. Errors: unavailable, conflict (a file of that name is there).
    [[nodiscard]] Result<std::vector<std::string>> publish();

  private:
    ImportPlace(std::filesystem::path recordings, std::filesystem::path camera, std::filesystem::path folder,
                int lock)
        : recordings_(std::move(recordings)), camera_(std::move(camera)), folder_(std::move(folder)),
          lock_(lock) {}

    std::filesystem::path recordings_;
    std::filesystem::path camera_;
    std::filesystem::path folder_;
    int lock_ = -1;
};

/// Whether the camera has a recording of any part of [from, to): conflict, and which.
[[nodiscard]] Result<void> check_free(const std::filesystem::path& camera, Utc from, Utc to);

} // namespace masthead::recording_tool
