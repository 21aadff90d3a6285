// Frames as a camera gives them, for tests of recordings: H.264 access units of random bytes, some with KLV.
#pragma once

#include "plugins/recording/file_writer.hpp"

#include <unistd.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace masthead::recording {

/// A folder of its own, gone with this.
class TemporaryFolder {
  public:
    TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "masthead-recording-XXXXXX") {
        std::string name = path_.string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

inline constexpr ts::Ticks kFrameTicks = 3'003;
inline constexpr Utc kSceneStart{1'795'000'000'000'000};

/// 29.97 frames a second, a key frame every `gop`; every fifth frame has no metadata.
class Scene {
  public:
    explicit Scene(unsigned gop = 10, unsigned seed = 1) : gop_(gop), random_(seed) {}

    /// Borrows from this until the next call.
    Frame next() {
        Frame frame;
        frame.pts = 900'000 + number_ * kFrameTicks;
        frame.key = number_ % gop_ == 0;
        const Utc time = kSceneStart + std::chrono::microseconds(number_ * 33'367);
        frame.header.time_method = FrameTimeMethod::rtcp;
        frame.header.utc_us = static_cast<std::uint64_t>(time.us);
        unit_ = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1},
                 frame.key ? std::byte{0x65} : std::byte{0x41}};
        const std::size_t size =
            std::uniform_int_distribution<std::size_t>(1, frame.key ? 90'000 : 3'000)(random_);
        for (std::size_t i = 0; i < size; ++i) {
            unit_.push_back(static_cast<std::byte>(random_() | 1U)); // no start codes
        }
        frame.access_unit = unit_;
        klv_.clear();
        if (number_ % 5 != 4) {
            Sample sample{.time = time};
            sample.latitude_deg = 54.3 + static_cast<double>(number_) * 1e-5;
            sample.longitude_deg = 10.1;
            sample.heading_deg = 71.5;
            sample.frame_center = GeoPoint{54.31, 10.12};
            klv_ = *klv::encode(to_local_set(sample));
            frame.header.value_method = FrameValueMethod::measured;
        }
        frame.klv = klv_;
        ++number_;
        return frame;
    }
    [[nodiscard]] std::uint64_t frames() const noexcept { return number_; }

  private:
    unsigned gop_;
    std::mt19937 random_;
    std::uint64_t number_ = 0;
    Bytes unit_;
    Bytes klv_;
};

} // namespace masthead::recording
