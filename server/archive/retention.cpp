#include "server/archive/retention.hpp"

#include <algorithm>

namespace masthead::archive {

namespace {

constexpr std::chrono::hours kDay{24};
constexpr std::uint64_t kGigabyte = 1'000'000'000;

bool may_go(const KeptFile& file) { return !file.is_protected && !file.is_open; }

KeepRule rule_of(const Retention& retention, const CameraKey& camera) {
    const auto found = retention.rules.find(camera);
    return found == retention.rules.end() ? retention.otherwise : found->second;
}

} // namespace

std::vector<Removal> removals(std::vector<KeptFile> files, const Retention& retention, const Disk& disk,
                              Utc now) {
    std::ranges::sort(files, [](const KeptFile& a, const KeptFile& b) {
        return std::tie(a.began, a.file) < std::tie(b.began, b.file);
    });
    std::map<CameraKey, std::uint64_t> sizes;
    for (const KeptFile& file : files) {
        sizes[file.camera] += file.bytes;
    }
    std::uint64_t free = disk.free;
    std::vector<Removal> gone;
    const auto remove = [&](const KeptFile& file, Reason reason) {
        gone.push_back({file.file, reason});
        sizes[file.camera] -= file.bytes;
        free += file.bytes;
    };
    std::vector<KeptFile> left;
    for (const KeptFile& file : files) {
        const KeepRule rule = rule_of(retention, file.camera);
        const bool old = rule.days > 0 && now - file.ended > kDay * rule.days;
        const bool large =
            rule.gigabytes > 0 && sizes[file.camera] > static_cast<std::uint64_t>(rule.gigabytes) * kGigabyte;
        if (may_go(file) && (old || large)) {
            remove(file, old ? Reason::age : Reason::size);
        } else {
            left.push_back(file);
        }
    }
    for (const KeptFile& file : left) {
        if (free >= retention.keep_free) {
            break;
        }
        if (may_go(file)) {
            remove(file, Reason::disk);
        }
    }
    return gone;
}

bool touches(const std::vector<Range>& ranges, Utc began, Utc ended) {
    return std::ranges::any_of(ranges,
                               [&](const Range& range) { return range.from < ended && began < range.to; });
}

std::optional<double> days_until_full(const std::vector<KeptFile>& files, const Disk& disk,
                                      std::uint64_t keep_free, Utc now) {
    std::uint64_t bytes = 0;
    Utc first = now;
    for (const KeptFile& file : files) {
        if (now - file.ended < kDay) {
            bytes += file.bytes;
            first = std::min(first, file.began);
        }
    }
    const auto lasted = std::chrono::duration<double>(std::min<std::chrono::microseconds>(now - first, kDay));
    if (bytes == 0 || lasted.count() < 60) {
        return std::nullopt;
    }
    const double per_day = static_cast<double>(bytes) / lasted.count() * 86'400;
    const double room = disk.free > keep_free ? static_cast<double>(disk.free - keep_free) : 0;
    return room / per_day;
}

} // namespace masthead::archive
