// Which times are covered by recordings.
#pragma once

#include "plugins/bytes/utc.hpp"

#include <chrono>
#include <vector>

namespace masthead::archive {

struct Range {
    Utc from;
    Utc to; // exclusive
    friend bool operator==(const Range&, const Range&) = default;
};

/// In the order of time; ranges that overlap, or are not further apart than `resolution`, are one.
[[nodiscard]] std::vector<Range> joined(std::vector<Range> ranges, std::chrono::microseconds resolution);

} // namespace masthead::archive
