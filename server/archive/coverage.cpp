#include "server/archive/coverage.hpp"

#include <algorithm>

namespace masthead::archive {

std::vector<Range> joined(std::vector<Range> ranges, std::chrono::microseconds resolution) {
    std::ranges::sort(ranges, {}, &Range::from);
    std::vector<Range> all;
    for (const Range& range : ranges) {
        if (!all.empty() && range.from - all.back().to <= resolution) {
            all.back().to = std::max(all.back().to, range.to);
        } else {
            all.push_back(range);
        }
    }
    return all;
}

} // namespace masthead::archive
