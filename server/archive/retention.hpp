// Which recordings go: for their age, for the size of their camera's, and because the disk is full.
#pragma once

#include "plugins/bytes/utc.hpp"
#include "server/archive/coverage.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace masthead::archive {

using CameraKey = std::pair<std::string, std::string>; // vehicle, camera

struct KeptFile {
    std::string file;
    CameraKey camera;
    Utc began;
    Utc ended;
    std::uint64_t bytes = 0;
    bool is_protected = false; // never goes
    bool is_open = false;      // is being written: never goes
};

struct KeepRule {
    int days = 30;     // 0: for ever
    int gigabytes = 0; // 0: no limit
};

struct Disk {
    std::uint64_t free = 0; // bytes
    std::uint64_t total = 0;
};

struct Retention {
    std::map<CameraKey, KeepRule> rules; // of cameras that there are; others have `otherwise`
    KeepRule otherwise;
    std::uint64_t keep_free = 0; // bytes of the disk
};

enum class Reason : std::uint8_t { age, size, disk };
struct Removal {
    std::string file;
    Reason reason;
    friend bool operator==(const Removal&, const Removal&) = default;
};

/// In the order in which they go, the oldest first. Of the disk's free space at most the files' own sizes are
/// expected back. Pure.
[[nodiscard]] std::vector<Removal> removals(std::vector<KeptFile> files, const Retention& retention,
                                            const Disk& disk, Utc now);

/// Whether one of `ranges` (any order) touches [began, ended).
[[nodiscard]] bool touches(const std::vector<Range>& ranges, Utc began, Utc ended);

/// Days until the disk has no more than `keep_free`, at the rate of the last day's recordings; nothing: it
/// does not fill. Files that will go for their age are not counted on.
[[nodiscard]] std::optional<double> days_until_full(const std::vector<KeptFile>& files, const Disk& disk,
                                                    std::uint64_t keep_free, Utc now);

} // namespace masthead::archive
